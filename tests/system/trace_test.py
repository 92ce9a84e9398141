"""Traces of whole runs: the scopes of the hierarchy, triggers, the ring, Perfetto's JSON, the kernel's free memory."""
import json
import os
import signal
import subprocess
import time
import unittest
from decimal import Decimal

from guest_memory import GuestMemory
from support import CONFIGS, COUNT, MEMIO, NOWHERE, SW, SystemTest, finish
from vcd import changes

CACHES = ["--cache.l1i.size", "4K", "--cache.l1d.size", "4K", "--cache.l2.size", "16K"]


@unittest.skipUnless(SW, "the guest software is not built")
class Trace(SystemTest):
    def example(self, name, *arguments, status=0):
        image = os.path.join(SW, "examples", name + "-rv64.elf")
        return self.memio("run", "--cpu.isa", "rv64imac", "--bios", "none", "--kernel", image, "--console", "none",
                          *arguments, status=status, cwd=self.folder.name)

    def kernel(self, *arguments, status=0, **keywords):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv64.ini"), "--console", "none", *arguments, status=status,
                          cwd=self.folder.name, **keywords)

    def json(self, name):
        with open(self.path(name), encoding="utf-8") as text:
            return json.load(text, parse_float=Decimal)["traceEvents"]

    def bytes(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def check_flows(self, events):
        """Every flow has both ends, runs forwards, and each of its points lies in a slice of its row."""
        slices, flows = {}, {}
        for event in events:
            row = (event.get("pid"), event.get("tid"))
            if event["ph"] == "X":
                self.assertGreater(event["dur"], 0)
                slices.setdefault(row, set()).add(event["ts"])
            if event["ph"] in "stf":
                flows.setdefault(event["id"], []).append((event["ph"], event["ts"], row))
        for points in flows.values():
            phases = "".join(phase for phase, _, _ in points)
            self.assertRegex(phases, "^st*f$")
            self.assertEqual([at for _, at, _ in points], sorted(at for _, at, _ in points))
            for _, at, row in points:
                self.assertIn(at, slices[row])
        return flows

    def test_perfetto_of_a_walk(self):
        """Misses, walks, caches and bus of a program that walks, from its instructions on, at modelled times."""
        for engine in ("fast", "reference"):
            self.example("tlb-stride", *CACHES, "--perfetto", engine + ".json", "--stats", "stats.json", "--engine", engine,
                         "--quantum", "10us" if engine == "fast" else "333ns", "--trace-start", "event:walk#10", "--trace-stop", "event:walk#1000")
        self.assertEqual(self.bytes("fast.json"), self.bytes("reference.json"))
        events = self.json("fast.json")
        names = {(event["pid"], event["tid"]): event["args"]["name"] for event in events
                 if event["ph"] == "M" and event["name"] == "thread_name"}
        self.assertLessEqual({"instructions", "dtlb", "l2tlb", "walker", "l1d", "l2", "cpu0"}, set(names.values()))
        flows = self.check_flows(events)
        paths = {tuple(names[row] for _, _, row in points) for points in flows.values()}
        self.assertTrue(any(path[:4] == ("instructions", "dtlb", "l2tlb", "walker") and path.count("walker") == 3
                            for path in paths), paths)
        self.assertTrue(any(path[:2] == ("instructions", "l1d") and path[-1] == "cpu0" for path in paths), paths)
        times = [event["ts"] for event in events if "ts" in event]
        self.assertEqual(times, sorted(times))
        end = Decimal(self.statistics()["run"]["sim_time_ps"]) / 1000000
        self.assertTrue(0 < times[0] and times[-1] < end, (times[0], times[-1], end))
        for event in events:
            if "ts" in event:  # whole cycles of 1 ns
                self.assertEqual(event["ts"] * 1000 % 1, 0)

    def test_perfetto_is_whole_however_the_run_ends(self):
        self.bare(NOWHERE, "--perfetto", self.path("crash.json"), status=126)
        self.assertTrue(any(event["name"].startswith("exception") for event in self.json("crash.json")
                            if event["ph"] == "i"))
        self.bare(COUNT, "--perfetto", self.path("limit.json"), "--max-instructions", "1000", status=124)
        self.check_flows(self.json("limit.json"))
        guest = self.file("count.bin", COUNT)
        for stop in (signal.SIGINT, signal.SIGKILL):
            run = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", guest, "--perfetto", self.path("cut.json"),
                                    "--console", "none"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not os.path.exists(self.path("cut.json")) or os.path.getsize(self.path("cut.json")) < 1 << 20:
                time.sleep(0.01)
            run.send_signal(stop)
            self.assertEqual(run.wait(), 130 if stop == signal.SIGINT else -signal.SIGKILL)
            self.assertGreater(len(self.json("cut.json")), 1000)
            os.remove(self.path("cut.json"))

    def test_functions_have_a_row(self):
        self.kernel("--perfetto", "f.json", "--perfetto-scope", "functions", "--trace-start", "symbol:start_kernel",
                    "--max-sim-time", "1ms", status=124)
        names = [event["name"] for event in self.json("f.json") if event["ph"] == "X"]
        self.assertEqual(names[0], "start_kernel")
        self.assertGreater(len(set(names)), 5)

    def test_triggers_give_the_same_window_in_both_engines(self):
        windows = (["--trace-start", "symbol:start_kernel", "--trace-stop", "time:800us"],
                   ["--trace-start", "event:page-fault", "--trace-stop", "event:tlb-miss#20"],
                   ["--trace-stop", "event:interrupt#2", "--trace-ring", "20us"],
                   ["--trace-start", "event:walk#500", "--trace-ring", "3us", "--trace-stop", "event:interrupt"],
                   ["--trace-ring", "5us", "--max-sim-time", "2ms"])
        for window in windows:
            files = []
            for variant in (["--engine", "fast"], ["--engine", "reference", "--quantum", "1777ns"]):
                self.kernel(*CACHES, "--vcd", "w.vcd", *window, *variant, status=124 if "--max-sim-time" in window else 0)
                files.append(self.bytes("w.vcd"))
            with self.subTest(" ".join(window)):
                self.assertGreater(len(files[0]), 5000)
                self.assertTrue(files[0] == files[1])

    def test_windows_begin_and_end_where_they_should(self):
        self.kernel("--vcd", "w.vcd", "--vcd-scope", "cpu", "--trace-start", "symbol:start_kernel", "--trace-ring", "1us",
                    "--max-sim-time", "900us", status=124)
        listing = subprocess.run(["riscv64-unknown-elf-nm", os.path.join(SW, "kernel-rv64.elf")], stdout=subprocess.PIPE,
                                 check=True).stdout.decode()
        start = next(int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(" start_kernel"))
        pcs = [(at, value) for at, name, value in changes(self.path("w.vcd")) if name == "cpu0.pc"]
        entry = next(at for at, value in pcs if value == start)
        self.assertEqual(pcs[0][0], entry - 10**6)
        # The ring before the end of a guest that crashes.
        self.bare(NOWHERE, "--vcd", self.path("crash.vcd"), "--trace-ring", "20ns", "--stats", self.path("s.json"),
                  status=126)
        end = self.statistics("s.json")["run"]["sim_time_ps"]
        times = [at for at, _, _ in changes(self.path("crash.vcd"))]
        self.assertGreaterEqual(min(times), end - 20000)
        self.assertLessEqual(max(times), end)

    def test_an_iommu_walks_while_the_hart_goes_on(self):
        """In mode at a read of a page table takes time in which the hart's quanta end: it is told in order all the same."""
        self.kernel("--kernel", os.path.join(SW, "kernel-tests-rv64.elf"), "--append", "test=dmaengine_many_at_once",
                    "--timing", "at", *CACHES, "--vcd", "w.vcd", "--vcd-scope", "dma", "--perfetto", "w.json",
                    "--perfetto-scope", "dma")
        walks = sum(name == "iommu.iommu0.walk" for _, name, value in changes(self.path("w.vcd")))
        self.assertGreater(walks, 5)
        self.assertEqual(walks, sum(event["name"] == "walk" for event in self.json("w.json") if event["ph"] == "X"))

    def test_a_start_that_is_not_met_is_told(self):
        result = self.bare(finish(0x5555), "--vcd", self.path("n.vcd"), "--trace-start", "event:page-fault", status=0)
        self.assertIn("trace-start was not met", result.error)
        self.assertNotIn(b"#", self.bytes("n.vcd").split(b"$enddefinitions $end")[1])

    def test_the_kernels_free_memory(self):
        """The last values of the trace are what an image of RAM shows at the end."""
        kernels = [("64", "virt", "kernel-rv64.elf"), ("32", "virt", "kernel-rv32.elf"), ("64", "nommu", "kernel-nommu-rv64.elf")]
        for width, machine, name in kernels:
            elf = os.path.join(SW, name)
            self.memio("run", os.path.join(CONFIGS, "%s-rv%s.ini" % (machine, width)), "--console", "none", "--kernel", elf,
                       "--max-sim-time", "15000001ns", "--vcd", self.path("k.vcd"), "--vcd-scope", "kernel", "--memory-image",
                       self.path("ram.img"), "--trace.kernel-interval", "5us", "--ram.size", "64M", status=None)
            last, times = {}, set()
            for at, variable, value in changes(self.path("k.vcd")):
                last[variable] = value
                times.add(at)
            self.assertGreater(len(times), 5)
            self.assertFalse([at for at in times if at % 5000000])
            if machine == "nommu":
                self.assertTrue(any(last.values()))
                continue
            memory = GuestMemory(self.path("ram.img"), elf)
            zones = memory.symbols["memio::(anonymous namespace)::allocator"] + memory["offset.PageAllocator.zones_"]
            for number, zone in enumerate(("DMA", "Normal", "HighMem")):
                buddy = zones + number * memory["size.Zone"] + memory["offset.Zone.buddy_"]
                for order in range(12):
                    area = buddy + memory["offset.BuddyAllocator.areas_"] + order * memory["size.BuddyAllocator::Area"]
                    self.assertEqual(last.get("kernel.free.%s.order%d" % (zone, order), 0),
                                     memory.word(area + memory["offset.BuddyAllocator::Area.count"]))
            memory.close()

    def test_bad_input(self):
        run = ["run", "--bios", "none", "--kernel", self.file("g", COUNT), "--max-instructions", "10"]
        traced = [*run, "--vcd", self.path("t.vcd")]
        self.refuses(["trace-start", "no \"nowhere\""], *traced, "--trace-start", "symbol:nowhere")
        self.refuses(["trace-stop", "symbol:NAME"], *traced, "--trace-stop", "soon")
        self.refuses(["trace-stop", "page-fault"], *traced, "--trace-stop", "event:nothing")
        self.refuses(["trace-start", "in order"], *traced, "--trace-start", "address:0x20..0x10")
        self.refuses(["trace-ring", "vcd = none and perfetto = none"], *run, "--trace-ring", "10us")
        self.refuses(["perfetto-scope", "functions"], *run, "--perfetto", self.path("p"), "--perfetto-scope", "cpus")
        self.refuses(["vcd-scope", "kernel of memio"], *traced, "--vcd-scope", "cpu,kernel")
        self.refuses(["bad value \"-\" for perfetto; allowed: a file, none"], *run, "--perfetto", "-")
        self.refuses(["perfetto", "another file than that of vcd"], *traced, "--perfetto", self.path("t.vcd"))
        self.refuses(["perfetto", "a folder that exists"], *run, "--perfetto", self.path("none/p.json"))
        self.assertFalse(os.path.exists(self.path("t.vcd")))


if __name__ == "__main__":
    unittest.main()
