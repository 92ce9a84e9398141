"""Timing mode at against lt: the same programs, and the kernels."""
import json
import os
import unittest

from figures import FiguresTest
from support import CONFIGS, SW

CACHES = ["--cache.l1i.size", "16K", "--cache.l1d.size", "16K"]


@unittest.skipUnless(SW, "the guest software was not built")
class At(FiguresTest):
    def timed(self, timing, *arguments, status=0):
        self.memio("run", "--timing", timing, *arguments, "--console", "file:" + self.path("console"), "--stats",
                   self.path("stats.json"), status=status)
        figures = self.statistics()
        self.check_bus(figures)
        del figures["host"], figures["machine"]
        figures.pop("phases", None)
        return figures

    def program(self, name, width):
        return ["--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel",
                os.path.join(SW, "examples", "%s-rv%s.elf" % (name, width))]

    def test_uncontended_programs_take_what_they_take_in_lt(self):
        for width in ("32", "64"):
            for name in ("hello", "port-io"):
                with self.subTest(name=name, width=width):
                    arguments = self.program(name, width)
                    self.assertEqual(self.timed("lt", *arguments), self.timed("at", *arguments))

    def test_with_caches_counts_and_cycles_are_equal(self):
        for name in ("hello", "port-io"):
            with self.subTest(name=name):
                loose, exact = (self.timed(timing, *self.program(name, "64"), *CACHES) for timing in ("lt", "at"))
                self.assertEqual(loose["cpu0"], exact["cpu0"])

    def test_no_figure_depends_on_host_switches(self):
        arguments = self.program("port-io", "64") + CACHES
        expected = self.timed("at", *arguments)
        for switch in (["--engine", "reference"], ["--quantum", "100ns"], ["--host.dmi", "off"],
                       ["--host.drop-caches", "100"]):
            with self.subTest(switch=switch):
                self.assertEqual(self.timed("at", *arguments, *switch), expected)

    def test_the_stack_adds_up(self):
        cpu = self.timed("at", *self.program("hello", "64"), *CACHES)["cpu0"]
        self.assertEqual(sum(cpu["cycle_stack"].values()), cpu["cycles"])

    def test_the_options_say_what_they_allow(self):
        self.refuses(["bus.accept", "\"0\"", "from 1"], "config", "--bus.accept", "0")
        self.refuses(["bus.queue", "\"0\"", "from 1"], "config", "--bus.queue", "0")

    def test_the_kernels_boot(self):
        for width in ("32", "64"):
            with self.subTest(width=width):
                self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--timing", "at", *CACHES,
                           "--kernel", os.path.join(SW, "kernel-rv%s.elf" % width), "--console",
                           "file:" + self.path("console"), "--max-instructions", "400000", status=124)
                with open(self.path("console"), encoding="utf-8") as console:
                    self.assertIn("memio", console.read())


if __name__ == "__main__":
    unittest.main()
