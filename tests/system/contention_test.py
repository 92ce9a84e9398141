"""Two who use RAM at the same time: the identities of bytes, look-ups and cycles on runs with the hart's caches, four
DMA channels and the IOMMU; contention at RAM; nothing lost under stress; DMA paced by serial ports."""
import os
import re
import unittest

from figures import FiguresTest
from support import CONFIGS, SW

LINE = 64
L1 = ["--cache.l1i.size", "4K", "--cache.l1d.size", "4K"]
L2 = [*L1, "--cache.l2.size", "32K"]
BUFFERED = ["--cache.write-buffer.entries", "4", "--cache.l1d.store-buffer", "2", "--cache.l1d.mshrs", "2"]
THROUGH = ["--cache.l1d.write", "through", "--cache.l1d.write-allocate", "off"]
DRAM = ["--ram.kind", "dram"]
NOT_COHERENT = ["--cache.dma", "noncoherent", "--check.coherency", "on"]

def routes(stats, initiator, space="memory"):
    """The routes of an initiator, or of the ports of a hart, by target."""
    found = {}
    for name, by_target in stats["bus"][space].items():
        if isinstance(by_target, dict) and (name == initiator or name.startswith(initiator + "_")):
            for target, route in by_target.items():
                if isinstance(route, dict):
                    found[name + "." + target] = route
    return found


def total(groups, key):
    return sum(group[key] for group in groups)


