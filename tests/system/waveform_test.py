"""The waveform and what belongs to it in traces/: the save files of GTKWave."""
import os
import unittest

from support import CONFIGS, COUNT, SystemTest, finish


def declared_variables(path):
    """Names with scopes and ranges, as GTKWave writes them."""
    names, scopes = set(), []
    with open(path, encoding="ascii") as trace:
        for line in trace:
            word = line.split()
            if word[:1] == ["$scope"]:
                scopes.append(word[2])
            elif word[:1] == ["$upscope"]:
                scopes.pop()
            elif word[:1] == ["$var"]:
                names.add(".".join([*scopes, "".join(word[4:-1])]))
            elif word[:1] == ["$enddefinitions"]:
                return names
    raise ValueError("no $enddefinitions in " + path)


class Waveform(SystemTest):
    def check_save_file(self, name, *arguments):
        self.bare(finish(0x5555), "--vcd", self.path("trace.vcd"), *arguments, status=0)
        traces = os.path.join(CONFIGS, "..", "traces")
        with open(os.path.join(traces, name), encoding="ascii") as save:
            lines = [line.strip() for line in save]
        shown = {line for line in lines if line[:1].isalpha()}
        self.assertGreater(len(shown), 20)
        self.assertEqual(shown - declared_variables(self.path("trace.vcd")), set())
        for line in lines:
            if line.startswith("^"):
                self.assertTrue(os.path.exists(os.path.join(traces, "..", line.split()[1])), line)

    def test_the_save_files_name_what_is_there(self):
        self.check_save_file("memio.gtkw")
        self.check_save_file("contention.gtkw", "--l1i-size", "16K", "--l1d-size", "16K", "--ram.kind", "dram")

    def test_blocks_run_while_the_bus_is_traced(self):
        """With both caches, what is traced of the bus needs no stepping."""
        stepped = {}
        for name, caches in (("none", []), ("both", ["--l1i-size", "16K", "--l1d-size", "16K"])):
            self.bare(COUNT, "--max-instructions", "100000", "--vcd", self.path("t.vcd"), "--vcd-scope", "bus",
                      "--stats", self.path("stats.json"), *caches, status=124)
            stepped[name] = self.statistics()["host"]["steps"]
        self.assertGreaterEqual(stepped["none"], 100000)
        self.assertLess(stepped["both"], 100)


if __name__ == "__main__":
    unittest.main()
