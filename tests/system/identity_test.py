"""No switch of speed or observation changes a figure: engines, quanta, DMI, tracing, dropped caches."""
import os
import unittest

from support import CONFIGS, SW, SystemTest

VARIANTS = {
    "reference": ["--engine", "reference"],
    "short quantum": ["--quantum", "70ns"],
    "long quantum": ["--quantum", "1ms"],
    "no DMI": ["--host.dmi", "off"],
    "no DMI, reference": ["--host.dmi", "off", "--engine", "reference"],
    "dropped caches": ["--host.drop-caches", "300"],
    "traced": ["--vcd-scope", "mmu,irq", "--vcd", "trace.vcd"],
}


@unittest.skipUnless(SW, "the guest software is not built")
class Identity(SystemTest):
    def figures(self, arguments, status):
        self.memio("run", *arguments, "--console", "file:" + self.path("console"), "--stats", self.path("stats.json"),
                   status=status, cwd=self.folder.name)
        stats = self.statistics()
        del stats["host"]
        with open(self.path("console"), "rb") as console:
            return stats, console.read()

    def compare(self, arguments, status):
        expected = self.figures(arguments, status)
        for name, variant in VARIANTS.items():
            with self.subTest(" ".join(arguments), variant=name):
                self.assertEqual(self.figures([*arguments, *variant], status), expected)
        waveforms = []
        for variant in (["--engine", "fast"], ["--engine", "reference", "--quantum", "50ns", "--host.dmi", "off"]):
            self.figures([*arguments, *variant, "--vcd", "all.vcd", "--vcd-stop", "300us"], status)
            with open(self.path("all.vcd"), "rb") as waveform:
                waveforms.append(waveform.read())
        self.assertEqual(waveforms[0], waveforms[1])
        return expected[0]

    def check_identities(self, stats):
        cpu = stats["cpu0"]
        self.assertEqual(sum(cpu["cycle_stack"].values()), cpu["cycles"])
        mmu = cpu["mmu"]
        for tlb in ("itlb", "dtlb", "l2tlb"):
            self.assertEqual(mmu[tlb]["hits"] + mmu[tlb]["misses"], mmu[tlb]["lookups"])
        self.assertEqual(mmu["l2tlb"]["lookups"], mmu["itlb"]["misses"] + mmu["dtlb"]["misses"])
        walker = mmu["walker"]
        self.assertEqual(walker["levels"], walker["reads"] + walker["refused"] + walker["skipped"])
        for space in stats["bus"].values():
            routes = [route for initiator in space.values() if isinstance(initiator, dict)
                      for route in initiator.values() if isinstance(route, dict)]
            self.assertEqual(space["transactions"], sum(route["reads"] + route["writes"] for route in routes))

    def test_the_kernels(self):
        for width in ("32", "64"):
            stats = self.compare([os.path.join(CONFIGS, "virt-rv%s.ini" % width)], 0)
            self.check_identities(stats)

    def test_the_bare_programs(self):
        for width in ("32", "64"):
            for name, status in (("smc", 0), ("timer-irq", 0), ("port-io", 0), ("page-walk", 0), ("soft-reset", 0)):
                image = os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))
                self.check_identities(
                    self.compare(["--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel", image], status))


if __name__ == "__main__":
    unittest.main()
