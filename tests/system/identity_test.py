"""No switch of speed or observation changes a figure: engines, quanta, DMI, tracing, dropped caches."""
import os
import unittest

from figures import FiguresTest
from support import CONFIGS, SW
from vcd import first_rise


@unittest.skipUnless(SW, "the guest software is not built")
class Identity(FiguresTest):
    def compare_waveforms(self, arguments, status, windows):
        """The figures and console output are the same in every variant, the waveform in each of `windows` too."""
        stats = self.compare(arguments, status)
        for start, stop in windows:
            waveforms = []
            for variant in (["--engine", "fast"], ["--engine", "reference", "--quantum", "50ns", "--host.dmi", "off"]):
                # Not beyond the window, but where the guest ends within it.
                self.memio("run", *arguments, *variant, "--vcd", "all.vcd", "--vcd-start", start, "--vcd-stop", stop,
                           "--max-sim-time", stop, "--console", "none", cwd=self.folder.name)
                with open(self.path("all.vcd"), "rb") as waveform:
                    waveforms.append(waveform.read())
            with self.subTest(" ".join(arguments), window=start):
                self.assertGreater(len(waveforms[0]), 5000)
                self.assertEqual(waveforms[0], waveforms[1])
        return stats

    def around_the_first_tick(self, arguments):
        """A window in which the timer interrupts for the first time; a kernel has paging on by then."""
        self.figures([*arguments, "--vcd", "irq.vcd", "--vcd-scope", "irq"], 0)
        tick = first_rise(self.path("irq.vcd"), "clint.stip0")
        self.assertGreater(tick, 5 * 10**9)
        return "%dps" % (tick - 100 * 10**6), "%dps" % (tick + 100 * 10**6)

    def check_identities(self, stats):
        self.check_cycle_stack(stats)
        self.check_translation(stats)
        self.check_bus(stats)
        self.check_walks(stats)
        memory = stats["bus"]["memory"]["cpu0"]
        self.assertEqual(stats["cpu0"]["cycle_stack"]["fetch"],
                         memory["ram"]["fetches"] * (1 + 3) + memory["rom"]["fetches"] * (1 + 2))

    def test_the_kernels(self):
        for width in ("32", "64"):
            machine = [os.path.join(CONFIGS, "virt-rv%s.ini" % width)]
            stats = self.compare_waveforms(machine, 0, [("0ns", "300us"), self.around_the_first_tick(machine)])
            self.check_identities(stats)
            self.assertGreater(stats["cpu0"]["interrupts"], 3)
            self.assertGreater(stats["cpu0"]["mmu"]["walker"]["walks"], 1000)

    def test_the_kernels_own_tests(self):
        """Threads, preemption, interrupts and every allocator; in machine mode too, where nothing is translated."""
        tests = ("pages_by_descriptor,pages_zones,slab_constructors,krealloc_keeps_contents,mempool_waits_for_an_element,"
                 "devices_rtc_unbind_and_bind,timer_runs_at_its_tick,wake_up_wakes_all")
        paged = "vmalloc,vmap,ioremap,user_areas_merge_and_split,user_copies,vmalloc_spaces,resources_form_a_tree," + tests
        for width in ("32", "64"):
            for machine, kernel, names in (("virt", "tests", paged), ("nommu", "nommu", tests)):
                self.compare([os.path.join(CONFIGS, "%s-rv%s.ini" % (machine, width)), "--ram.size", "64M", "--kernel",
                              os.path.join(SW, "kernel-%s-rv%s.elf" % (kernel, width)), "--append", "test=" + names], 0)

    def test_buses_and_memories(self):
        shapes = (["--ram.kind", "dram", "--bus.width", "4"],
                  ["--ram.kind", "dram", "--dram.policy", "closed", "--dram.interleave", "64", "--cpu.bus-ports", "split"],
                  ["--bus.width", "4", "--cpu.bus-ports", "walker", "--ram.ports", "independent", "--ram.latency", "7",
                   "--timing.fetch-width", "8"],
                  ["--ram.alias-base", "0x180000000", "--ram.uncached-size", "128M", "--ram.interval", "1",
                   "--timing.fetch-width", "16"])
        for name in ("mixed", "smc"):
            for shape in shapes:
                image = os.path.join(SW, "examples", "%s-rv64.elf" % name)
                stats = self.compare(["--bios", "none", "--kernel", image, *shape], 0)
                self.check_cycle_stack(stats)
                if "dram" in stats:
                    self.check_dram(stats)

    def test_the_bare_programs(self):
        programs = {"dma-copy": 0, "dma-stress": 0, "endless-trap": 126, "exit42": 42, "hello": 0, "int-loop": 0,
                    "jump-nowhere": 126, "mixed": 0, "page-walk": 0, "port-io": 0, "smc": 0, "soft-reset": 0, "timer-irq": 0,
                    "tlb-one-page": 0, "tlb-stride": 0}
        for width in ("32", "64"):
            for name, status in programs.items():
                image = os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))
                stats = self.compare_waveforms(["--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel", image],
                                               status, [("0ns", "2100us" if name == "timer-irq" else "300us")])
                self.check_identities(stats)


if __name__ == "__main__":
    unittest.main()
