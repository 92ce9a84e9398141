"""RAM as it is seen from outside: images of it, RAM beyond the reach of a register, machines without an MMU."""
import os
import signal
import subprocess
import unittest

from support import CONFIGS, LOOP, MEMIO, NEWLINE_FOR_EVER, NOWHERE, SW, SystemTest, finish, load_constant, words

MEGA = 1 << 20
GIGA = 1 << 30

# Stores 0x5a5a5a5a at 0x80301230.
STORE = words(0x00301297, *load_constant(6, 0x5A5A5A5A), 0x2262A823)  # auipc t0, 0x301; ...; sw t1, 560(t0)

# RV32: a 4 MiB page at 0x00400000 onto 0x1_8000_0000, 4 GiB into RAM; stores through it by MPRV.
STORE_FAR = words(
    0x801002B7,                       # lui  t0, 0x80100    root table
    *load_constant(6, 0x600000C7),    # PPN 0x180000, D A W R V
    0x0062A223,                       # sw   t1, 4(t0)
    0xFFF00313, 0x3B031073,           # csrw pmpaddr0, -1
    0x01F00313, 0x3A031073,           # csrw pmpcfg0, 0x1f
    *load_constant(6, 0x80080100),
    0x18031073,                       # csrw satp, t1
    *load_constant(6, 0x20800),       # MPRV, MPP = S
    0x30032073,                       # csrs mstatus, t1
    0x004013B7,                       # lui  t2, 0x401
    *load_constant(28, 0x5A5A5A5A),
    0x23C3AA23,                       # sw   t3, 564(t2)
    0x2343AE83,                       # lw   t4, 564(t2)
    0x30033073,                       # csrc mstatus, t1
    0x01CE8463,                       # beq  t4, t3, .+8
    0x0000006F,                       # j    .
) + finish(0x5555)

# satp keeps nothing, and a fence has nothing to do.
NO_SATP = words(
    0xFFF00313,  # li   t1, -1
    0x18031073,  # csrw satp, t1
    0x180023F3,  # csrr t2, satp
    0x00039063,  # bnez t2, .
    0x12000073,  # sfence.vma
) + finish(0x5555)


class Memory(SystemTest):
    def image(self):
        return os.stat(self.path("ram.img"))

    def bytes_at(self, offset, count):
        with open(self.path("ram.img"), "rb") as image:
            image.seek(offset)
            return image.read(count)

    def test_the_image_has_what_the_guest_stored_and_holes(self):
        self.bare(STORE + finish(0x5555), "--memory-image", self.path("ram.img"), "--ram.size", "64M", status=0)
        self.assertEqual(self.image().st_size, 64 * MEGA)
        self.assertLess(self.image().st_blocks * 512, 256 << 10)
        self.assertEqual(self.bytes_at(0, 8), STORE[:8])
        self.assertEqual(self.bytes_at(0x301228, 16), bytes(8) + b"ZZZZ" + bytes(4))
        self.assertEqual(self.bytes_at(32 * MEGA, 4096), bytes(4096))

    def test_rv32_reaches_ram_beyond_four_gigabytes(self):
        for variant in (["--engine", "fast"], ["--engine", "reference"], ["--timing", "functional"]):
            self.bare(STORE_FAR, "--cpu.isa", "rv32imac", "--ram.size", "5G", *variant, "--memory-image",
                      self.path("ram.img"), status=0)
            self.assertEqual(self.image().st_size, 5 * GIGA)
            self.assertLess(self.image().st_blocks * 512, 256 << 10)
            self.assertEqual(self.bytes_at(4 * GIGA + 0x1230, 12), bytes(4) + b"ZZZZ" + bytes(4))

    def test_the_image_is_written_however_the_run_ends(self):
        image = ["--memory-image", self.path("ram.img"), "--ram.size", "8M"]
        for code, more, status in ((NOWHERE, [], 126), (LOOP, ["--max-instructions", "1000"], 124)):
            self.bare(STORE + code, *image, *more, status=status)
            self.assertEqual(self.bytes_at(0x301230, 4), b"ZZZZ")
            os.remove(self.path("ram.img"))
        guest = self.file("guest.bin", STORE + NEWLINE_FOR_EVER)
        process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", guest, *image],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.bytes_at(0x301230, 4), b"ZZZZ")

    def test_an_image_that_cannot_be_written(self):
        guest = self.file("guest.bin", STORE + finish(0x5555))
        run = ["run", "--bios", "none", "--kernel", guest, "--memory-image"]
        self.refuses(["memory-image", "\"-\"", "a file, none"], *run, "-")
        self.refuses(["memory-image", "another file than that of kernel"], *run, guest)
        self.refuses(["memory-image", "another file than that of console"], *run, self.path("x"), "--console",
                     "file:" + self.path("x"))
        self.refuses(["console", "another file than that of kernel"], *run, self.path("x"), "--console",
                     "file:" + guest + "," + guest)
        self.refuses(["memory-image", "a folder that exists"], *run, self.path("nowhere/ram.img"))
        self.refuses(["memory-image", "another file than that of stats"], *run, self.path("x"), "--stats",
                     self.path("x"))
        self.refuses(["memory-image", "a regular file"], *run, "/dev/full")

    def test_a_machine_without_an_mmu(self):
        for width in ("32", "64"):
            configuration = os.path.join(CONFIGS, "nommu-rv%s.ini" % width)
            for variant in (["--engine", "fast"], ["--engine", "reference"], ["--timing", "functional"]):
                self.memio("run", configuration, "--kernel", self.file("guest.bin", NO_SATP), *variant, "--stats",
                           self.path("stats.json"), status=0)
                self.assertEqual(self.statistics()["machine"]["mmu"], "none")
                self.assertNotIn("mmu", self.statistics()["cpu0"])

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_bare_programs_need_no_mmu(self):
        for width in ("32", "64"):
            cycles = []
            for more in ([], ["--cpu.mmu", "auto"]):
                hello = os.path.join(SW, "examples", "hello-rv%s.elf" % width)
                result = self.memio("run", os.path.join(CONFIGS, "nommu-rv%s.ini" % width), "--kernel", hello, *more,
                                    "--stats", self.path("stats.json"), status=0)
                self.assertIn(b"hello from rv" + width.encode(), result.stdout)
                cycles.append(self.statistics()["cpu0"]["cycles"])
            self.assertEqual(cycles[0], cycles[1])


if __name__ == "__main__":
    unittest.main()
