"""The waveform and what belongs to it in traces/: the save file of GTKWave."""
import os
import unittest

from support import CONFIGS, SystemTest, finish


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
    def test_the_save_file_names_what_is_there(self):
        self.bare(finish(0x5555), "--vcd", self.path("trace.vcd"), status=0)
        traces = os.path.join(CONFIGS, "..", "traces")
        with open(os.path.join(traces, "memio.gtkw"), encoding="ascii") as save:
            lines = [line.strip() for line in save]
        shown = {line for line in lines if line[:1].isalpha()}
        self.assertGreater(len(shown), 20)
        self.assertEqual(shown - declared_variables(self.path("trace.vcd")), set())
        for line in lines:
            if line.startswith("^"):
                self.assertTrue(os.path.exists(os.path.join(traces, "..", line.split()[1])), line)


if __name__ == "__main__":
    unittest.main()
