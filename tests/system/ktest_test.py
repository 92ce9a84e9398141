"""The tests inside the kernel (sw/kernel/tests), on both widths: all of them, and those that end in a panic; and the
kernel without an MMU on a machine that has none."""
import os
import unittest

from support import CONFIGS, SW, SystemTest

# What each test that panics must say.
PANICS = {
    "panic_spin_lock_twice":
        rb"kernel panic: spinlock 0x[0-9a-f]+ asked for at take_twice\+0x[0-9a-f]+ can never be got: it is held, "
        rb"taken at take_twice\+0x[0-9a-f]+, in task ktest\[",
    "panic_spin_unlock_free":
        rb"kernel panic: spinlock 0x[0-9a-f]+ released at ktest_panic_spin_unlock_free\+0x[0-9a-f]+ is not held",
    "panic_stack_overflow":
        rb"kernel panic: kernel stack of task deep\[\d+\] has overflowed: \d+ bytes from 0x[0-9a-f]+",
    "panic_in_a_thread":
        rb"(?s)kernel panic: null pointer dereference at address 0x8, in task faulty\[\d+\].*backtrace:\n"
        rb"[^\n]* write_to_null\+0x[0-9a-f]+\n[^\n]* faulty_thread\+0x[0-9a-f]+\n[^\n]* task_start\+0x",
    "panic_in_an_interrupt":
        rb"(?s)kernel panic: asked for.*backtrace:\n.* panic_from_timer\+0x.* trap_dispatch\+0x.* busy_wait\+0x"
        rb".* task_start\+0x",
    "panic_vmalloc_guard_page":
        rb"kernel panic: store page fault \(guard page behind 0x[0-9a-f]+-0x[0-9a-f]+ \(2 pages, vmalloc'ed by "
        rb"ktest_panic_vmalloc_guard_page\+0x[0-9a-f]+\)\) at address 0x[0-9a-f]+, in task ktest\[",
    "panic_use_after_vfree":
        rb"kernel panic: store page fault \(0x[0-9a-f]+005 was unmapped: area 0x[0-9a-f]+-0x[0-9a-f]+, vmalloc'ed by "
        rb"ktest_panic_use_after_vfree\+0x[0-9a-f]+, freed by ktest_panic_use_after_vfree\+0x[0-9a-f]+\)",
}

# Width, kernel, RAM, kernel options, and what the boot log says of the layout that follows.
MACHINES = (
    ("32", "kernel-tests-rv32.elf", "64M", "",
     rb" vmalloc : 0xc4800000 - 0xff7fe000 (?s:.)* lowmem : 0xc0000000 - 0xc4000000 "),
    ("32", "kernel-tests-rv32.elf", "512M", "",
     rb" vmalloc : 0xe0800000 - 0xff7fe000 (?s:.)* lowmem : 0xc0000000 - 0xe0000000 "),
    ("32", "kernel-tests-rv32.elf", "1G", "",
     rb" vmalloc : 0xf8800000 - 0xff7fe000 (?s:.)* lowmem : 0xc0000000 - 0xf8000000 "),
    ("32", "kernel-tests-rv32.elf", "5G", "", rb"zone HighMem  1081344 pages"),
    ("32", "kernel-tests-rv32.elf", "1G", "layout=arm", rb" vectors : 0xffff0000 - 0xffff1000 "),
    ("32", "kernel-tests-rv32.elf", "1G", "vmalloc=512M", rb" lowmem : 0xc0000000 - 0xe0000000 "),
    ("32", "kernel-tests-2g-rv32.elf", "1G", "", rb" lowmem : 0x80000000 - 0xc0000000 "),
    ("64", "kernel-tests-rv64.elf", "1G", "", rb" lowmem : 0xffffffc000000000 - 0xffffffc040000000 "),
    ("64", "kernel-tests-rv64.elf", "1G", "paging=sv48", rb"paging: Sv48"),
)
# One test of each area, which must have run.
EVERYWHERE = ("layout_conversions", "gfp_every_flag_gives_a_page", "highmem_low_pages_have_their_linear_address",
              "vmalloc", "kmap", "ioremap", "kmalloc_sizes", "slab_driver", "mempool_standard_allocators",
              "registers_every_width", "resources_form_a_tree", "devices_show_in_proc", "io_memory_flow",
              "seed_driver_devices", "seed_driver_pins_user_pages", "user_copies", "round_robin_is_fair")


