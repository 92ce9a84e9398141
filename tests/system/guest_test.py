"""The guest programs built with memio: what they print, how they end, what the statistics say of them."""
import os
import unittest

from support import CONFIGS, SW, SystemTest

WIDTHS = ("32", "64")


@unittest.skipUnless(SW, "the guest software is not built")
class Guests(SystemTest):
    def example(self, name, width, *arguments, status):
        image = os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))
        return self.memio("run", "--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel", image, "--stats",
                          self.path("stats.json"), *arguments, status=status)

    def test_programs_end_and_print_by_convention(self):
        for width in WIDTHS:
            self.example("exit42", width, status=42)
            self.assertEqual(self.statistics()["run"]["guest_code"], 42)
            self.assertIn(b"hello from rv" + width.encode(), self.example("hello", width, status=0).stdout)
            self.assertIn(b"second start", self.example("soft-reset", width, status=0).stdout)
            self.example("port-io", width, status=0)
            self.assertGreater(self.statistics()["bus"]["port"]["transactions"], 0)

    def test_a_pci_device_answers_in_port_space(self):
        for width in WIDTHS:
            self.example("pci-serial", width, "--pcie.serial", "none", status=0)
            pcie = self.statistics()["devices"]["pcie"]
            # Device 2, which is not there, is asked for once.
            self.assertEqual(pcie["unclaimed"], 1)
            self.assertEqual(pcie["refused"], 0)
            self.assertGreater(pcie["io"], 0)
            self.example("pci-serial", width, status=1)
            for without in ("--machine.port-space", "--map.pcie-io.enable", "--map.pcie.enable"):
                self.example("hello", width, without, "off", status=0)

    def test_a_dump_names_symbol_and_line(self):
        for width in WIDTHS:
            self.assertRegex(self.example("endless-trap", width, status=126).stderr,
                             rb"pc +[0-9a-f]+ +main\+0x[0-9a-f]+ \(endless_trap\.S:\d+\)")
            result = self.example("jump-nowhere", width, status=126)
            self.assertRegex(result.stderr, rb"ra +[0-9a-f]+ +main\+0x[0-9a-f]+ \(jump_nowhere\.c:\d+\)")
            self.assertIn("instruction access fault", result.error)

    def test_a_page_for_each_access_costs_more_than_one_page_for_all(self):
        for width in WIDTHS:
            self.example("tlb-stride", width, "--l2tlb-entries", "0", status=0)
            strided = self.statistics()["cpu0"]
            self.example("tlb-one-page", width, "--l2tlb-entries", "0", status=0)
            one_page = self.statistics()["cpu0"]
            self.assertGreater(strided["mmu"]["dtlb"]["misses"], 30000)
            self.assertLess(one_page["mmu"]["dtlb"]["misses"], 100)
            self.assertGreater(strided["cycles"] - one_page["cycles"], 30000 * 5)

    def test_a_tlb_one_entry_too_small_costs_a_walk_for_each_access(self):
        # tlb_stride.c: 64 rounds over 512 pages; a walk is a step, a hop and a read (1 + 1 + 3) a level.
        for width, levels in (("32", 2), ("64", 3)):
            runs = []
            for entries in ("512", "511"):
                self.example("tlb-stride", width, "--l2tlb-entries", "0", "--dtlb-entries", entries, status=0)
                runs.append(self.statistics()["cpu0"])
            more = 64 * 512 - 512
            self.assertEqual(runs[1]["mmu"]["dtlb"]["misses"] - runs[0]["mmu"]["dtlb"]["misses"], more)
            self.assertEqual(runs[1]["mmu"]["walker"]["cycles"] - runs[0]["mmu"]["walker"]["cycles"], more * levels * 5)

    def test_functional_timing_has_no_tlbs(self):
        self.example("mixed", "64", "--timing", "functional", status=0)
        cpu = self.statistics()["cpu0"]
        self.assertNotIn("mmu", cpu)
        self.assertEqual(cpu["cycles"], cpu["instructions"])

    def test_the_kernels_boot_from_their_configurations_alone(self):
        for width in WIDTHS:
            result = self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width),
                                os.path.join(CONFIGS, "small-tlb.ini"), "--stats", self.path("stats.json"), status=0)
            self.assertIn(b"memio kernel: rv" + width.encode(), result.stdout)
            cpu = self.statistics()["cpu0"]
            self.assertNotIn("l2tlb", cpu["mmu"])
            self.assertGreater(cpu["mmu"]["dtlb"]["misses"], 1000)

    def test_a_width_that_does_not_match_is_refused(self):
        image = os.path.join(SW, "examples", "hello-rv32.elf")
        self.refuses(["32-bit", "rv64", "cpu.isa"], "run", "--bios", "none", "--kernel", image)

    def test_a_bare_program_beside_the_firmware_is_refused_with_advice(self):
        image = os.path.join(SW, "examples", "hello-rv64.elf")
        self.refuses(["overlaps", "--bios none"], "run", "--kernel", image)


if __name__ == "__main__":
    unittest.main()
