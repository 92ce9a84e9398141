"""The kernel on request: panic with a backtrace, both soft resets, misaligned emulation, ways to port space."""
import os
import unittest

from support import CONFIGS, SW, SystemTest
from vcd import first_rise, transactions


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

    def test_a_hart_without_an_mmu_is_told(self):
        def check(width):
            self.assertIn(b"kernel panic: the hart cannot translate addresses by Sv", self.boot(width, "--cpu.mmu", "none",
                                                                                                status=1))
        self.for_both(check)

    def test_a_long_command_line_is_kept_or_said_to_be_cut(self):
        def check(width):
            self.assertIn(b"init[1]: exit status 0", self.boot(width, "--append", "x=" + 900 * "y" + " shell=none noshell"))
            self.assertIn(b"command line: 1102 characters, cut after the first 1023",
                          self.boot(width, "--append", "x=" + 1100 * "y"))
        self.for_both(check)

    def test_a_soft_reset_starts_the_kernel_a_second_time(self):
        def check(width):
            for way, told in (("port", b"after a reset by port 0xcf9"), ("call", b"after a call of the reset vector")):
                output = self.boot(width, "--append", "reboot=" + way)
                self.assertEqual(output.count(b"memio kernel: rv"), 2)
                self.assertEqual(output.count(b"restart: second start " + told), 1)
                self.assertIn(b"init[1]: exit status 0", output)
        self.for_both(check)

    def test_a_second_start_finds_the_end_of_input_again(self):
        def check(width):
            machine = os.path.join(CONFIGS, "virt-rv%s.ini" % width)
            out, typed = self.path("out"), self.file("in", b"reboot\n")
            output = self.memio("run", machine, stdin=None, input=b"reboot\n", status=0).stdout
            self.assertEqual(output.count(b"memio kernel: rv"), 2)
            self.assertEqual(output.count(b"init[1]: exit status 0"), 2)
            self.assertEqual(output.count(b"shell: end of input"), 1)
            self.memio("run", machine, "--console", "file:%s,%s" % (out, typed), status=0)
            with open(out, "rb") as written:
                self.assertEqual(written.read(), output)
            for way in ("port", "call"):
                for console in (["stdio"], ["none"]):
                    self.boot(width, "--append", "shell=only reboot=" + way, "--console", *console)
        self.for_both(check)

    def memory_types(self, isa, *registers):
        """Memory types of the accesses to each of `registers` around the UART's first interrupt, and to RAM."""
        machine = ("64", "--cpu.isa", isa, "--append", "noshell", "--vcd", self.path("vcd"))
        self.boot(*machine, "--vcd-scope", "irq")
        at = first_rise(self.path("vcd"), "uart0.irq")
        self.boot(*machine, "--vcd-scope", "bus", "--vcd-start", "%dps" % (at - 10**8), "--vcd-stop",
                  "%dps" % (at + 10**8))
        types = {address: set() for address in registers}
        types["RAM"] = set()
        for access in transactions(self.path("vcd"), "cpu0"):
            address = "RAM" if access["address"] >= 0x80000000 else access["address"] & ~7
            if access["space"] == 0 and address in types:
                types[address].add(access["memory_type"])
        return types

    def test_registers_are_accessed_as_io_where_page_tables_have_memory_types(self):
        uart, plic_claim = 0x10000000, 0xC201000
        self.assertEqual(self.memory_types("rv64imac_svpbmt", uart, plic_claim),
                         {uart: {2}, plic_claim: {2}, "RAM": {0}})
        self.assertEqual(self.memory_types("rv64imac", uart, plic_claim), {uart: {0}, plic_claim: {0}, "RAM": {0}})

    def test_firmware_emulates_what_the_hart_traps(self):
        def check(width):
            initrd = os.path.join(SW, "initrd-misaligned-rv%s.cpio" % width)
            traps = []
            for how in ("hardware", "trap"):
                self.assertIn(b", 0 wrong", self.boot(width, "--initrd", initrd, "--cpu.misaligned", how))
                traps.append(self.statistics()["cpu0"]["traps"])
            self.assertGreater(traps[1], traps[0] + 40)
        self.for_both(check)

    def test_user_programs_have_floating_point(self):
        def check(width):
            initrd = ("--initrd", os.path.join(SW, "initrd-floating-rv%s.cpio" % width))
            self.assertIn(b"10 checks, 0 wrong", self.boot(width, *initrd, "--cpu.isa", "rv%simafdc" % width))
            self.assertIn(b"illegal instruction",
                          self.boot(width, *initrd, "--cpu.isa", "rv%simac" % width, status=11))
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