@unittest.skipUnless(SW, "the guest software is not built")
class KernelTests(SystemTest):
    def run_tests(self, width, names, status, *arguments):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--kernel",
                          os.path.join(SW, "kernel-tests-rv%s.elf" % width), "--append", "test=" + names, *arguments,
                          status=status).stdout

    def for_both(self, check):
        for width in ("32", "64"):
            with self.subTest(width=width):
                check(width)

    def all_pass(self, width, kernel, options, *arguments):
        output = self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--kernel",
                            os.path.join(SW, kernel), "--append", "test=all " + options, *arguments, status=0).stdout
        self.assertRegex(output, rb"ktest: \d+ tests, 0 failed\n")
        self.assertNotIn(b"FAILED", output)
        for name in EVERYWHERE:
            self.assertIn(b"ktest: " + name.encode() + b" ok (", output)
        return output

    def test_all_tests_pass(self):
        for width in ("32", "64"):
            with self.subTest(width=width):
                self.all_pass(width, "kernel-tests-rv%s.elf" % width, "")

    def test_all_tests_pass_on_every_machine(self):
        for width, kernel, ram, options, expected in MACHINES:
            with self.subTest(kernel=kernel, ram=ram, options=options):
                output = self.all_pass(width, kernel, options, "--ram.size", ram, "--timing", "functional")
                self.assertRegex(output, expected)

    def test_an_unknown_name_is_a_failure(self):
        for names, found in (("no_such_test", 0), ("pages_zones,no_such_test", 1)):
            output = self.run_tests("32", names, 1)
            self.assertIn(b"ktest: there is no test no_such_test\n", output)
            self.assertIn(b"ktest: %d tests, 1 failed\n" % found, output)

    def test_a_time_slice_of_three_ticks_switches_a_third_as_often(self):
        # The test counts switches under slices of one tick, so it must fail here.
        output = self.memio("run", os.path.join(CONFIGS, "virt-rv32.ini"), "--kernel",
                            os.path.join(SW, "kernel-tests-rv32.elf"), "--append",
                            "timeslice=3 test=round_robin_is_fair,stop_before_start", status=1).stdout
        self.assertIn(b"ktest: round_robin_is_fair FAILED\n", output)
        self.assertIn(b"ktest: stop_before_start ok (3 checks)\n", output)
        self.assertIn(b"ktest: 2 tests, 1 failed\n", output)

    def test_panics_name_what_went_wrong(self):
        def check(width):
            for name, expected in PANICS.items():
                with self.subTest(name=name):
                    self.assertRegex(self.run_tests(width, name, 1), expected)
        self.for_both(check)

    def run_flat(self, width, *arguments, append="", **more):
        return self.memio("run", os.path.join(CONFIGS, "nommu-rv%s.ini" % width), "--kernel",
                          os.path.join(SW, "kernel-nommu-rv%s.elf" % width), "--append", append, *arguments, "--stats",
                          self.path("stats.json"), **more).stdout

    def test_all_tests_pass_without_an_mmu(self):
        def check(width):
            for size in ("64M", "256M"):
                output = self.run_flat(width, "--ram.size", size, append="test=all", status=0)
                self.assertIn(b"memio kernel: rv%s, no MMU, hart 0\n" % width.encode(), output)
                self.assertRegex(output, rb"ktest: \d+ tests, 0 failed\n")
                self.assertIn(b"ktest: flat_addresses ok (", output)
                self.assertGreater(output.count(b" ok ("), 60)
                self.assertEqual(self.statistics()["machine"]["mmu"], "none")
                self.assertNotIn("mmu", self.statistics()["cpu0"])
        self.for_both(check)

    def test_the_shell_runs_without_an_mmu(self):
        def check(width):
            commands = b"cat /proc/buddyinfo\nalloc vmalloc 20000\ncat vmallocinfo\nstress 2000 7\npoweroff 3\n"
            with open(self.file("typed", commands), "rb") as typed:
                output = self.run_flat(width, stdin=typed, status=3)
            self.assertIn(b"init: no user programs without an MMU\n", output)
            self.assertRegex(output, rb"Node 0, zone\s+DMA ")
            self.assertRegex(output, rb"\n0x0*8\w{7}-0x0*8\w{7}\s+20480 .* pages=5 vmalloc\n")
            self.assertIn(b"shell: power off, status 3\n", output)
            self.assertNotIn(b"BUG", output)
        self.for_both(check)

    def test_a_fault_without_an_mmu_names_address_and_functions(self):
        def check(width):
            self.assertRegex(
                self.run_flat(width, append="test=panic_in_a_thread", status=1),
                rb"(?s)kernel panic: store access fault at address 0x8, in task faulty\[\d+\].*backtrace:\n"
                rb"[^\n]* write_to_null\+0x[0-9a-f]+\n[^\n]* faulty_thread\+0x[0-9a-f]+\n[^\n]* task_start\+0x")
        self.for_both(check)


if __name__ == "__main__":
    unittest.main()
