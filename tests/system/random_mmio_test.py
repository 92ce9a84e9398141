"""Random accesses to the devices (sw/examples/random_mmio.c): nothing a guest does to them ends memio but as a guest's
end, and no figure depends on the engine."""
import os
import sys
import unittest

from figures import FiguresTest
from support import SW

ENDINGS = (0, 124, 126)  # the guest's own, by accident; the limit; nothing left to run


@unittest.skipUnless(SW, "the guest software is not built")
class RandomMmio(FiguresTest):
    def run_seed(self, seed, width, timing, engine):
        """Statistics, console output and status."""
        disk = self.file("disk", bytes(4096))
        result = self.memio(
            "run", "--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel",
            os.path.join(SW, "examples", "random-mmio-rv%s.elf" % width), "--append", "seed=%d" % seed, "--disk", disk,
            "--virtio.version", ("legacy", "modern")[seed % 2], "--virtio.rng", "on", "--pcie.serial", "none",
            "--max-instructions", "200000", "--timing", timing, "--engine", engine, "--console",
            "file:" + self.path("console"), "--stats", self.path("stats.json"), cwd=self.folder.name)
        self.assertIn(result.returncode, ENDINGS, result.error)
        stats = self.statistics()
        del stats["host"]
        with open(self.path("console"), "rb") as console:
            return stats, console.read(), result.returncode

    def seed(self, seed):
        for width, timing in (("64", "lt"), ("32", "at")) if seed % 2 else (("32", "lt"), ("64", "at")):
            with self.subTest(seed=seed, width=width, timing=timing):
                fast = self.run_seed(seed, width, timing, "fast")
                self.assertEqual(self.run_seed(seed, width, timing, "reference"), fast)
                if timing == "at":
                    self.check_phases(fast[0])

    def test_random_accesses(self):
        for seed in range(FIRST, FIRST + COUNT):
            self.seed(seed)


if __name__ == "__main__":
    # More of them by hand: random_mmio_test.py FIRST COUNT
    FIRST, COUNT = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1, 4)
    unittest.main(argv=sys.argv[:1])
