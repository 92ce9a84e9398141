"""Where DMA does not see the caches: what goes stale, what the checker tells of it (sw/examples/stale.c), that a
program which flushes its caches is right and not blamed, and the trigger `event:stale`."""
import os
import re
import unittest

from support import SW, SystemTest
from vcd import changes

CACHES = ["--cache.l1i.size", "4K", "--cache.l1d.size", "4K", "--check.coherency", "on"]
NOT_COHERENT = [*CACHES, "--cache.dma", "noncoherent"]
VARIANTS = ([], ["--engine", "reference"], ["--quantum", "70ns"], ["--quantum", "1ms"], ["--host.dmi", "off"],
            ["--host.dmi", "off", "--engine", "reference"], ["--host.drop-caches", "100"])


@unittest.skipUnless(SW, "the guest software is not built")
class Coherency(SystemTest):
    def run_example(self, name, width, status, *arguments):
        """What it printed as numbers by name, what memio said, and the statistics without those of the host."""
        result = self.memio("run", "--cpu.isa", "rv%simac_zicbom" % width, "--bios", "none", "--kernel",
                            os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width)), *arguments, "--stats",
                            self.path("stats.json"), status=status, cwd=self.folder.name)
        stats = self.statistics()
        del stats["host"]
        return dict(re.findall(r"(.*): (\d+)\n", result.stdout.decode())), result.error, stats

    def reports(self, printed):
        """By hand, in cycles. `stored`, `started`, `loaded` are the counter after its reading instruction; a store or
        load that follows in the same line of the L1I reaches the cache a cycle, its class, later. The DMA controller
        hears of its start after that cycle and a hop (2), reads its descriptor (1 + 3 + 7), sets the descriptor (4) and
        the burst (1) up, and reads: the first beat of a burst moves after hop and latency (1 + 3). All 8 beats of the
        burst are read (1 + 3 + 7) when the first is written (1 + 3)."""
        stored, started, loaded = (int(printed[name]) for name in ("stored", "started", "loaded"))
        read = started + 2 + 11 + 4 + 1 + 4
        return ("memio: stale data at %#x source+0x8: a device read it at cycle %d; stored at %d by 0x80000404 store_unseen+0x44 "
                "(stale.c:17), never cleaned\n"
                "memio: stale data at %#x destination+0xc: read at cycle %d by 0x80000504 load_unaware+0x44 (stale.c:37); a device wrote "
                "it at %d, never invalidated\n"
                % (int(printed["source"]), read, stored + 1, int(printed["destination"]), loaded + 1, read - 4 + 11 + 4))

    def test_both_ways_are_told_with_symbol_address_and_times(self):
        for width in ("32", "64"):
            first = None
            for variant in VARIANTS:
                with self.subTest(width=width, variant=variant):
                    outcome = self.run_example("stale", width, 3, *NOT_COHERENT, *variant)
                    printed, report, stats = outcome
                    self.assertEqual(report, self.reports(printed))
                    self.assertEqual(stats["coherence"]["stale_device_reads"], 1)
                    self.assertEqual(stats["coherence"]["stale_hart_reads"], 1)
                    self.assertEqual(stats["coherence"]["lost_device_writes"], 0)
                    first = first or outcome
                    self.assertEqual(outcome, first)

    def test_nothing_is_told_of_what_is_right_or_not_asked_for(self):
        for width in ("32", "64"):
            for name, status, options in (("stale-sync", 0, NOT_COHERENT), ("stale", 0, CACHES),
                                          ("stale", 0, CACHES[:2]), ("stale", 3, NOT_COHERENT[:4] + NOT_COHERENT[6:])):
                with self.subTest(width=width, name=name, options=options):
                    self.assertEqual(self.run_example(name, width, status, *options)[1], "")

    def test_caches_of_other_kinds(self):
        """With an L2 what is dirty there is stale as well; write-through leaves nothing dirty, so devices are right; a
        device's write is stale in all."""
        for options, status in ((["--cache.l2.size", "64K"], 3), (["--cache.l1d.write", "through"], 2),
                                (["--cache.l1d.write", "through", "--cache.l2.size", "64K"], 3),
                                (["--cache.l1d.line", "16"], 3), (["--cache.l1d.line", "256"], 3)):
            for name, expected in (("stale", status), ("stale-sync", 0)):
                with self.subTest(options=options, name=name):
                    outcome = self.run_example(name, "64", expected, *NOT_COHERENT, *options)
                    self.assertEqual(outcome[1].count("a device read it"), expected & 1)
                    self.assertEqual(outcome[1].count("a device wrote it"), expected >> 1)
                    self.assertEqual(outcome, self.run_example(name, "64", expected, *NOT_COHERENT, *options, "--engine",
                                                               "reference", "--quantum", "70ns"))

    def test_a_trace_begins_at_the_stale_read(self):
        """The n-th alarm begins the waveform, in the cycle that the report names, in both engines the same."""
        for number, place in ((1, "source"), (2, "destination")):
            waveforms = []
            for engine in ("fast", "reference"):
                printed, report, _ = self.run_example(
                    "stale", "64", 3, *NOT_COHERENT, "--engine", engine, "--vcd", "stale.vcd", "--vcd-scope",
                    "cache,bus", "--trace-start", "event:stale#%d" % number)
                self.assertEqual(report, self.reports(printed))
                with open(self.path("stale.vcd"), "rb") as waveform:
                    waveforms.append(waveform.read())
            self.assertEqual(waveforms[0], waveforms[1])
            seen = [change for change in changes(self.path("stale.vcd")) if change[1].startswith("alarm.")]
            time = int(re.findall(r"read (?:it )?at cycle (\d+)", report)[number - 1]) * 1000
            self.assertIn((time, "alarm.stale", True), seen)
            self.assertEqual([value for at, name, value in seen if name == "alarm.address" and at == time][-1],
                             int(printed[place]))
            self.assertEqual(next(changes(self.path("stale.vcd")))[0], time)
            self.assertEqual(sum(name == "alarm.stale" for _, name, _ in seen), 3 - number)


if __name__ == "__main__":
    unittest.main()
