"""The examples of README.md and docs/*.md: each option, script and file that a command line names exists, and memio
takes its options and values."""
import glob
import os
import re
import shlex
import unittest

from support import CONFIGS, SW, SystemTest

ROOT = os.path.dirname(CONFIGS)
COMMAND = re.compile(r"^ {4,}((?:build/memio|memio (?:run|config|compare) |scripts/).*)")
OTHERS = {"--verify"}  # stress-ng's
# Folders whose files a command line may name.
PLACES = {"configs": CONFIGS, "scripts": os.path.join(ROOT, "scripts"), "traces": os.path.join(ROOT, "traces"),
          "build/sw": SW}


def pages():
    return [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]


def commands(path):
    """The words of each indented command line, with its place; a list of commands is as many."""
    with open(path, encoding="utf-8") as text:
        lines = text.read().replace("\\\n", " ").splitlines()
    for line in lines:
        found = COMMAND.match(line)
        for command in re.split(r";|&&|\|", found.group(1)) if found else []:
            yield shlex.split(command, comments=True), "%s: %s" % (os.path.basename(path), command.strip())


def memios(words):
    """The command and arguments that memio gets in the end; none if it does not run."""
    names = [place for place, word in enumerate(words) if word in ("memio", "build/memio")]
    if not names:
        return []
    arguments = words[names[0] + 1:]
    # A script that is given memio and its options says `run` itself.
    return arguments if arguments[0] in ("run", "config", "compare") else ["run", *arguments]


class Examples(SystemTest):
    def test_files_exist(self):
        seen = 0
        for words, place in (each for page in pages() for each in commands(page)):
            for word in words:
                for folder, real in PLACES.items():
                    if not word.startswith(folder + "/") or not real:
                        continue
                    seen += 1
                    self.assertTrue(os.path.exists(os.path.join(real, word[len(folder) + 1:])), place)
        self.assertGreater(seen, 40)  # a test of nothing would pass as well

    def test_memio_takes_the_options(self):
        """`memio config` checks what `memio run` is told; it opens none of the images."""
        known = set(re.findall(r"--[a-z][a-z0-9.-]*", self.memio("--help", status=0).stdout.decode()))
        tried = 0
        for words, place in (each for page in pages() for each in commands(page)):
            arguments = [word for word in memios(words) if word != "..." and not word.startswith("$")]
            with self.subTest(place):
                if arguments[:1] == ["compare"]:
                    self.assertEqual({word for word in arguments if word.startswith("--")} - known, set())
                elif arguments:
                    tried += 1
                    self.memio("config", *arguments[1:], status=0, cwd=ROOT)
        self.assertGreater(tried, 25)

    def test_options_in_sentences_exist(self):
        """In back quotes too, unless they are a script's or another program's."""
        known = self.memio("--help", status=0).stdout.decode()
        for script in glob.glob(os.path.join(ROOT, "scripts", "**", "*.*"), recursive=True):
            with open(script, encoding="utf-8") as text:
                known += text.read()
        known = set(re.findall(r"--[a-z][a-z0-9.-]*", known))
        for page in pages():
            with open(page, encoding="utf-8") as text:
                named = {option.rstrip(".") for quoted in re.findall(r"`([^`\n]*)`", text.read())
                         for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9.-]*", quoted)}
            with self.subTest(os.path.basename(page)):
                self.assertEqual(named - known - OTHERS, set())


if __name__ == "__main__":
    unittest.main()
