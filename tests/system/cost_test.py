"""What calls of the kernel's allocators cost in modelled cycles and misses (kernel option `bench`)."""
import os
import re
import unittest

from support import CONFIGS, SW, SystemTest

ROW = re.compile(r"^bench: (.+?) +(warm|cold)" + r" +(\d+)" * 7 + "$", re.M)


class Cost:
    def __init__(self, values):
        self.cycles, self.instructions, self.itlb, self.dtlb, self.l2tlb, self.walk, self.ptes = values


@unittest.skipUnless(SW, "the guest software is not built")
class Costs(SystemTest):
    def bench(self, width, *arguments, append="bench", status=0):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--append", append, "--ram.size", "1G",
                          "--kernel", os.path.join(SW, "kernel-rv%s.elf" % width), *arguments,
                          status=status).stdout.decode()

    def costs(self, output):
        return {(row[0], row[1]): Cost(map(int, row[2:])) for row in ROW.findall(output)}

    def for_both(self, check):
        for width in ("32", "64"):
            with self.subTest(width=width):
                check(width, self.costs(self.bench(width)))

    def test_fast_paths_are_short(self):
        def check(_, costs):
            for call, most in (("__get_free_pages order 0", 150), ("free_pages order 0", 150),
                               ("alloc_pages order 0, Normal", 150), ("__free_pages order 0, Normal", 150),
                               ("kmalloc 32 B", 80), ("kmalloc 128 B", 80), ("kmalloc 1 KiB", 80), ("kfree 32 B", 80),
                               ("kfree 8 KiB", 80), ("kmem_cache_alloc 200 B", 80), ("kmem_cache_free 200 B", 90)):
                with self.subTest(call=call):
                    self.assertGreater(costs[call, "warm"].instructions, 10)
                    self.assertLess(costs[call, "warm"].instructions, most)
        self.for_both(check)

    def test_an_empty_tlb_costs_more_by_its_walks(self):
        def check(width, costs):
            self.assertGreater(len(costs), 100)
            for (call, state), cost in costs.items():
                with self.subTest(call=call, state=state):
                    # A level read is a PTE of five cycles: step 1, hop 1, RAM 3. Walks end at megapages or pages.
                    self.assertEqual(cost.walk, 5 * cost.ptes)
                    self.assertEqual(cost.ptes == 0, cost.l2tlb == 0)
                    self.assertLessEqual(cost.l2tlb, cost.itlb + cost.dtlb)
                    self.assertLessEqual(cost.ptes, {"32": 2, "64": 3}[width] * cost.l2tlb)
                    if state == "cold":
                        warm = costs[call, "warm"]
                        self.assertGreaterEqual(cost.walk - warm.walk, 5)
                        # The list of free blocks is another one in each round: large areas vary a little.
                        self.assertGreater(cost.cycles, warm.cycles - warm.cycles // 50)
                        if "256 pages" not in call:
                            self.assertGreater(cost.cycles, warm.cycles)
        self.for_both(check)

    def test_kmalloc_needs_no_walk_when_warm_and_vmalloc_one_for_each_page(self):
        def check(width, costs):
            levels = {"32": 2, "64": 3}[width]
            self.assertEqual(costs["touch, kmalloc 64 KiB", "warm"].walk, 0)
            touched = costs["touch, vmalloc 16 pages", "warm"]
            self.assertEqual((touched.dtlb, touched.l2tlb, touched.ptes), (16, 16, 16 * levels))
            self.assertEqual(touched.instructions, costs["touch, kmalloc 64 KiB", "warm"].instructions)
            for one, other in (("vmalloc 1 page", "kmalloc 4 KiB"), ("vmalloc 16 pages", "kmalloc 64 KiB"),
                               ("vmalloc 256 pages", "kmalloc 1 MiB"), ("vfree 16 pages", "kfree 64 KiB")):
                self.assertGreater(costs[one, "warm"].cycles, 3 * costs[other, "warm"].cycles)
        self.for_both(check)

    def test_high_memory_is_measured_where_there_is_some(self):
        output = self.costs(self.bench("32"))
        self.assertEqual(output["touch, kmap, low page", "warm"].walk, 0)
        self.assertGreater(output["kmap, high page", "warm"].cycles, output["kmap, low page", "warm"].cycles)
        # Each kmap_atomic() of a high page makes a translation anew, kmap() keeps it.
        self.assertEqual(output["touch, kmap_atomic, high page", "warm"].walk, 10)
        self.assertEqual(output["touch, kmap, high page", "warm"].walk, 0)
        self.assertNotIn(("kmap, high page", "warm"), self.costs(self.bench("64")))

    def test_one_area_and_one_that_does_not_exist(self):
        output = self.bench("32", append="bench=kmap")
        self.assertIn("bench: kmap_atomic, low page", output)
        self.assertNotIn("kmalloc", output)
        self.assertIn("bench: no area 'nix': pages,", self.bench("32", append="bench=nix", status=1))

    def test_the_table_repeats(self):
        self.assertEqual(self.bench("64", append="bench=pages"), self.bench("64", append="bench=pages"))


if __name__ == "__main__":
    unittest.main()
