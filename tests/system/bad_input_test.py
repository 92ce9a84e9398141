"""Bad usage, configurations and images: status 125 and a message that says what is wrong."""
import json
import os
import resource
import subprocess
import unittest

from support import CONFIGS, LOOP, MEMIO, SW, SystemTest, words


class BadInput(SystemTest):
    def test_options(self):
        self.refuses(["a command is missing"])
        self.refuses(["\"fly\"", "run, config"], "fly")
        self.refuses(["\"quantun\"", "\"quantum\""], "run", "--quantun", "1us")
        self.refuses(["mmu.dtlb.entries", "\"x\"", "allowed"], "run", "--dtlb-entries", "x")
        self.refuses(["max-instructions", "\"-1\""], "run", "--max-instructions", "-1")
        self.refuses(["console", "file:OUT"], "run", "--bios", "none", "--kernel", self.file("g", LOOP), "--console",
                     "printer")
        self.refuses(["host.drop-caches", "allowed"], "config", "--host.drop-caches", str(1 << 63))
        self.refuses(["mmu.dtlb.ways", "divisor"], "config", "--mmu.dtlb.ways", "5")

    def test_configuration_files(self):
        self.refuses(["/nowhere.ini", "No such file"], "run", "/nowhere.ini")
        bad = self.file("bad.ini", b"[mmu.dtlb]\nentries = 4\nwayz = 2\n")
        self.refuses([bad + ":3", "mmu.dtlb.wayz", "mmu.dtlb.ways"], "run", bad)
        bad = self.file("bad.ini", b"quantum = 1us\n\x01garbage\n")
        self.refuses([bad + ":2"], "run", "--config", bad)
        bad = self.file("bad.ini", b"quantum = 1us\nquantum = 2us\n")
        self.refuses([bad + ":2", "twice"], "run", "--config", bad)

    def test_images_as_configurations(self):
        for content, named in ((b"\x7fELF\x02\x01\x01" + b"\0" * (2 << 20), "an ELF file"),
                               (b"quantum = 1us\n\0", "binary"), (LOOP, "binary")):
            self.refuses([self.path("image") + " is " + named, "--kernel"], "run", self.file("image", content))

    def test_packed_images(self):
        # What each program writes first; lzma begins with its parameters and a size, here an unknown one.
        for program, begin in (("gzip", "1f8b08"), ("bzip2", "425a68393141592653 59"), ("xz", "fd377a585a00"),
                               ("zstd", "28b52ffd"), ("lz4", "04224d18"), ("lz4", "02214c18"),
                               ("lzop", "894c5a4f000d0a1a0a"), ("lzma", "5d00008000ffffffffffffffff"),
                               ("lzma", "5d000000040010000000000000")):
            image = self.file("Image", bytes.fromhex(begin) + b"\0" * 100)
            for option, other in (("--kernel", "--bios"), ("--bios", "--kernel")):
                self.refuses(["it is compressed", "by %s -dc < %s" % (program, image)], "run", option, image, other, "none")
        # Code that begins with c.nop and its hint, as lzma does.
        self.bare(bytes.fromhex("5d000000") + LOOP * 4, "--cpu.isa", "rv64imac", "--max-instructions", "1", status=124)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_what_memios_own_software_needs(self):
        guest = self.file("guest", LOOP)
        for isa in ("rv64i", "rv64imc", "rv64iac", "rv32ima", "rv32emac"):
            self.refuses(["cpu.isa", isa, "with i, m, a and c", "unless --bios names another\n"], "run", "--cpu.isa", isa)
            self.refuses(["unless --bios or --kernel names another\n"], "run", "--cpu.isa", isa, "--bios", "none")
            self.memio("run", "--cpu.isa", isa, "--dump-dtb", self.path("tree"), status=0)
            self.refuses(["cpu.isa", isa], "run", "--cpu.isa", isa, "--kernel", guest)
            self.bare(LOOP, "--cpu.isa", isa, "--max-instructions", "9", status=124)
        self.refuses(["\"none\" for kernel", "--bios"], "run", "--kernel", "none")
        self.memio("run", "--kernel", "none", "--dump-dtb", self.path("tree"), status=0)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_a_dump_tells_what_the_program_was_built_for(self):
        program = os.path.join(SW, "examples", "endless-trap-rv64.elf")
        for isa, told in (("rv64ima", True), ("rv64imac", False)):
            error = self.memio("run", "--bios", "none", "--kernel", program, "--cpu.isa", isa, status=126).error
            self.assertEqual(program + " was built for a hart with c, which rv64ima" in error, told, error)

    def test_outputs_that_a_dump_of_the_tree_would_drop(self):
        run = ["run", "--bios", "none", "--kernel", self.file("g", LOOP), "--dump-dtb", self.path("tree")]
        for key in ("stats", "report", "vcd", "perfetto", "memory-image", "signature"):
            self.refuses(["%s = x has no effect with dump-dtb = %s" % (key, self.path("tree"))], *run, "--" + key, "x")
            self.memio(*run, "--" + key, "none", status=0)
        file = "file:" + self.path("console")
        self.refuses(["console = %s has no effect with dump-dtb" % file], *run, "--console", file)
        self.memio(*run, "--console", "stdio", "--pcie.serial", file, status=0)
        self.assertFalse(os.path.exists(self.path("console")))
        self.memio(*run[:-1], "none", "--stats", self.path("stats.json"), "--max-instructions", "1", status=124)

    def test_maps(self):
        self.refuses(["ram", "uart0", "overlaps"], "config", "--map.uart0.base", "0x80001000")
        self.refuses(["pit", "cmos", "overlaps"], "config", "--map.pit.base", "0x6f")
        self.refuses(["map.extra.kind"], "config", "--map.extra.base", "0x5000")

    def test_ram(self):
        guest = self.file("g", LOOP)
        for size in ("0", "0M", "-1", "1000", "2000T"):
            self.refuses(["ram.size"], "run", "--bios", "none", "--kernel", guest, "--ram.size", size)
        self.refuses(["ram.size", "512T"], "run", "--bios", "none", "--kernel", guest, "--ram.size", "512T")
        self.refuses(["ram"], "run", "--cpu.isa", "rv32imac", "--bios", "none", "--kernel", guest, "--ram.size", "20G")

    def test_memory_shapes(self):
        for key, value, allowed in (
                ("bus.width", "12", "power of two"), ("bus.width", "3", "a power of two, from 4 to 32"), ("bus.width", "64", "from 4"),
                ("dram.banks", "3", "power of two"), ("dram.banks", "0", "from 1"), ("dram.row", "1000", "power of two"),
                ("dram.burst", "48", "power of two"), ("dram.tburst", "0", "from 1"), ("dram.queue", "0", "from 1"),
                ("dram.interleave", "32", "from dram.burst (64) to dram.row (8K)"),
                ("dram.trfc", "7800", "less than dram.trefi"), ("ram.latency", "-1", "number"),
                ("ram.uncached-size", "1000", "multiple of 4096"), ("ram.uncached-size", "1G", "at most ram.size"),
                ("ram.alias-base", "0x123", "multiple of 4096"), ("ram.kind", "rom", "sram, dram")):
            self.refuses([key, value, allowed], "config", "--ram.kind", "dram", "--" + key, value)
        self.refuses(["ram.alias-base", "overlaps", "ram"], "config", "--ram.alias-base", "0x88000000")
        self.refuses(["ram.alias-base", "uart0", "overlaps"], "config", "--ram.alias-base", "0x10000000")
        self.refuses(["ram.alias-base", "memory space"], "config", "--cpu.isa", "rv32imac", "--ram.alias-base",
                     "0x3f8000000")
        self.refuses(["dram.burst", "dram.row"], "config", "--ram.kind", "dram", "--dram.burst", "1K", "--dram.row", "512")

    def test_cache_shapes(self):
        for key, value, allowed in (
                ("cache.l1d.size", "1000", "multiple of cache.l1d.line"), ("cache.l1i.line", "48", "16, 32, 64"),
                ("cache.l1d.size", "-1", "allowed"), ("cache.l1d.policy", "mru", "lru, plru"),
                ("cache.l2.size", "256K", "cache.l1i.size"), ("cache.l1d.write", "around", "back, through"),
                ("cache.l1d.mshrs", "many", "number"), ("cache.walker", "l3", "l1d")):
            self.refuses([key, value, allowed], "config", "--" + key, value)
        self.refuses(["cache.l1d.ways", "\"3\"", "divisor"], "config", "--cache.l1d.size", "4K", "--cache.l1d.ways", "3")
        self.refuses(["cache.l1d.ways", "\"0\"", "too many"], "config", "--cache.l1d.size", "1G", "--cache.l1d.ways", "0")

    def test_caches_too_large_for_the_host(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1500 << 20, 1500 << 20))
        run = subprocess.run([MEMIO, "run", "--bios", "none", "--kernel", self.file("g", LOOP), "--l1i-size", "1G",
                              "--l1d-size", "1G", "--l2-size", "1G"], stdin=subprocess.DEVNULL, capture_output=True,
                             preexec_fn=limit)
        self.assertEqual(run.returncode, 125)
        self.assertIn(b"cache.l1d.size", run.stderr)
        self.assertIn(b"has memory for", run.stderr)

    def test_images(self):
        for option in ("--bios", "--kernel"):
            other = ["--bios", "none"] if option == "--kernel" else ["--kernel", "none"]
            self.refuses(["/nowhere/x", "No such file"], "run", *other, option, "/nowhere/x")
            self.refuses(["/", "directory"], "run", *other, option, "/")
            self.refuses(["truncated"], "run", *other, option, self.file("cut.elf", b"\x7fELF\x02\x01\x01"))
        big = self.path("big.bin")
        with open(big, "wb") as out:
            out.truncate(3 << 20)
        self.refuses(["big.bin", "outside RAM"], "run", "--bios", "none", "--kernel", big, "--ram.size", "2M")
        with open(big, "wb") as out:
            out.truncate((1 << 30) + 1)
        self.refuses(["big.bin", "larger than"], "run", "--bios", "none", "--kernel", big)

    def test_outputs(self):
        guest = self.file("g", LOOP)
        run = ["run", "--bios", "none", "--kernel", guest, "--max-instructions", "10"]
        same = self.path("same")
        self.refuses(["report", "another file than that of stats"], *run, "--stats", same, "--report", same)
        self.refuses(["vcd", "another file than that of stats"], *run, "--stats", same, "--vcd", same)
        self.refuses(["stats", "another file than that of kernel"], *run, "--stats", guest)
        self.refuses(["stats", "a folder that exists"], *run, "--stats", self.path("nowhere/s.json"))
        for scopes in ("nonsense", "cpu,,bus", "cpu,kernels", ",", ""):
            self.refuses(["vcd-scope", "cpu,mmu,bus,irq,cache,dram,dma,kernel"], *run, "--vcd-scope", scopes, "--vcd", self.path("x.vcd"))
        self.refuses(["bad value \"-\" for vcd; allowed: a file, none"], *run, "--vcd", "-")
        self.refuses(["vcd-start = 1us has no effect with vcd = none"], *run, "--vcd-start", "1us")
        self.refuses(["perfetto-scope", "with perfetto = none"], *run, "--perfetto-scope", "cpu", "--vcd",
                     self.path("x.vcd"))
        self.refuses(["trace-stop", "with vcd = none and perfetto = none"], *run, "--trace-stop", "time:1us")
        for option, key in (("--kernel", "kernel"), ("--bios", "bios"), ("--initrd", "initrd")):
            self.refuses([key + ": cannot read /nowhere: No such file"], *run, option, "/nowhere")
        self.refuses(["console: cannot read /nowhere"], *run, "--console", "file:%s,/nowhere" % same)
        self.assertFalse(os.path.exists(same))

    def test_a_file_size_limit(self):
        stats, wave = self.path("s.json"), self.path("w.vcd")
        guest = self.file("g", words(0x13, 0x13, 0xff9ff06f))  # nop, nop, back: a fetch or more each turn
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))
        run = subprocess.run([MEMIO, "run", "--bios", "none", "--kernel", guest, "--vcd", wave,
                              "--stats", stats, "--max-instructions", "20000"], stdin=subprocess.DEVNULL,
                             capture_output=True, preexec_fn=limit)
        self.assertEqual(run.returncode, 125)
        self.assertIn(b"w.vcd", run.stderr)
        with open(stats) as file:
            self.assertEqual(json.load(file)["cpu0"]["instructions"], 20000)

    def test_places_in_the_map(self):
        for name in ("cpu0", "bus"):
            self.refuses([f"map.{name}", "name already"], "config", f"--map.{name}.kind", "gpio",
                         f"--map.{name}.base", "0x20000000")
        self.refuses(["map.rom.base", "0x1", "multiple of 4"], "config", "--map.rom.base", "1")

    @unittest.skipUnless(os.path.exists("/bin/true"), "no foreign program at hand")
    def test_a_foreign_program(self):
        self.refuses(["/bin/true", "another machine"], "run", "--bios", "none", "--kernel", "/bin/true")

    def test_good_configurations_are_accepted(self):
        for name in ("virt-rv32.ini", "virt-rv64.ini"):
            self.memio("config", os.path.join(CONFIGS, name), os.path.join(CONFIGS, "small-tlb.ini"), status=0)

    def test_the_listing_can_be_read_back(self):
        first = self.memio("config", "--dtlb-entries", "5", "--append", "a # b", status=0).stdout
        second = self.memio("config", self.file("again.ini", first), status=0).stdout
        strip = lambda text: [line.split(b"  # ")[0] for line in text.splitlines()]
        self.assertEqual(strip(first), strip(second))


if __name__ == "__main__":
    unittest.main()
