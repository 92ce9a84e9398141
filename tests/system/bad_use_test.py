"""Wrong use of the kernel's functions: each mistake is reported in words that name function, value, what there is
and who made it, with a backtrace by name that leads to the culprit (sw/kernel/tests/test_bad_use.c)."""
import os
import re
import unittest

from support import CONFIGS, SW, SystemTest

HEX = "0x[0-9a-f]+"
# By the function that makes the mistake; SELF stands for its name with an offset.
REPORTS = {
    "double_free_of_pages": r"free of order 2 by SELF: the page at HEX is free already, last freed by SELF",
    "double_free_of_kmalloc": r"slab size-128: double free of object HEX by SELF",
    "double_free_of_vmalloc": r"vfree\(HEX\) by SELF: .*freed by SELF",
    "foreign_pointer_to_kfree": r"kfree\(HEX\) by SELF: reserved memory, as the kernel's image is",
    "foreign_pointer_to_free_pages": r"free of order 0 by SELF: HEX is not a page of the direct map HEX\.\.HEX",
    "foreign_object_to_a_cache": r"kmem_cache_free\(HEX\) by SELF: an object of size-128, not of bad-use",
    "middle_of_a_block": r"slab size-128: free of HEX by SELF: 8 bytes into object HEX",
    "wrong_order": r"free of order 1 by SELF: the page at HEX has order 3, allocated by SELF",
    "unbalanced_kunmap": r"kunmap by SELF of page HEX \(frame HEX\), which is not mapped by kmap",
    "unbalanced_kunmap_atomic": r"kunmap_atomic\(HEX\) by SELF: not what kmap_atomic gave last \(0 slots in use\)",
    "ports_never_requested": r"Trying to free nonexistent resource <0x7000-0x7007> of PCI IO, by SELF",
    "memory_never_requested": r"Trying to free nonexistent resource <0x60000000-0x60000fff> of PCI mem, by SELF",
    "part_of_a_region": r"Trying to free nonexistent resource <0x60000000-0x600007ff> of PCI mem, by SELF",
    "iounmap_of_memory": r"iounmap\(HEX\) by SELF: .*vmalloc",
    "ioremap_of_memory_in_use": r"ioremap of HEX\.\.HEX, by SELF: HEX is RAM in use; reserved pages are allowed",
    "kmalloc_with_a_lock_held": r"sleeping function called from invalid context at .*: preempt count 0x1",
    "vmalloc_with_a_lock_held": r"vmalloc of 0x64 bytes in atomic context, by SELF: it may sleep",
    "high_memory_by_address": r"__get_free_pages: __GFP_HIGHMEM is not allowed, high memory has no address",
}
PANICS = {
    "read_behind_an_area":
        r"kernel panic: load page fault \(guard page behind HEX-HEX \(1 pages, vmalloc'ed by SELF\)\) at address HEX",
    "use_after_iounmap":
        r"kernel panic: load page fault \(HEX was unmapped: area HEX-HEX, ioremap'ed by SELF, freed by SELF\)",
}
MISSING = {
    "out_of_memory": (r"page allocation failure: task ktest\[\d+\] asked for order 3 \(32 KiB\) in SELF",
                      r"flags 0x10d0: __GFP_WAIT\|__GFP_IO\|__GFP_FS\|__GFP_NORETRY",
                      r"policy: zones Normal, DMA, down to min, may free memory, once, all shrinkers; waited 0 ticks"),
    "out_of_dma_memory": (r"page allocation failure: task ktest\[\d+\] asked for order 1 \(8 KiB\) in SELF",
                          r"flags 0x21: __GFP_DMA\|__GFP_HIGH",
                          r"policy: zone DMA only, down to 3/8 of min, may not sleep or free memory, no shrinkers; "
                          r"waited 0 ticks"),
}
ZONE = r"zone \w+: \d+ free \(\d+ hot, \d+ cold\), min \d+, low \d+, high \d+; blocks by order:(?: \d+){11}\n"


@unittest.skipUnless(SW, "the guest software is not built")
class BadUse(SystemTest):
    def run_test(self, width, name, status, *arguments):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--kernel",
                          os.path.join(SW, "kernel-tests-rv%s.elf" % width), "--append", "test=" + name, "--timing",
                          "functional", *arguments, status=status).stdout.decode()

    def pattern(self, text, name):
        return text.replace("SELF", r"(?:memio::)?" + name + r"\+" + HEX).replace("HEX", "(?:0x)?[0-9a-f]+")

    def parts(self, output):
        return dict(re.findall(r"bad use: (\w+)\n(.*?)(?=bad use: )", output, re.S))

    def check_backtrace(self, text, name):
        self.assertRegex(text, r"backtrace:\n(?: \[[0-9a-f]+\] \S+\n)* \[[0-9a-f]+\] " + name + r"\+" + HEX)

    def test_survivable_mistakes_are_reported_once(self):
        for width, ram in (("32", "64M"), ("32", "1G"), ("64", "64M")):
            parts = self.parts(self.run_test(width, "bad_use", 0, "--ram.size", ram))
            self.assertEqual(set(parts), set(REPORTS))
            for name, expected in REPORTS.items():
                with self.subTest(width=width, ram=ram, name=name):
                    text = parts[name]
                    self.assertEqual(text.count("BUG: "), 1)
                    self.assertRegex(text, "BUG: " + self.pattern(expected, name) + r".*, in task ktest\[\d+\]\n")
                    self.check_backtrace(text, name)

    def test_slab_debug_names_who_allocated_and_freed(self):
        parts = self.parts(self.run_test("32", "bad_use slab-debug", 0))
        self.assertRegex(parts["double_free_of_kmalloc"], self.pattern(
            r"double free of object HEX by SELF.*allocated by SELF.*freed by SELF", "double_free_of_kmalloc"))

    def test_out_of_memory_names_request_zones_and_policy(self):
        for width in ("32", "64"):
            parts = self.parts(self.run_test(width, "bad_use_out_of_memory", 0, "--ram.size", "64M"))
            for name, expected in MISSING.items():
                with self.subTest(width=width, name=name):
                    for line in expected:
                        self.assertRegex(parts[name], self.pattern(line, name))
                    self.assertEqual(len(re.findall(ZONE, parts[name])), 2)
                    self.check_backtrace(parts[name], name)

    def test_fatal_mistakes_end_the_run(self):
        for width in ("32", "64"):
            for name, expected in PANICS.items():
                with self.subTest(width=width, name=name):
                    output = self.run_test(width, "panic_" + name, 1)
                    self.assertRegex(output, self.pattern(expected, name))
                    self.check_backtrace(output, name)


if __name__ == "__main__":
    unittest.main()
