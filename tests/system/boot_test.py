"""Firmware and programs of others: OpenSBI and memio's own firmware with a payload, the device tree beside QEMU's,
suites of test programs."""
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest

from figures import FiguresTest
from support import CONFIGS, MEMIO, SW

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")
OPENSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic/"
TARGETS = {"32": ("rv32imac_zicsr", "ilp32", "0x80400000"), "64": ("rv64imac_zicsr", "lp64", "0x80200000")}
PAYLOAD_SAYS = (b"payload: hart 0\ntree begins with d00dfeed\nSBI 1000000\ntimer: ok\nsoftware interrupt: ok\n"
                b"payload: ends\n")


def configuration(width):
    return os.path.join(CONFIGS, "virt-rv%s.ini" % width)


def parse_tree(blob):
    """A flattened device tree as {path: {property: bytes}}."""
    structure, strings = struct.unpack_from(">2I", blob, 8)
    nodes, path, at = {}, [], structure

    def text(start):
        return blob[start:blob.index(b"\0", start)].decode()

    while True:
        token, = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:
            path.append(text(at))
            at += len(path[-1]) + 4 & ~3
            nodes["/".join(path) or "/"] = {}
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">2I", blob, at)
            nodes["/".join(path) or "/"][text(strings + name)] = blob[at + 8:at + 8 + size]
            at += 8 + (size + 3 & ~3)
        elif token == 9:
            return nodes


def by_name(nodes):
    """With the references that the compared nodes have as names instead of numbers."""
    names = {properties["phandle"]: path.encode() for path, properties in nodes.items() if "phandle" in properties}
    for properties in nodes.values():
        properties.pop("phandle", None)
        for key, stride, place in (("interrupt-parent", 1, 0), ("regmap", 1, 0), ("cpu", 1, 0),
                                   ("interrupts-extended", 2, 0), ("interrupt-map", 6, 4), ("dmas", 2, 0)):
            cells = [properties[key][i:i + 4] for i in range(0, len(properties[key]), 4)] if key in properties else []
            if cells:
                properties[key] = b"".join(names[cell] if i % stride == place else cell
                                           for i, cell in enumerate(cells))
    return nodes


