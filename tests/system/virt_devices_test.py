"""The devices of QEMU's `virt`, register by register (sw/examples/virt_devices.c): the same program prints the same
lines here and there."""
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
    "virtio magic: 1953655158", "virtio version: 1", "virtio device: 0", "virtio vendor: 1431127377")


@unittest.skipUnless(SW, "the guest software is not built")
class VirtDevices(SystemTest):
    def image(self, width):
        return os.path.join(SW, "examples", "virt-devices-rv%s.elf" % width)

    def lines(self, width, *arguments):
        output = self.memio("run", "--cpu.isa", "rv%simac" % width, "--bios", "none", "--console.eof", "none",
                            "--kernel", self.image(width), *arguments, status=0).stdout.decode()
        return output.splitlines()

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
            qemu = shutil.which("qemu-system-riscv" + width)
            if not qemu:
                self.skipTest("no qemu-system-riscv" + width)
            there = subprocess.run([qemu, "-M", "virt", "-nographic", "-bios", self.image(width)], timeout=60,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout.decode()
            self.assertEqual(self.lines(width), there.splitlines())


if __name__ == "__main__":
    unittest.main()
