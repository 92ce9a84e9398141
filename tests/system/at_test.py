"""Timing mode at against lt: the same programs, and the kernels."""
import json
import os
import unittest

from figures import FiguresTest
from support import CONFIGS, SW, words

# Interrupts 40 times, 300 cycles behind a look at the time each, while loads miss that nobody waits for; the handler
# ends the run with 1 if the time is not that of its interrupt.
TIMER = words(
    0x00000297, 0x06428293, 0x30529073,  # la t0, handler; csrw mtvec, t0
    0x00000F17, 0x020F0F13,              # la t5, next
    0x0200C437, 0x020044B7, 0x02800913,  # lui s0, 0x200c; lui s1, 0x2004; li s2, 40
    0x08000293, 0x30429073, 0x00010A17,  # li t0, 0x80; csrw mie, t0; auipc s4, 0x10
    0x30046073,                          # next: csrsi mstatus, 8
    0xFF843983, 0x00398993, 0x0134B023,  # ld s3, -8(s0); addi s3, s3, 3; sd s3, 0(s1)
    0x000A3503, 0x040A3583, 0x080A3603,  # loop: ld a0, 0(s4); ld a1, 64(s4); ld a2, 128(s4)
    0x0C0A3683, 0x100A3703, 0x140A3783,  # ld a3, 192(s4); ld a4, 256(s4); ld a5, 320(s4)
    0x180A3803, 0x1C0A3883, 0x200A0A13,  # ld a6, 384(s4); ld a7, 448(s4); addi s4, s4, 512
    0xFDDFF06F,                          # j loop
    0xC01022F3, 0x00100337,              # handler: rdtime t0; lui t1, 0x100
    0x000133B7, 0x33338393, 0x0332E263,  # li t2, 0x13333; bltu t0, s3, end
    0xFFF90913, 0x000053B7, 0x55538393,  # addi s2, s2, -1; li t2, 0x5555
    0x00090A63,                          # beqz s2, end
    0xFFF00F93, 0x01F4B023, 0x341F1073,  # li t6, -1; sd t6, 0(s1); csrw mepc, t5
    0x30200073, 0x00732023, 0xFFDFF06F)  # mret; end: sw t2, 0(t1); j end

BUFFERS = ["--cache.l1d.mshrs", "8", "--cache.l1d.store-buffer", "2", "--cache.l1d.restart", "critical",
           "--cache.l1i.restart", "early", "--cache.l1i.prefetch", "next-line"]
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

    def test_what_the_hart_does_not_wait_for_takes_as_long(self):
        small = ["--cache.l1i.size", "4K", "--cache.l1d.size", "4K", *BUFFERS]
        for name in ("mixed", "smc"):
            for level in ([], ["--cache.l2.size", "32K"]):
                with self.subTest(name=name, level=level):
                    loose, exact = (self.timed(timing, *self.program(name, "64"), *small, *level)
                                    for timing in ("lt", "at"))
                    self.assertEqual(loose["cpu0"], exact["cpu0"])

    def test_no_interrupt_is_heard_before_its_time(self):
        guest = ["--bios", "none", "--kernel", self.file("timer.bin", TIMER), *CACHES, *BUFFERS]
        loose, exact = (self.timed(timing, *guest) for timing in ("lt", "at"))
        self.assertEqual(loose["cpu0"], exact["cpu0"])
        # Each takes 3 ticks of 100 cycles, but for what has passed of the first.
        self.assertGreater(loose["cpu0"]["cycles"], 40 * 200)
        for switch in (["--engine", "reference"], ["--quantum", "100ns"]):
            self.assertEqual(self.timed("at", *guest, *switch), exact)

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