@unittest.skipUnless(SW, "the guest software is not built")
class Contention(FiguresTest):
    def example(self, name, width, *arguments):
        return ["--cpu.isa", "rv%simac_zicbom" % width, "--bios", "none", "--kernel",
                os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width)), *arguments]

    def kernel(self, width, tests, *arguments):
        return [os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--kernel",
                os.path.join(SW, "kernel-tests-rv%s.elf" % width), "--append", "test=" + tests, *arguments]

    def check_identities(self, stats):
        cpu = stats["cpu0"]
        self.check_cycle_stack(stats)
        self.check_bus(stats)
        caches = {name: cpu[name] for name in ("l1i", "l1d", "l2") if name in cpu}
        for cache in caches.values():
            self.assertEqual(cache["hits"] + cache["misses"], cache["lookups"])
            self.assertEqual(sum(cache[kind] for kind in ("fetches", "loads", "stores", "walks")), cache["lookups"])
        if caches:
            last = [caches["l2"]] if "l2" in caches else list(caches.values())
            hart = routes(stats, "cpu0").values()
            self.assertEqual(total(hart, "bytes_read"),
                             total(last, "fills") * LINE + cpu["uncached"]["bytes_read"])
            self.assertEqual(total(hart, "bytes_written"),
                             total(last, "bytes_below") + cpu["uncached"]["bytes_written"])
            self.assertEqual(cpu["write_buffer"]["errors"], 0)
        self.check_dma(stats)
        self.check_ram(stats)

    def check_dma(self, stats):
        """What the channels say that they moved went over the bus, no more and no less."""
        dma = stats["devices"]["dma0"]
        channels = [group for name, group in dma.items() if name.startswith("channel")]
        self.assertEqual(len(channels), 4)
        on_bus = [*routes(stats, "dma0").values(), *routes(stats, "dma0", "port").values()]
        self.assertEqual(total(on_bus, "bytes_read"), total(channels, "bytes_read") + total(channels, "descriptor_bytes"))
        self.assertEqual(total(on_bus, "bytes_written"), total(channels, "bytes_written") + total(channels, "status_bytes"))
        self.assertEqual(total(channels, "descriptor_bytes"), 64 * total(channels, "descriptors"))
        for channel in channels:
            self.assertLessEqual(channel["wait_cycles"] + channel["request_cycles"], channel["busy_cycles"])
            self.assertLessEqual(channel["busy_cycles"], stats["cpu0"]["cycles"])
        return channels

    def check_ram(self, stats):
        """RAM has one port here: it is busy for at most all of the time. The last write may end after the hart."""
        at_ram = [by_target["ram"] for by_target in stats["bus"]["memory"].values() if isinstance(by_target, dict)]
        if "dram" not in stats:
            self.assertLessEqual(total(at_ram, "busy_cycles"), stats["cpu0"]["cycles"] + 100)
        self.assertEqual(total(at_ram, "errors"), 0)
        return at_ram

    def test_identities_with_four_channels(self):
        for width, name, options in (("32", "dma-stress", L1), ("64", "dma-stress", [*L2, *BUFFERED]),
                                     ("64", "dma-stress", [*L1, *THROUGH]), ("32", "dma-stress", [*L1, *DRAM]),
                                     ("32", "dma-stress-sync", [*L2, *NOT_COHERENT]),
                                     ("64", "dma-stress-sync", [*L1, *BUFFERED, *NOT_COHERENT]),
                                     ("64", "dma-stress", []), ("64", "dma-stress", [*L2, "--timing", "at"]),
                                     ("32", "dma-stress-sync", [*L1, *NOT_COHERENT, "--timing", "at"]), ("32", "dma-copy", [*L1, *BUFFERED]),
                                     ("64", "dma-copy", [*L2, "--cpu.bus-ports", "split"])):
            with self.subTest(width=width, name=name, options=options):
                stats, console = self.figures(self.example(name, width, *options), 0)
                self.check_identities(stats)
                if name != "dma-copy":
                    self.check_stress(stats, console.decode())

    def test_identities_of_the_kernel_behind_the_iommu(self):
        walk_cache = ["--iommu.pwc.entries", "4", "--iommu.tlb.entries", "2", "--iommu.ad", "svadu"]
        for width, options in (("32", L1), ("64", [*L2, *BUFFERED]), ("64", [*L1, *walk_cache]),
                               ("64", [*L1, "--cpu.bus-ports", "walker", "--timing", "at"])):
            with self.subTest(width=width, options=options):
                stats, console = self.figures(
                    self.kernel(width, "dmaengine_many_at_once,dmaengine_copies,dmaengine_errors_are_told,"
                                "iommu_scatters_and_gathers", *options), 0)
                self.assertIn(b"ktest: 4 tests, 0 failed", console)
                self.check_identities(stats)
                self.check_translation(stats)
                tlb = stats["devices"]["iommu0"]["tlb"]
                self.assertEqual(tlb["hits"] + tlb["misses"], tlb["lookups"])
                self.assertGreater(tlb["misses"], 0)
                walker = stats["devices"]["iommu0"]["walker"]
                self.assertEqual(walker["levels"], walker["reads"] + walker["refused"] + walker["skipped"])
                self.assertEqual(walker["reads"], routes(stats, "iommu0")["iommu0.ram"]["walks"])
                self.assertEqual(walker["skipped"] > walker["walks"], "--iommu.pwc.entries" in options)

    def check_stress(self, stats, printed):
        """The guest checked every byte; what it counted is what the channels count."""
        counted = {name: int(value) for name, value in re.findall(r"(.*): (\d+)\n", printed)}
        channels = [group for name, group in stats["devices"]["dma0"].items() if name.startswith("channel")]
        self.assertEqual(counted["failed chains"], total(channels, "errors"))
        self.assertEqual(counted["aborted chains"], total(channels, "aborts"))
        self.assertGreater(min(counted["failed chains"], counted["aborted chains"]), 5)
        self.assertEqual(counted["moved bytes"], total(channels, "bytes_written"))
        self.assertEqual(counted["descriptors"], total(channels, "descriptors"))
        self.assertEqual(8 * counted["descriptors"], total(channels, "status_bytes"))

    def test_stress_is_the_same_however_it_is_run(self):
        variants = ("reference", "short quantum", "long quantum", "no DMI, reference", "dropped caches")
        for width, name, options in (("32", "dma-stress-sync", [*L1, *BUFFERED, *NOT_COHERENT]),
                                     ("64", "dma-stress", [*L2, *BUFFERED, "--cache.snoop-latency", "3"]),
                                     ("64", "dma-stress", [*L1, "--timing", "at"])):
            stats = self.compare(self.example(name, width, *options), 0, variants)
            self.assertGreater(stats["devices"]["dma0"]["channel3"]["bytes_written"], 5000)

    def test_nobody_waits_where_each_has_a_port_of_its_own(self):
        for ports, contended in (("shared", True), ("independent", False)):
            stats, _ = self.figures(self.example("dma-stress", "64", "--ram.ports", ports), 0)
            at_ram = stats["bus"]["memory"]
            self.assertEqual(stats["cpu0"]["cycle_stack"]["bus_wait"] > 1000, contended)
            self.assertEqual(at_ram["dma0"]["ram"]["wait_cycles"] > 1000, contended)
            if not contended:
                self.assertEqual(stats["cpu0"]["cycle_stack"]["bus_wait"], 0)
                self.assertEqual(at_ram["dma0"]["ram"]["wait_cycles"], 0)

    def test_text_paced_by_the_request_lines_of_serial_ports(self):
        """Each of 40 characters from the input, 16 at a time, and 64 through uart1 in loopback to the output."""
        for width in ("32", "64"):
            text = b"The quick brown fox jumps over the lazy dog, and back."
            self.file("input", text)
            outcomes = []
            for engine in ("fast", "reference"):
                with open(self.path("input"), "rb") as given:
                    result = self.memio("run", *self.example("dma-serial", width, *L1), "--engine", engine, "--stats",
                                        self.path("stats.json"), stdin=given, status=0)
                stats = self.statistics()
                del stats["host"]
                outcomes.append((stats, result.stdout))
            self.assertEqual(outcomes[0], outcomes[1])
            self.assertEqual(result.stdout, b"paced by request lines: " + text[:40])
            self.check_dma(stats)
            dma = stats["devices"]["dma0"]
            self.assertEqual([dma["channel%d" % i]["bytes_written"] for i in range(4)], [40, 64, 64, 0])
            # The input is looked at every 100 us, and 40 characters are three times of at most 16.
            self.assertGreater(dma["channel0"]["request_cycles"], 200000)
            self.assertGreater(dma["channel2"]["request_cycles"], 0)
            self.assertEqual(routes(stats, "dma0")["dma0.uart0"]["bytes_read"], 40)
            self.assertEqual(routes(stats, "dma0")["dma0.uart0"]["bytes_written"], 64)
            self.assertEqual(routes(stats, "dma0", "port")["dma0.uart1"]["bytes_read"], 64)
            self.assertEqual(routes(stats, "dma0", "port")["dma0.uart1"]["bytes_written"], 64)


if __name__ == "__main__":
    unittest.main()
