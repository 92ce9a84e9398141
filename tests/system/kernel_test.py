"""The kernel on request: panic with a backtrace, both soft resets, misaligned emulation, ways to port space."""
import os
import unittest

from support import CONFIGS, SW, SystemTest


@unittest.skipUnless(SW, "the guest software is not built")
class Kernel(SystemTest):
    def boot(self, width, *arguments, status=0):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--stats", self.path("stats.json"),
                          *arguments, status=status).stdout

    def for_both(self, check):
        for width in ("32", "64"):
            with self.subTest(width=width):
                check(width)

    def test_a_panic_shows_values_and_a_symbolised_backtrace(self):
        def check(width):
            self.assertRegex(self.boot(width, "--append", "panic-test", status=1),
                             rb"(?s)kernel panic: .* at address 0x0.* s0 .*backtrace:\n.*write_through\+0x[0-9a-f]+\n"
                             rb".*panic_test\+0x[0-9a-f]+\n.*start_kernel\+0x[0-9a-f]+\n")
        self.for_both(check)

    def test_a_soft_reset_starts_the_kernel_a_second_time(self):
        def check(width):
            for way, told in (("port", b"after a reset by port 0xcf9"), ("call", b"after a call of the reset vector")):
                output = self.boot(width, "--append", "reboot=" + way)
                self.assertEqual(output.count(b"memio kernel: rv"), 2)
                self.assertEqual(output.count(b"restart: second start " + told), 1)
                self.assertIn(b"init[1]: exit status 0", output)
        self.for_both(check)

    def test_firmware_emulates_what_the_hart_traps(self):
        def check(width):
            initrd = os.path.join(SW, "initrd-misaligned-rv%s.cpio" % width)
            traps = []
            for how in ("hardware", "trap"):
                self.assertIn(b", 0 wrong", self.boot(width, "--initrd", initrd, "--cpu.misaligned", how))
                traps.append(self.statistics()["cpu0"]["traps"])
            self.assertGreater(traps[1], traps[0] + 40)
        self.for_both(check)

    def test_ports_are_reached_by_instructions_and_through_the_window(self):
        def check(width):
            self.assertIn(b"portio: port instructions", self.boot(width))
            ports = self.statistics()["bus"]["port"]
            self.assertGreater(ports["cpu0"]["uart1"]["writes"], 10)
            output = self.boot(width, "--cpu.port-instructions", "off")
            self.assertIn(b"portio: memory window at 0x3000000", output)
            ports = self.statistics()["bus"]["port"]
            self.assertEqual(ports["cpu0"]["uart1"]["writes"], 0)
            self.assertGreater(ports["ports"]["uart1"]["writes"], 10)
        self.for_both(check)

    def test_the_size_of_ram(self):
        # On rv32 the direct map ends 896 MiB into RAM, registers end at 4 GiB, and physical addresses at 16 GiB.
        for width, size, last in (("32", "64M", b"83ffffff"), ("32", "1G", b"bfffffff"), ("32", "5G", b"1bfffffff"),
                                  ("64", "64M", b"83ffffff"), ("64", "20G", b"57fffffff")):
            with self.subTest(width=width, size=size):
                output = self.boot(width, "--ram.size", size, "--timing", "functional")
                self.assertIn(b"RAM 0x80000000..0x" + last, output)
                self.assertIn(b"init[1]: exit status 0", output)


if __name__ == "__main__":
    unittest.main()
