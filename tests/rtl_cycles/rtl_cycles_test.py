"""memio's cycles and bus words against those of a real core's RTL, for programs that both ran (README.md)."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

MEMIO = os.environ["MEMIO"]
CONFIG = os.path.join(os.environ["MEMIO_CONFIGS"], "vexriscv-linux.ini")
PROGRAMS = os.environ["MEMIO_RTL_PROGRAMS"]
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cycles.csv")

MEAN_ERROR = 5  # per cent, of the cycles of all rows
WORST_ERROR = 12
WORD_ERROR = 1  # per cent, or one line
LINE_WORDS = 8
WORDS = ("ibus_beats", "dbus_reads", "dbus_writes")


def run(kernel, latency, folder):
    """The columns of cycles.csv, measured on memio."""
    stats_file = os.path.join(folder, "%s-%s.json" % (kernel, latency))
    subprocess.run([MEMIO, "run", "--config", CONFIG, "--ram.latency", latency, "--bios", "none", "--kernel",
                    os.path.join(PROGRAMS, kernel + ".elf"), "--stats", stats_file],
                   check=True, timeout=120, stdin=subprocess.DEVNULL)
    with open(stats_file, encoding="utf-8") as text:
        stats = json.load(text)
    fetched, read, written = (beats(stats, initiator, name) for initiator, name in
                              (("cpu0_fetch", "read_beats"), ("cpu0", "read_beats"), ("cpu0", "write_beats")))
    return {"cycles": stats["cpu0"]["cycles"], "ibus_beats": fetched, "dbus_reads": read, "dbus_writes": written,
            "result": "%08x" % stats["devices"]["finisher"]["result"]}


def beats(stats, initiator, name):
    """Words that a port of the core moved."""
    return sum(route[name] for route in stats["bus"]["memory"][initiator].values() if isinstance(route, dict))


class RtlCycles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(TABLE, encoding="utf-8", newline="") as table:
            cls.rows = list(csv.DictReader(table))
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            cls.measured = list(pool.map(lambda row: run(row["kernel"], row["latency"], folder), cls.rows))
        cls.errors = [100 * (measured["cycles"] / int(row["cycles"]) - 1)
                      for row, measured in zip(cls.rows, cls.measured)]
        print("%-14s %7s %9s %9s %7s  %s" % ("kernel", "latency", "RTL", "memio", "error", "words off"))
        for row, measured, error in zip(cls.rows, cls.measured, cls.errors):
            off = ["%s %+d" % (name, measured[name] - int(row[name])) for name in WORDS
                   if measured[name] != int(row[name])]
            print("%-14s %7s %9s %9d %+6.2f%%  %s" % (row["kernel"], row["latency"], row["cycles"], measured["cycles"],
                                                     error, ", ".join(off)))
        print("mean of absolute errors %.2f%%, worst %.2f%%" % (cls.mean(), max(map(abs, cls.errors))))
        sys.stdout.flush()

    @classmethod
    def mean(cls):
        return sum(map(abs, cls.errors)) / len(cls.errors)

    def test_all_rows_are_there(self):
        self.assertEqual(len(self.rows), 40)
        self.assertTrue(all(row["status"] == "ok" for row in self.rows))

    def test_programs_computed_the_same(self):
        for row, measured in zip(self.rows, self.measured):
            with self.subTest(row["kernel"], latency=row["latency"]):
                self.assertEqual(measured["result"], row["result"])

    def test_cycles(self):
        self.assertLessEqual(self.mean(), MEAN_ERROR)
        for row, error in zip(self.rows, self.errors):
            with self.subTest(row["kernel"], latency=row["latency"]):
                self.assertLessEqual(abs(error), WORST_ERROR)

    def test_words_on_the_buses(self):
        for row, measured in zip(self.rows, self.measured):
            for name in WORDS:
                with self.subTest(row["kernel"], latency=row["latency"], words=name):
                    allowed = max(LINE_WORDS, int(row[name]) * WORD_ERROR / 100)
                    self.assertLessEqual(abs(measured[name] - int(row[name])), allowed)


if __name__ == "__main__":
    unittest.main()
