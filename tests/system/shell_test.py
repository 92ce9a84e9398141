"""The kernel's console shell, scripted through the console's input, and the user program `memory`."""
import os
import re
import subprocess
import unittest

from support import CONFIGS, SW, SystemTest


@unittest.skipUnless(SW, "the guest software is not built")
class Shell(SystemTest):
    def run_kernel(self, width, *arguments, initrd="initrd", status=0, **keywords):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--timing", "functional",
                          "--kernel", os.path.join(SW, "kernel-rv%s.elf" % width),
                          "--initrd", os.path.join(SW, "%s-rv%s.cpio" % (initrd, width)), *arguments,
                          status=status, **keywords).stdout.decode()

    def type(self, width, lines, *arguments, status=0):
        """What the shell prints from its first prompt on, without the prompts. Input from a file, unlike that of a
        pipe, arrives at the same modelled times in each run."""
        with open(self.file("typed", lines.encode()), "rb") as typed:
            output = self.run_kernel(width, "--append", "shell=only", *arguments, stdin=typed, status=status)
        return output[output.index("memio# "):].replace("memio# ", "")

    def for_both(self, check):
        for width in ("32", "64"):
            with self.subTest(width=width):
                check(width)

    def test_commands_are_echoed_and_answered(self):
        def check(width):
            output = self.type(width, "echo a  b\ncat version\ncat /proc/version\n# a note\n\nls\n")
            self.assertTrue(output.startswith("echo a  b\na b\n"), output)
            self.assertEqual(output.count("\nmemio kernel, rv%s\n" % width), 2)
            self.assertRegex(output, r"/proc/buddyinfo\n(.*\n)*/proc/meminfo\n(.*\n)*/proc/version\n")
            self.assertTrue(output.endswith("\nshell: end of input\n"), output)
        self.for_both(check)

    def test_a_script_gives_the_same_output_and_figures_in_each_run(self):
        script = self.file("script", b"cat buddyinfo\ntime echo x\nps\nalloc pages 3\nstress 2000 5\ncat meminfo\n")
        def check(width):
            seen = []
            for _ in range(2):
                with open(script, "rb") as typed:
                    output = self.run_kernel(width, "--append", "shell=only", "--timing", "lt", "--stats",
                                             self.path("stats.json"), stdin=typed)
                stats = self.statistics()
                del stats["host"]
                seen.append((output, stats))
            self.assertIn(": no loss", seen[0][0])
            self.assertEqual(seen[0], seen[1])
        self.for_both(check)

    def test_mistakes_are_named(self):
        output = self.type("32", "nonsense\ncat nix\npoweroff x\npoweroff 256\n" + "y" * 256 + "\n" + "a " * 17 + "\n"
                           "help nonsense\nbind nix\n")
        for expected in ("no command 'nonsense', try help", "no file /proc/nix", "'x' is not a number",
                         "256 is too large, at most 255", "line longer than 255 characters", "more than 16 words",
                         "bind: nix: error -19"):
            self.assertIn(expected, output)

    def test_poweroff_gives_the_exit_status(self):
        self.for_both(lambda width: self.type(width, "poweroff 7\necho not reached\n", status=7))

    def test_a_driver_is_taken_away_and_given_back(self):
        output = self.type("32", "devices\nunbind rtc@101000\ndevices\nbind rtc@101000\ndevices\n")
        self.assertEqual(re.findall(r"  rtc@101000 +(\S+)\n", output), ["goldfish-rtc", "-", "goldfish-rtc"])

    def test_without_a_driver_the_firmware_has_the_console(self):
        def check(width):
            typed = "unbind serial@10000000\n" + "echo far more than the ring holds\n" * 20
            output = self.type(width, typed + "bind serial@10000000\necho last\n")
            self.assertEqual(output.count("\nfar more than the ring holds\n"), 20)
            self.assertTrue(output.endswith("\nbind: serial@10000000 has a driver\necho last\nlast\n\nshell: end of input\n"),
                            output)
        self.for_both(check)

    def test_the_last_line_needs_no_newline(self):
        self.assertEqual(self.type("32", "echo a\necho b"), "echo a\na\necho b\nb\n\nshell: end of input\n")
        self.type("32", "poweroff 7", status=7)

    def test_tasks_and_time(self):
        output = self.type("32", "ps\ntime echo x\n")
        self.assertRegex(output, r" +PID S .*NAME\n( +\d+ [RSD] .*\n)*.*idle\n")
        self.assertRegex(output, r"x\ntime: \d+ cycles, \d+ instructions, \d+ ITLB misses")

    def test_memory_is_allocated_and_freed_by_hand(self):
        output = self.type("32", "alloc kmalloc 100 ATOMIC|ZERO\nalloc pages 3 DMA\nalloc vmalloc 10000\nalloc kmap\n"
                           "alloc cache 77\nalloc pages 99\nalloc kmalloc 1 FOO\nfree 9\nfree 1\nfree all\n")
        for number, what in enumerate(("kmalloc, 100", "pages, 32768", "vmalloc, 10000", "kmap, 4096", "cache, 77")):
            self.assertRegex(output, r"#%d: %s bytes,.* at 0x[0-9a-f]+, \d+ cycles" % (number, what))
            self.assertRegex(output, r"#%d: %s freed, \d+ cycles" % (number, what.split(",")[0]))
        self.assertIn("alloc pages: 99 is too large, at most 10", output)
        self.assertIn("no flag 'FOO'", output)
        self.assertIn("#9 is not allocated", output)

    def stress(self, width, size, words, *arguments):
        output = self.type(width, "stress %s\n" % words, "--ram.size", size, *arguments)
        self.assertRegex(output, ": no loss\n")
        self.assertNotIn("BUG", output)
        return output

    def test_stress_loses_nothing(self):
        for width, size, threads in (("32", "64M", 1), ("32", "1G", 3), ("64", "64M", 3), ("64", "1G", 16)):
            with self.subTest(width=width, size=size, threads=threads):
                output = self.stress(width, size, "100000 5 %d" % threads)
                counts = re.search(r"seed 5, 100000 operations of %d threads in \d+ cycles: (\d+) allocations, (\d+) "
                                   r"resizes, (\d+) frees, (\d+) refused, (\d+) shortages" % threads, output)
                allocations, resizes, frees, refused, shortages = map(int, counts.groups())
                self.assertEqual(allocations, frees)
                self.assertGreater(min(allocations, 10 * resizes), 40000)
                self.assertGreater(refused, 20)
                self.assertGreater(shortages, 2)

    def test_stress_repeats(self):
        self.assertEqual(self.stress("32", "1G", "20000 9"), self.stress("32", "1G", "20000 9"))
        self.assertNotEqual(self.stress("64", "64M", "20000 9"), self.stress("64", "64M", "20000 10"))

    def test_stress_checks_its_words(self):
        output = self.type("32", "stress 0\nstress 10 1 17\nstress 1s 1 0\n")
        self.assertEqual(output.count("stress: nothing to do\n"), 2)
        self.assertIn("stress: 17 is too large, at most 16", output)

    def test_it_runs_after_the_user_program(self):
        output = self.run_kernel("32", "--append", "shell", stdin=subprocess.DEVNULL)
        self.assertRegex(output, r"init\[1\]: exit status 0(.*\n)*shell: type help .*\n(.*\n)*shell: end of input")

    def test_user_programs_get_memory_on_demand(self):
        def check(width):
            self.assertIn("memory: 38 checks, 0 wrong", self.run_kernel(width, initrd="initrd-memory"))
        self.for_both(check)


if __name__ == "__main__":
    unittest.main()
