"""memio compare: tables, tolerance, patterns, exit status, and what it refuses."""
import json
import unittest

from support import SystemTest


class Compare(SystemTest):
    def document(self, name, cycles, hits=7, timing="lt", version=1, **more):
        content = {"schema": "memio-statistics", "version": version, "machine": {"timing": timing},
                   "cpu0": {"cycles": cycles, "l1d": {"hits": hits}}, "host": {"seconds": cycles / 3}, **more}
        return self.file(name, json.dumps(content).encode())

    def compare(self, status, *arguments):
        return self.memio("compare", *arguments, status=status).stdout.decode()

    def test_equal_files_give_no_table(self):
        self.assertEqual(self.compare(0, self.document("a", 100), self.document("b", 100)), "")

    def test_a_difference_is_a_row(self):
        rows = self.compare(1, self.document("a", 100), self.document("b", 110)).splitlines()
        self.assertEqual(rows[0].split(), ["path", "a", "b", "difference", "ratio"])
        self.assertEqual([row.split() for row in rows[1:]], [["cpu0.cycles", "100", "110", "+10", "1.1000"]])

    def test_differences_may_be_tolerated(self):
        first, second = self.document("a", 1000), self.document("b", 950)
        self.assertEqual(self.compare(0, first, second, "--tolerance", "5"), "")
        self.assertIn("-50", self.compare(1, first, second, "--tolerance=4.9"))

    def test_only_some_paths(self):
        first, second = self.document("a", 100), self.document("b", 110)
        self.assertEqual(self.compare(0, first, second, "--only", "cpu0.l1d.*"), "")
        self.compare(1, first, second, "--only", "*.cycles")

    def test_the_machine_is_shown_but_does_not_count(self):
        table = self.compare(0, self.document("a", 100), self.document("b", 100, timing="at"))
        self.assertEqual(table.splitlines()[1].split(), ["machine.timing", "lt", "at"])

    def test_what_only_one_has_is_a_difference(self):
        table = self.compare(1, self.document("a", 100), self.document("b", 100, dma0={"bytes": 5}))
        self.assertEqual(table.splitlines()[1].split(), ["dma0.bytes", "-", "5"])

    def test_what_is_refused(self):
        good = self.document("good", 1)
        self.refuses(["missing.json", "No such file"], "compare", good, "missing.json")
        self.refuses(["bad.json", "not a statistics file"], "compare", self.file("bad.json", b"{\"a\": 1}"), good)
        self.refuses(["not a statistics file"], "compare", good, self.file("text", b"hello"))
        deep = b'{"schema": "memio-statistics", "version": 1, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
        self.refuses(["not a statistics file"], "compare", good, self.file("deep", deep))
        self.refuses(["version 1", "2"], "compare", good, self.document("new", 1, version=2))
        self.refuses(["two statistics files, not 1"], "compare", good)
        self.refuses(["--tolerance", "\"-1\"", "0 to 1000000"], "compare", good, good, "--tolerance=-1")
        self.refuses(["\"nothing.*\"", "matches nothing"], "compare", good, good, "--only", "nothing.*")
        self.refuses(["tolerant", "--tolerance"], "compare", good, good, "--tolerant", "3")


if __name__ == "__main__":
    unittest.main()
