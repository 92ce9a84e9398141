"""The devices of QEMU's `virt`, register by register (sw/examples/virt_devices.c), and its interrupt controllers as
several harts see them (smp_devices.cpp): the same program prints the same lines here and there."""
import os
import shutil
import subprocess
import unittest

from support import SW, SystemTest

# From the data sheets and specifications.
EXPECTED = (
    "uart lsr: 96", "uart msr: 176", "uart iir: 1", "uart iir with fifo: 193", "uart iir thre enabled: 2",
    "uart iir thre read: 1", "uart iir overrun: 6", "uart lsr overrun: 99", "uart rbr overwritten: 67",
    "uart fifo last: 112", "uart timeout iir: 204", "plic priority 95: 7", "plic no priority: 0", "plic threshold: 7",
    "plic enable 64: 4294967295", "plic claim: 10", "plic claim again: 0", "plic raises both: 5",
    "plic behind the threshold: 1", "clint msip set: 1", "clint timer raised: 1", "clint timer lowered: 0",
    "clint time high: 5", "rtc alarm armed: 1", "rtc alarm rang: 0", "rtc pending rang: 1", "finisher: 0",
    "virtio magic: 1953655158", "virtio version: 1", "virtio device: 0", "virtio vendor: 1431127377",
    "pci bridge: 531254", "pci absent function: 4294967295", "pci io: 4294967295", "pci io byte: 255",
    "pci memory written: 0", "pci memory: 4294967295")

HARTS_EXPECTED = (
    "thresholds, priority 3: 4", "claim, last hart in S: 11", "claim, first hart: 10", "claim of none: 0",
    "pending, still high: 1024", "claims in the race: 10", "sources claimed in the race: 100", "served together: 40",
    "msip of no hart written: 0", "timecmp high: 4", "time CSR: 5", "woken by timers: 2",
    "counted by AMO: 100", "counted by LR and SC: 100")


@unittest.skipUnless(SW, "the guest software is not built")
class VirtDevices(SystemTest):
    @staticmethod
    def image(width, program="virt"):
        return os.path.join(SW, "examples", "%s-devices-rv%s.elf" % (program, width))

    def lines(self, width, *arguments, program="virt"):
        output = self.memio("run", "--cpu.isa", "rv%simac" % width, "--bios", "none", "--console.eof", "none",
                            "--kernel", self.image(width, program), *arguments, status=0).stdout.decode()
        return output.splitlines()

    def lines_on_qemu(self, width, program="virt", harts="1"):
        qemu = shutil.which("qemu-system-riscv" + width)
        if not qemu:
            self.skipTest("no qemu-system-riscv" + width)
        return subprocess.run([qemu, "-M", "virt", "-nographic", "-smp", harts, "-bios", self.image(width, program)],
                              timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              check=True).stdout.decode().splitlines()

    def test_what_the_specifications_say(self):
        for width in ("32", "64"):
            lines = self.lines(width)
            for line in EXPECTED:
                self.assertIn(line, lines)

    def test_no_line_depends_on_the_timing_mode(self):
        expected = self.lines("64")
        for timing in ("functional", "at"):
            self.assertEqual(self.lines("64", "--timing", timing), expected)

    def test_as_on_qemu(self):
        for width in ("32", "64"):
            self.assertEqual(self.lines(width), self.lines_on_qemu(width))

    def test_several_harts(self):
        lines = self.lines("64", "--smp", "2", program="smp")
        for line in HARTS_EXPECTED:
            self.assertIn(line, lines)
        for more in (["--engine", "reference", "--quantum", "70ns"], ["--timing", "functional"], ["--timing", "at"]):
            self.assertEqual(self.lines("64", "--smp", "2", *more, program="smp"), lines)
        for more in ([], ["--engine", "reference"], ["--quantum", "70ns"], ["--timing", "at"]):
            self.assertEqual(self.lines("64", "--smp", "4", *more, program="smp")[-2:],
                             ["counted by AMO: 200", "counted by LR and SC: 200"])

    def test_several_harts_as_on_qemu(self):
        for width, harts in (("32", "2"), ("64", "4")):
            self.assertEqual(self.lines(width, "--smp", harts, program="smp"), self.lines_on_qemu(width, "smp", harts))


if __name__ == "__main__":
    unittest.main()