class Boot(FiguresTest):
    def compile(self, name, width, script, *flags):
        isa, abi, base = TARGETS[width]
        out = self.path("%s-%s" % (os.path.splitext(name)[0], width))
        subprocess.run(["riscv64-unknown-elf-gcc", "-march=" + isa, "-mabi=" + abi, "-mcmodel=medany", "-O2", "-Wall",
                        "-Wextra", "-Werror", "-ffreestanding", "-nostdlib", "-static", "-Wl,--no-warn-rwx-segments",
                        "-Wl,--defsym=BASE=" + base, "-T", os.path.join(GUEST, script), *flags,
                        os.path.join(GUEST, name), "-o", out], check=True)
        return out

    def raw(self, program):
        subprocess.run(["riscv64-unknown-elf-objcopy", "-O", "binary", program, program + ".bin"], check=True)
        return program + ".bin"

    def image(self, program, memory_size=0x10000, flags=0):
        """The raw program behind the 64 bytes that make a Linux Image; begins with a jump over them."""
        with open(self.raw(program), "rb") as file:
            code = file.read()
        header = struct.pack("<2I3QI20s2I", 0x0400006F, 0, 0x200000, memory_size, flags, 2, b"", 0x05435352, 0)
        return self.file("Image", header + code)

    def test_opensbi_starts_a_payload(self):
        payload = self.compile("payload.c", "64", "payload.ld")
        for firmware, kernel in (("fw_jump.elf", payload), ("fw_jump.bin", self.raw(payload)),
                                 ("fw_dynamic.elf", self.raw(payload)), ("fw_dynamic.bin", payload)):
            with self.subTest(firmware=firmware):
                result = self.memio("run", "--timing", "functional", "--bios", OPENSBI + firmware, "--kernel", kernel,
                                    status=0)
                self.assertIn(b"OpenSBI v", result.stdout)
                self.assertTrue(result.stdout.replace(b"\r", b"").endswith(PAYLOAD_SAYS), result.stdout)

    def test_firmware_with_its_payload_in_one_file(self):
        with open(OPENSBI + "fw_jump.bin", "rb") as firmware:
            image = firmware.read().ljust(2 << 20, b"\0")
        with open(self.raw(self.compile("payload.c", "64", "payload.ld")), "rb") as payload:
            image += payload.read()
        result = self.memio("run", "--timing", "functional", "--bios", self.file("both", image), status=0)
        self.assertTrue(result.stdout.replace(b"\r", b"").endswith(PAYLOAD_SAYS), result.stdout)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_memios_firmware_starts_a_payload(self):
        for width in TARGETS:
            payload = self.compile("payload.c", width, "payload.ld")
            for kernel in (payload, self.raw(payload), self.image(payload)):
                with self.subTest(width=width, kernel=kernel):
                    result = self.memio("run", configuration(width), "--kernel", kernel, status=0)
                    self.assertTrue(result.stdout.replace(b"\r", b"").endswith(PAYLOAD_SAYS), result.stdout)
            for isa in ("imac", "imac_sstc"):  # the timer of machine mode, and the supervisor's own
                with self.subTest(width=width, isa=isa):
                    result = self.memio("run", configuration(width), "--kernel", payload, "--cpu.isa",
                                        "rv" + width + isa, status=0)
                    self.assertIn(b"timer: ok", result.stdout)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_a_supervisor_whose_page_tables_leave_a_and_d_clear(self):
        for width, levels in (("32", 2), ("64", 3)):
            program = self.compile("dirty_bits.c", width, "payload.ld")
            opensbi = [OPENSBI + "fw_jump.elf"] if width == "64" else []
            for firmware in opensbi:
                subprocess.run(["qemu-system-riscv64", "-M", "virt", "-nographic", "-bios", firmware, "-kernel", program],
                               check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120)
            for firmware in (os.path.join(SW, "firmware-rv%s.elf" % width), *opensbi):
                arguments = [configuration(width), "--bios", firmware, "--kernel", program]
                self.figures([*arguments, "--timing", "functional"], 0)
                stats = self.compare(arguments, 0, ("reference", "dropped caches"))
                self.check_translation(stats)
                walker = stats["cpu0"]["mmu"]["walker"]
                # A and D of the large page of the code; A, then D, of the first page; both at once of the second
                # and of the finisher's; A of the third, whose store is refused. Entries held clean have two walks.
                self.assertEqual([walker[key] for key in ("ad_updates", "dirty_walks", "ad_retries")], [7, 2, 0])
                # Walks of one level: the code's, that for its D bit, the finisher's; of all: the three pages', and
                # that for the D bit of the first.
                self.assertEqual([walker["walks"], walker["reads"]], [3 + 4, 3 + 4 * levels])
                self.check_walks(stats)
                # A level: step, hop, read; an update: hop and read, hop and write.
                self.assertEqual(walker["cycles"], walker["reads"] * (1 + 1 + 3) + 7 * (1 + 3 + 1 + 3))
                # The short form takes out what the configuration's cpu.isa names.
                self.assertIn("page fault", self.memio("run", *arguments, "--mmu.ad", "svade", status=126).error)
                self.assertIn("page fault", self.memio("run", *arguments, "--cpu.isa", "rv%simac_svade" % width,
                                                       status=126).error)

    def test_images_that_cannot_be(self):
        payload = self.compile("payload.c", "64", "payload.ld")
        good, huge = OPENSBI + "fw_jump.elf", self.image(payload, memory_size=256 << 20)
        arguments = ("run", "--bios", good, "--kernel")
        self.refuses(["Image", "outside RAM"], *arguments, huge)
        self.refuses(["overlaps", "device tree"], *arguments, self.image(payload, memory_size=254 << 20))
        self.refuses(["not little endian"], *arguments, self.image(payload, flags=1))
        self.refuses(["damaged", "larger in the file"], *arguments, self.image(payload, memory_size=100))
        with open(good, "rb") as file:
            firmware = file.read()
        self.refuses(["truncated"], "run", "--kernel", payload, "--bios", self.file("cut", firmware[:5000]))
        big = self.path("initrd")
        with open(big, "wb") as file:
            file.truncate(255 << 20)
        self.refuses(["overlaps", "initrd"], *arguments, payload, "--initrd", big)
        with open(big, "wb") as file:
            file.truncate(257 << 20)
        self.refuses(["too small", "initrd"], *arguments, payload, "--initrd", big)

    def dump(self, *arguments):
        self.memio("run", *([] if "--bios" in arguments else ["--bios", "none"]), *arguments, "--dump-dtb", self.path("dtb"), status=0)
        with open(self.path("dtb"), "rb") as file:
            return by_name(parse_tree(file.read()))

    def test_the_tree_names_initrd_and_arguments(self):
        kernel, initrd = self.file("kernel", b"\x13\0\0\0"), self.file("initrd", b"i" * 5000)
        chosen = self.dump("--kernel", kernel, "--initrd", initrd, "--append", "quiet x=1")["/chosen"]
        self.assertEqual(chosen["bootargs"], b"quiet x=1\0")
        first, end = (struct.unpack(">Q", chosen["linux,initrd-" + key])[0] for key in ("start", "end"))
        self.assertEqual(end - first, 5000)
        self.assertEqual(first % 4096, 0)

    def test_the_tree_is_qemus(self):
        kernel = self.file("kernel", b"\x13\0\0\0")
        for width, harts in (("32", 1), ("64", 1), ("64", 4)):
            dtb = self.path("qemu.dtb")
            subprocess.run(["qemu-system-riscv" + width, "-M", "virt,dumpdtb=" + dtb, "-m", "256", "-bios", "none",
                            "-smp", str(harts), "-display", "none"], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            with open(dtb, "rb") as file:
                theirs = by_name(parse_tree(file.read()))
            ours = self.dump(configuration(width), "--ram.size", "256M", "--smp", str(harts), "--kernel", kernel)
            self.assertEqual({path for path in theirs if path not in ours}, self.ABSENT_NODES)
            self.assertEqual({path for path in ours if path not in theirs}, self.OWN_NODES)
            expected = {path: dict(properties) for path, properties in theirs.items() if path in ours}
            for (path, name), value in self.OTHER_PROPERTIES.items():
                expected[path].pop(name, None)
                expected[path].update({name: value} if value is not None else {})
            # Without the hypervisor extension, but Sv57; Svadu, which QEMU 7.2 has and has no name for.
            isa = "rv%simafdc_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbc_zbs_sstc_svadu" % width
            for hart in range(harts):
                expected["/cpus/cpu@%d" % hart].update({
                    "riscv,isa": isa.encode() + b"\0",
                    "mmu-type": b"riscv,sv57\0" if width == "64" else b"riscv,sv32\0"})
            for path, properties in expected.items():
                with self.subTest(width=width, harts=harts, path=path):
                    self.assertEqual(ours[path], properties)
            # Guests number virtio devices in this order: vda, virtio-blk#0.
            slots = [[path for path in tree if "/virtio_mmio@" in path] for tree in (theirs, ours)]
            self.assertEqual(slots[0][0], "/soc/virtio_mmio@10008000")
            self.assertEqual(slots[0], slots[1])

    # What memio lacks: flash, the way to QEMU's own tables, a bus for hot-plugging; QEMU's node of the PMU, which it
    # has without Sscofpmf.
    ABSENT_NODES = {"/pmu", "/fw-cfg@10100000", "/flash@20000000", "/platform-bus@4000000"}
    # What QEMU lacks: memio's devices.
    OWN_NODES = {"/port-space", "/port-space/timer@40", "/port-space/rtc@70", "/port-space/debug@80",
                 "/port-space/serial@3f8", "/port-space/reset@cf9", "/soc/gpio@10020000",
                 "/soc/dma-controller@10021000", "/soc/iommu@10022000", "/soc/accelerator@10023000"}
    OTHER_PROPERTIES = {
        ("/", "model"): b"memio,virt\0",
        ("/chosen", "rng-seed"): None,  # would be another one in every run
        ("/soc/plic@c000000", "riscv,ndev"): struct.pack(">I", 95),  # QEMU 7.2 counts source 0, which is none
        # I/O from 0x1000 up, behind the fixed ports; no memory above 4 GiB, which no device asks for.
        ("/soc/pci@30000000", "ranges"): struct.pack(">14I", 0x1000000, 0, 0x1000, 0, 0x3001000, 0, 0xf000,
                                                     0x2000000, 0, 0x40000000, 0, 0x40000000, 0, 0x40000000),
        ("/soc/serial@10000000", "dmas"): b"/soc/dma-controller@10021000" + struct.pack(">I", 0) +
                                          b"/soc/dma-controller@10021000" + struct.pack(">I", 1),
        ("/soc/serial@10000000", "dma-names"): b"rx\0tx\0",
    }

    def test_the_tree_tells_of_counters_that_overflow(self):
        kernel = self.file("kernel", b"\x13\0\0\0")
        pmu = self.dump("--cpu.isa", "rv64imac_sscofpmf", "--kernel", kernel)["/pmu"]
        self.assertEqual(pmu["compatible"], b"riscv,pmu\0")
        events = struct.unpack(">33I", pmu["riscv,event-to-mhpmevent"])
        # Cycles, instructions, then misses of the data TLB: numbers of the SBI specification and of docs/timing.md.
        self.assertEqual(events[:6], (1, 0, 16, 2, 0, 17))
        self.assertIn((0x10019, 0, 2), list(zip(events[::3], events[1::3], events[2::3])))
        counters = struct.unpack(">33I", pmu["riscv,event-to-mhpmcounters"])
        self.assertEqual(counters[:6], (1, 1, 0xfffffff9, 2, 2, 0xfffffffc))
        self.assertEqual(set(counters[8::3]), {0xfffffff8})

    def test_opensbi_counts_with_these_counters(self):
        self.memio("run", "--timing", "functional", "--cpu.isa", "rv64imac_sscofpmf", "--bios", OPENSBI + "fw_jump.elf",
                   "--kernel", self.compile("counters.c", "64", "payload.ld"), status=0)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_the_tree_reserves_memios_firmware(self):
        for width in TARGETS:
            symbols = subprocess.run(["riscv64-unknown-elf-nm", os.path.join(SW, "firmware-rv%s.elf" % width)],
                                     check=True, stdout=subprocess.PIPE).stdout.decode().split()
            end = int(symbols[symbols.index("__firmware_end") - 2], 16)
            tree = self.dump(configuration(width), "--kernel", self.file("kernel", b"\x13\0\0\0"), "--bios", "default")
            firmware = tree["/reserved-memory/mmode_resv0@80000000"]
            self.assertEqual(firmware, {"reg": struct.pack(">2Q", 0x80000000, end - 0x80000000 + 4095 & ~4095),
                                        "no-map": b""})
        tree = self.dump("--ram.base", "0x50000000", "--ram.size", "1G", "--kernel",
                         self.file("kernel", b"\x13\0\0\0"), "--bios", "default")
        self.assertIn("/reserved-memory/mmode_resv0@80000000", tree)

    def test_a_suite(self):
        suite = self.path("suite")
        os.mkdir(suite)
        for width in TARGETS:
            for behaviour, name in enumerate(("good", "bad", "endless", "signature", "thousand")):
                program = self.compile("suite.S", width, "suite.ld", "-DBEHAVIOUR=%d" % behaviour)
                shutil.move(program, os.path.join(suite, "rv%s-%s" % (width, name)))
        self.file("suite/notes.txt", b"no program\n")
        result = self.run_suite("--max-instructions", "100000", "--signatures", self.path("signatures"), suite)
        self.assertEqual(result.returncode, 1)
        table = dict(line.split(None, 1) for line in result.stdout.decode().splitlines() if line.startswith("rv"))
        for width in TARGETS:
            self.assertEqual([table["rv%s-%s" % (width, name)] for name in ("good", "bad", "thousand", "signature")],
                             ["passed", "failed test 7", "failed test 1000", "passed"])
            self.assertTrue(table["rv%s-endless" % width].startswith("timed-out"))
            with open(self.path("signatures/rv%s-signature.signature" % width), encoding="ascii") as text:
                self.assertEqual(text.read(), "12345678\n9abcdef0\ndeadbe1f\n00c0ffee\ndeadbeef\n")
        self.assertIn(b"10 programs: 4 passed, 4 failed, 2 timed out", result.stdout)
        for name in os.listdir(suite):
            if "good" not in name:
                os.remove(os.path.join(suite, name))
        self.assertEqual(self.run_suite(suite).returncode, 0)

        program = os.path.join(suite, "rv64-good")
        self.bare_program(program, "--signature", self.path("s"), "--signature-granularity", "8")
        with open(self.path("s"), encoding="ascii") as text:
            self.assertEqual(text.read(), "deadbeefdeadbeef\n" * 2 + "00000000deadbeef\n")
        self.refuses(["signature", "begin_signature"], "run", "--bios", "none", "--kernel",
                     self.raw(program), "--signature", self.path("s"))

    def bare_program(self, program, *arguments):
        self.memio("run", "--bios", "none", "--kernel", program, *arguments, status=0)

    def run_suite(self, *arguments):
        return subprocess.run([os.path.join(ROOT, "scripts", "run-elf-suite.sh"), "--memio", MEMIO, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=240)

    def test_an_empty_suite(self):
        self.assertEqual(self.run_suite(self.folder.name).returncode, 2)
        self.assertEqual(self.run_suite("--nonsense").returncode, 2)
        for wrong in (["--jobs", "x"], ["--jobs", "0"], ["--jobs", "-1"], ["--jobs", "99999999999"], ["--timeout", "soon"],
                      ["--timeout", "0"], ["--timeout", "0.0"], ["--signatures", ""], ["--max-instructions", "-1"],
                      ["--signatures", "/dev/null"]):
            result = self.run_suite(*wrong, self.folder.name)
            self.assertEqual(result.returncode, 2, wrong)
            self.assertIn(wrong[0].encode(), result.stdout)

    def test_a_suite_without_programs_that_can_run(self):
        suite = self.path("suite")
        os.mkdir(suite)
        shutil.copy("/proc/self/exe", os.path.join(suite, "foreign"))
        self.assertIn(b"no RISC-V programs in", self.run_suite(suite).stdout)
        self.assertIn(b"no folder", self.run_suite(self.path("none")).stdout)
        self.assertIn(b"no folder", self.run_suite(os.path.join(suite, "foreign")).stdout)

    def test_a_suite_with_options_that_memio_refuses(self):
        suite = self.path("suite")
        os.mkdir(suite)
        for name in "abc":
            shutil.copy(self.compile("suite.S", "64", "suite.ld", "-DBEHAVIOUR=0"), os.path.join(suite, name))
        for options, said in ((("--cpu.isa", "rv64i_zork"), b"bad value for cpu.isa"), (("--siz", "3"), b"\"siz\""),
                              (("--initrd", "/nowhere"), b"initrd: cannot read /nowhere"),
                              (("--vcd", "/nowhere/x"), b"for vcd; allowed: a file in a folder that exists")):
            result = self.run_suite("--jobs", "2", suite, *options)
            self.assertEqual((result.returncode, result.stdout.count(b"\n")), (2, 1), result.stdout)
            self.assertIn(said, result.stdout)
        # One machine's refusal is enough, before the other's endless program has begun.
        mixed = self.path("mixed")
        os.mkdir(mixed)
        shutil.copy(self.compile("suite.S", "64", "suite.ld", "-DBEHAVIOUR=2"), os.path.join(mixed, "a"))
        shutil.copy(self.compile("suite.S", "32", "suite.ld", "-DBEHAVIOUR=0"), os.path.join(mixed, "b"))
        result = self.run_suite("--max-instructions", "999999999999", mixed, "--cpu.mmu", "sv39")
        self.assertEqual((result.returncode, result.stdout.count(b"\n")), (2, 1), result.stdout)
        self.assertIn(b"sv39", result.stdout)
        shutil.copy(self.compile("suite.S", "64", "suite.ld", "-DBEHAVIOUR=5"), os.path.join(mixed, "a"))
        result = self.run_suite(mixed, "--on-reset", "end")
        self.assertRegex(result.stdout, rb"(?m)^a +failed at a reset\nb +passed")
        # A program that cannot be loaded is one that fails.
        with open(os.path.join(suite, "a"), "r+b") as program:
            program.truncate(200)
        result = self.run_suite("--signatures", self.path("signatures"), suite)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, rb"(?m)^a +failed memio: cannot load .*: truncated")
        self.assertIn(b"3 programs: 2 passed, 1 failed", result.stdout)

    def test_an_interrupted_suite_leaves_nothing_behind(self):
        suite = self.path("suite")
        os.mkdir(suite)
        for name in ("one", "two"):
            shutil.copy(self.compile("suite.S", "64", "suite.ld", "-DBEHAVIOUR=2"), os.path.join(suite, name))
        run = subprocess.Popen([os.path.join(ROOT, "scripts", "run-elf-suite.sh"), "--memio", MEMIO, "--max-instructions",
                                "999999999999", suite], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                               env={**os.environ, "TMPDIR": self.folder.name})
        for _ in range(600):
            if len(self.simulators(run.pid)) == 2:
                break
            time.sleep(0.05)
        time.sleep(0.2)
        os.killpg(run.pid, signal.SIGINT)
        run.communicate(timeout=60)
        self.assertNotEqual(run.returncode, 0)
        for _ in range(200):
            if not self.simulators(run.pid):
                break
            time.sleep(0.05)
        self.assertEqual(self.simulators(run.pid), [])
        self.assertEqual(os.listdir(self.folder.name).count("suite"), 1)
        self.assertEqual([name for name in os.listdir(self.folder.name) if name.startswith("tmp.")], [])

    @staticmethod
    def simulators(session):
        """Processes of the session that run memio."""
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
                    name, fields = stat.read().rsplit(") ", 1)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if name.endswith("(" + os.path.basename(MEMIO)) and int(fields.split()[3]) == session:
                found.append(process)
        return found

    def test_strange_names_of_programs(self):
        suite = self.path("su ite")
        os.makedirs(os.path.join(suite, "sub dir"))
        for behaviour, names in ((0, ("a b", "-x", "sub dir/-x", "sub dir_-x", "two\nlines")), (1, (".hidden",))):
            for name in names:
                shutil.copy(self.compile("suite.S", "64", "suite.ld", "-DBEHAVIOUR=%d" % behaviour),
                            os.path.join(suite, name))
        result = self.run_suite("--signatures", self.path("signatures"), suite + "/")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"6 programs: 5 passed, 1 failed, 0 timed out", result.stdout)
        self.assertRegex(result.stdout, rb"(?m)^a b +passed$")
        self.assertRegex(result.stdout, rb"(?m)^\.hidden +failed test 7$")
        self.assertRegex(result.stdout, rb"(?m)^two\?lines +passed$")


if __name__ == "__main__":
    unittest.main()
