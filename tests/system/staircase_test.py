"""Latency by size: plateaus by formula, knees where the configuration puts them, and their drawing."""
import os
import subprocess
import sys
import unittest
from xml.etree import ElementTree

from support import CONFIGS, MEMIO, SW, SystemTest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "scripts", "staircase.py")
K, M = 1 << 10, 1 << 20
SIZES = [size for power in range(10, 28) for size in (1 << power, 3 << power - 1)] + [256 * M]

# Sixteen loads in a row, each one cycle and all but the last waited for one more; the count, the branch, which
# goes back by a target from the decoder.
HIT = (16 + 15 + 1 + 1 + 2) / 16
L2_HIT = 1 + 10  # from a look-up to the request below, and that cache's look-up
SRAM = 1 + 1 + 3 + 7  # L2 to the bus, hop, RAM, seven beats of 8 bytes after the first
CONFLICT = 1 + 1 + 14 + 14 + 14 + 5  # L2 to the bus, hop, precharge, activation, column, burst
L2TLB_HIT = 4
LEVEL = 1 + 1 + 3  # a step of the walk that reads from SRAM


def expected(size, steps):
    """The number printed for `size`: the sum of what each step, (largest size without it, cycles), adds."""
    return int((HIT + sum(cycles for limit, cycles in steps if size > limit)) * 100)


@unittest.skipUnless(SW, "the guest software is not built")
class Staircase(SystemTest):
    def arguments(self, name, width, *options):
        return ["run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), os.path.join(CONFIGS, "cores", "five-stage.ini"),
                "--ram.size", "320M", "--bios", "none",
                "--kernel", os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width)), *options]

    def draw(self, *arguments, status=0):
        result = subprocess.run([sys.executable, SCRIPT, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=240, text=True)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def chase(self, name, width, *options):
        """What the program printed, by size."""
        self.memio(*self.arguments(name, width, "--console", "file:" + self.path("console"), "--stats",
                                   self.path("stats.json"), *options), status=0)
        with open(self.path("console"), encoding="ascii") as console:
            return {int(size): int(cycles) for size, cycles in (line.split() for line in console)}

    def knees(self):
        lines = self.draw("--console", self.path("console"), self.path("stairs.svg")).stdout.splitlines()
        return [line.split()[2].rstrip(":") for line in lines]

    def test_plateaus_and_knees_of_caches_and_tlbs(self):
        for width, levels in (("64", 3), ("32", 2)):
            shapes = (([], 16 * K, 256 * K, [(128 * K, L2TLB_HIT), (2 * M, levels * LEVEL)], ["16K", "128K", "256K", "2M"]),
                      (["--l1d-size", "8K", "--l2-size", "128K", "--dtlb-entries", "16", "--l2tlb-entries", "0"],
                       8 * K, 128 * K, [(64 * K, levels * LEVEL)], ["8K", "64K", "128K"]))
            for options, l1, l2, translation, knees in shapes:
                with self.subTest(width=width, options=options):
                    points = self.chase("pointer-chase", width, "--ram.kind", "sram", "--cache.walker", "bus", *options)
                    steps = [(l1, L2_HIT), (l2, SRAM), *translation]
                    self.assertEqual(points, {size: expected(size, steps) for size in SIZES})
                    self.assertEqual(self.knees(), knees)

    def test_row_misses_of_a_dram(self):
        """Megapages: up to 64 MiB in the 32 entries of the DTLB, nothing but the caches and the DRAM counts."""
        points = self.chase("pointer-chase-huge", "64", "--dram.trefi", "0")
        steps = [(16 * K, L2_HIT), (256 * K, CONFLICT)]
        for size in SIZES:
            if size <= 256 * K:
                self.assertEqual(points[size], expected(size, steps))
            elif size <= 64 * M:  # what lies in the 8 open rows of 8 KiB by chance is cheaper, the less the larger
                self.assertLessEqual(points[size], expected(size, steps))
                self.assertGreater(points[size], expected(size, [(0, L2_HIT), (0, CONFLICT * (1 - 64 * K / size))]))
        self.assertGreaterEqual(points[64 * M], 6216)  # 2 in 32768 loads less than always
        self.assertEqual(self.knees(), ["16K", "256K"])
        dram = self.statistics()["dram"]
        self.assertGreater(dram["row_conflicts"], 0.95 * dram["bursts"])
        self.assertEqual(dram["row_hits"] + dram["row_closed"] + dram["row_conflicts"], dram["bursts"])

    def test_it_ends_where_memory_does(self):
        points = self.chase("pointer-chase", "64", "--ram.size", "7M")
        self.assertEqual(list(points), [size for size in SIZES if size <= 4 * M])

    def test_drawing(self):
        svg = self.path("stairs.svg")
        result = self.draw("--title", "a < b & c", svg, MEMIO, *self.arguments("pointer-chase", "64", "--ram.size", "7M"))
        self.assertEqual([line.split(":")[0] for line in result.stdout.splitlines()],
                         ["knee at 16K", "knee at 128K", "knee at 256K", "knee at 2M"])
        space = "{http://www.w3.org/2000/svg}"
        root = ElementTree.parse(svg).getroot()
        texts = [text.text for text in root.iter(space + "text")]
        self.assertIn("a < b & c", texts)
        self.assertEqual([text.text for text in root.iter(space + "text") if text.get("class") == "label"],
                         ["16K", "128K", "256K", "2M"])
        points = [list(map(float, point.split(","))) for point in root.find(space + "polyline").get("points").split()]
        self.assertEqual(len(points), 25)  # 1 KiB to 4 MiB
        # From 70 to 940 over 12 powers of two: 16 KiB is the fourth.
        self.assertEqual([points[0][0], points[8][0], points[-1][0]], [70.0, 360.0, 940.0])
        self.assertEqual(points[0][1], points[8][1])
        self.assertGreater(points[8][1], points[9][1])  # more cycles are higher up

    def test_errors_are_told(self):
        svg = self.path("stairs.svg")
        self.file("short", b"1024 218\n")
        self.file("falling", b"2048 218\n1024 218\n")
        self.file("right", b"1024 218\nother text\n2048 218\n")
        cases = ((["--console", self.path("none"), svg], "cannot read"), ([svg, "/nonexistent/memio"], "cannot run"),
                 (["--console", self.path("short"), svg], "no staircase"),
                 (["--console", self.path("falling"), svg], "sizes do not rise: 1024 after 2048"),
                 ([svg, MEMIO, "run", "--no-such-option"], "ended with status 125"),
                 (["--console", self.path("right"), self.path("no/where")], "cannot write"))
        for arguments, message in cases:
            with self.subTest(message):
                self.assertIn(message, self.draw(*arguments, status=1).stderr)
                self.assertFalse(os.path.exists(svg))
        self.draw("--console", self.path("right"), svg)
        self.assertEqual(self.draw("--console", self.path("right"), svg).stdout, "")  # no knee
        for arguments in ([svg], ["--console", "x", svg, MEMIO], ["--rise", "0", "--console", "x", svg], []):
            self.draw(*arguments, status=2)


if __name__ == "__main__":
    unittest.main()
