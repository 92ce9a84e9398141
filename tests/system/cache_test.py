"""Caches and DRAM (configs/cores/five-stage.ini): identities of their counts, and runs that must not differ."""
import os
import unittest

from figures import FiguresTest
from support import CONFIGS, SW

FIVE_STAGE = os.path.join(CONFIGS, "cores", "five-stage.ini")
LINE = 64


@unittest.skipUnless(SW, "the guest software is not built")
class Caches(FiguresTest):
    def machine(self, width, *options):
        return [os.path.join(CONFIGS, "virt-rv%s.ini" % width), FIVE_STAGE, *options]

    def check_caches(self, stats):
        cpu = stats["cpu0"]
        caches = [cpu[name] for name in ("l1i", "l1d", "l2") if name in cpu]
        for cache in caches:
            self.assertEqual(cache["hits"] + cache["misses"], cache["lookups"])
            for kind in ("fetches", "loads", "stores", "walks"):
                self.assertLessEqual(cache[kind + "_missed"], cache[kind])
            self.assertEqual(sum(cache[kind] for kind in ("fetches", "loads", "stores", "walks")), cache["lookups"])
        if "l2" in cpu:
            past_the_l1d = cpu["l2"]["walks"] - cpu["l1d"]["walks_missed"]  # with cache.walker = l2
            self.assertEqual(cpu["l2"]["lookups"], cpu["l1i"]["fills"] + cpu["l1d"]["fills"] + past_the_l1d)
        # What reaches the bus: of a hart with an L2 what that moves, else what the first levels do.
        lowest = [cpu["l2"]] if "l2" in cpu else caches
        uncached = cpu["uncached"]
        routes = [route for name, initiator in stats["bus"]["memory"].items() if name.startswith("cpu0")
                  for route in initiator.values() if isinstance(route, dict)]
        self.assertEqual(sum(route["bytes_read"] for route in routes),
                         sum(cache["fills"] for cache in lowest) * LINE + uncached["bytes_read"])
        self.assertEqual(sum(route["bytes_written"] for route in routes),
                         sum(cache["bytes_below"] for cache in lowest) + uncached["bytes_written"])
        l1d = cpu["l1d"]
        if l1d["writes_through"] == 0:
            self.assertEqual(l1d["bytes_below"], l1d["write_backs"] * LINE)

    def check_identities(self, stats):
        self.check_cycle_stack(stats)
        self.check_translation(stats)
        self.check_bus(stats)
        self.check_caches(stats)
        if "dram" in stats:
            self.check_dram(stats)

    def test_a_program_reads_the_counts_of_the_statistics(self):
        """Zihpm: event_counters.c leaves 15 counters between begin_signature and end_signature."""
        for width in ("32", "64"):
            for engine in ("fast", "reference"):
                image = os.path.join(SW, "examples", "event-counters-rv%s.elf" % width)
                self.memio("run", *self.machine(width), "--bios", "none", "--kernel", image, "--engine", engine,
                           "--stats", self.path("stats.json"), "--signature", self.path("counts"),
                           "--signature-granularity", str(int(width) // 8), status=0)
                with open(self.path("counts"), encoding="ascii") as lines:
                    counters = [int(line, 16) for line in lines]
                cpu = self.statistics()["cpu0"]
                mmu = cpu["mmu"]
                # Missed before the events were set: the line of the reset code, read as data too, and the
                # program's first.
                self.assertEqual(counters, [
                    mmu["itlb"]["misses"], mmu["dtlb"]["misses"], mmu["l2tlb"]["misses"], mmu["walker"]["cycles"],
                    mmu["walker"]["reads"], cpu["traps"], 1, mmu["itlb"]["lookups"], mmu["dtlb"]["lookups"],
                    cpu["branch"]["predictions"], cpu["branch"]["mispredictions"], 0, cpu["l1i"]["misses"] - 2,
                    cpu["l1d"]["misses"] - 1, cpu["l2"]["misses"] - 2])
                for name in ("dtlb", "l2tlb"):
                    self.assertGreater(mmu[name]["misses"], 1000)
                self.assertGreater(cpu["branch"]["mispredictions"], 1000)

    def test_the_kernels(self):
        for width in ("32", "64"):
            stats = self.compare(self.machine(width), 0)
            self.check_identities(stats)
            cpu = stats["cpu0"]
            self.assertGreater(cpu["mmu"]["walker"]["walks"], 1000)
            self.assertEqual(cpu["l1d"]["walks"], cpu["mmu"]["walker"]["reads"])  # the walker reads through the L1D
            self.assertEqual(cpu["l2"]["walks"], cpu["l1d"]["walks_missed"])
            # A line that has to leave for one that a walk reads is written by a transaction of the walk's kind.
            write_backs = self.walks_on_the_bus(stats) - cpu["l2"]["walks_missed"]
            self.assertTrue(0 <= write_backs <= cpu["l2"]["bytes_below"] // LINE)
            for name in ("l1i", "l1d"):
                self.assertGreater(cpu[name]["hits"], cpu[name]["misses"])

    def test_the_bare_programs(self):
        programs = {"hello": 0, "mixed": 0, "page-walk": 0, "smc": 0, "soft-reset": 0, "timer-irq": 0, "tlb-stride": 0}
        for width in ("32", "64"):
            for name, status in programs.items():
                image = os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))
                self.check_identities(self.compare(self.machine(width, "--bios", "none", "--kernel", image), status))

    def test_other_shapes(self):
        """Each with something that the fragment has not: no L2, writing through, buffers, prefetches, other ports."""
        shapes = (["--l2-size", "0"],
                  ["--l2-size", "0", "--cache.l1d.write", "through", "--cache.l1d.write-allocate", "off"],
                  ["--cache.l1d.mshrs", "4", "--cache.l1d.store-buffer", "4", "--cache.l1d.restart", "critical"],
                  ["--cache.l1i.prefetch", "next-line", "--cpu.bus-ports", "walker", "--cache.walker", "bus"],
                  ["--cache.walker", "l2", "--cache.l2.policy", "random", "--l2-size", "32K", "--ram.kind", "sram"])
        for name, width in (("mixed", "64"), ("tlb-stride", "32")):
            image = os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))
            for shape in shapes:
                with self.subTest(program=name, shape=shape):
                    stats = self.compare(self.machine(width, "--bios", "none", "--kernel", image, *shape), 0,
                                         ("reference", "short quantum", "no DMI, reference", "dropped caches"))
                    self.check_identities(stats)


if __name__ == "__main__":
    unittest.main()
