"""A run's figures, and their comparison in runs that must not differ: engines, quanta, DMI, tracing, dropped caches."""
from support import SystemTest

VARIANTS = {
    "reference": ["--engine", "reference"],
    "short quantum": ["--quantum", "70ns"],
    "long quantum": ["--quantum", "1ms"],
    "no DMI": ["--host.dmi", "off"],
    "no DMI, reference": ["--host.dmi", "off", "--engine", "reference"],
    "dropped caches": ["--host.drop-caches", "300"],
    "traced": ["--vcd-scope", "mmu,irq", "--vcd", "trace.vcd"],
}


class FiguresTest(SystemTest):
    def figures(self, arguments, status):
        """The statistics without those of the host, and the console output."""
        self.memio("run", *arguments, "--console", "file:" + self.path("console"), "--stats", self.path("stats.json"),
                   status=status, cwd=self.folder.name)
        stats = self.statistics()
        del stats["host"]
        with open(self.path("console"), "rb") as console:
            return stats, console.read()

    def compare(self, arguments, status, variants=VARIANTS):
        """The statistics, which are the same in every variant, as is the console output."""
        expected = self.figures(arguments, status)
        for name in variants:
            with self.subTest(" ".join(arguments), variant=name):
                self.assertEqual(self.figures([*arguments, *VARIANTS[name]], status), expected)
        return expected[0]

    @staticmethod
    def routes(space):
        """The objects of all routes of an address space."""
        return [route for initiator in space.values() if isinstance(initiator, dict)
                for route in initiator.values() if isinstance(route, dict)]

    def walks_on_the_bus(self, stats):
        return sum(route["walks"] for space in stats["bus"].values() for route in self.routes(space))

    def check_cycle_stack(self, stats):
        cpu = stats["cpu0"]
        self.assertEqual(sum(cpu["cycle_stack"].values()), cpu["cycles"])
        self.assertEqual(stats["run"]["sim_time_ps"], cpu["cycles"] * 1000)

    def check_translation(self, stats, cpu="cpu0"):
        mmu = stats[cpu]["mmu"]
        for tlb in ("itlb", "dtlb", "l2tlb"):
            self.assertEqual(mmu[tlb]["hits"] + mmu[tlb]["misses"], mmu[tlb]["lookups"])
        self.assertEqual(mmu["l2tlb"]["lookups"], mmu["itlb"]["misses"] + mmu["dtlb"]["misses"])
        walker = mmu["walker"]
        self.assertEqual(walker["levels"], walker["reads"] + walker["refused"] + walker["skipped"])
        self.assertEqual(walker["walks"], mmu["l2tlb"]["misses"] + walker["dirty_walks"])
        stack = stats[cpu]["cycle_stack"]
        self.assertEqual(walker["cycles"], stack["itlb_walk"] + stack["dtlb_walk"])
        self.assertEqual(walker["updates_refused"], 0)

    def check_walks(self, stats):
        """What the walker of a hart without caches reads and writes is on the bus: a level is a read, an update of
        A or D a read and a write, one that finds another PTE a read."""
        walker = stats["cpu0"]["mmu"]["walker"]
        self.assertEqual(self.walks_on_the_bus(stats),
                         walker["reads"] + 2 * walker["ad_updates"] + walker["ad_retries"])

    def check_bus(self, stats):
        for space in stats["bus"].values():
            routes = self.routes(space)
            self.assertEqual(space["transactions"], sum(route["reads"] + route["writes"] for route in routes))
            self.assertEqual(space["bytes"], sum(route["bytes_read"] + route["bytes_written"] for route in routes))

        self.check_phases(stats)

    def check_phases(self, stats):
        """In mode at: every transaction on the bus had its four phases, and nobody broke the protocol."""
        self.assertEqual("phases" in stats, stats["machine"]["timing"] == "at")
        for name, space in stats.get("phases", {}).items():
            for initiator, phases in space.items():
                with self.subTest(initiator=initiator, space=name):
                    on_bus = stats["bus"][name][initiator]
                    made = on_bus["unmapped"] + sum(route["reads"] + route["writes"] for route in on_bus.values()
                                                    if isinstance(route, dict))
                    self.assertEqual(phases, {"begin_req": made, "end_req": made, "begin_resp": made,
                                              "end_resp": made, "violations": 0})

    def check_dram(self, stats):
        dram = stats["dram"]
        self.assertEqual(dram["row_hits"] + dram["row_closed"] + dram["row_conflicts"], dram["bursts"])
        self.assertEqual(dram["transfers"], sum(
            initiator["ram"]["reads"] + initiator["ram"]["writes"]
            for initiator in stats["bus"]["memory"].values() if isinstance(initiator, dict) and "ram" in initiator))
