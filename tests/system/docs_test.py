"""The examples of README.md and docs/*.md: each option, script and file that a command line names exists, and memio
takes its options and values."""
import glob
import os
import re
import shlex
import unittest

from support import CONFIGS, SW, SystemTest

ROOT = os.path.dirname(CONFIGS)
COMMAND = re.compile(r"^ {4,}(?:\$ )?(.*\bbuild/memio .*|(?:memio (?:run|config|compare) |scripts/).*)")
# In a paragraph, also across line ends.
QUOTED = re.compile(r"`((?:[^`\n]|\n(?! *\n))*)`")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9.-]*")
OTHERS = {"--verify"}  # stress-ng's
# Folders whose files a command line may name.
PLACES = {"configs": CONFIGS, "scripts": os.path.join(ROOT, "scripts"), "traces": os.path.join(ROOT, "traces"),
          "build/sw": SW}


def pages():
    return [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def commands(text):
    """The words of each indented command, its line, and whether memio refuses it; a list of commands is as many."""
    lines = text.replace("\\\n", " ").splitlines()
    for line, following in zip(lines, [*lines[1:], ""]):
        found = COMMAND.match(line)
        if not found:
            continue
        lexer = shlex.shlex(found.group(1), posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        words = list(lexer)
        ends = [place for place, word in enumerate(words) if set(word) <= set(";&|")]
        for begin, end in zip([-1, *ends], [*ends, len(words)]):
            yield words[begin + 1:end], line.strip(), following.strip().startswith("memio: ")


def all_commands():
    for page in pages():
        for words, line, refused in commands(read(page)):
            yield words, "%s: %s" % (os.path.basename(page), line), refused


def memios(words):
    """The command and arguments that memio gets in the end; none if it does not run. What a variable holds is one
    value behind an option, and nothing elsewhere."""
    names = [place for place, word in enumerate(words) if word in ("memio", "build/memio")]
    if not names:
        return []
    arguments = []
    for word in words[names[0] + 1:]:
        if not word.startswith("$"):
            arguments += [] if word == "..." else [word]
        elif arguments and arguments[-1].startswith("--") and "=" not in arguments[-1]:
            arguments.append("x")
    # A script that is given memio and its options says `run` itself.
    return arguments if arguments[:1] and arguments[0] in ("run", "config", "compare") else ["run", *arguments]


def quoted_options(text):
    """Those in back quotes, which blocks between fences do not open or close."""
    text = re.sub(r"(?ms)^ *```.*?^ *```", "", text)
    return {option.rstrip(".") for quoted in QUOTED.findall(text) for option in OPTION.findall(quoted)}


class Reading(unittest.TestCase):
    """What the tests below see of a page."""

    def test_commands_are_found_wherever_memio_stands(self):
        page = """
    printf 'a; b|c' | build/memio run x.ini  # of a list
    $ build/memio run --quantum \\
      0
    memio: bad value

build/memio run not indented
"""
        self.assertEqual([(words, refused) for words, _, refused in commands(page)],
                         [(["printf", "a; b|c"], False), (["build/memio", "run", "x.ini"], False),
                          (["build/memio", "run", "--quantum", "0"], True)])

    def test_variables_are_values(self):
        words = "build/memio run $files --kernel $built/Image --initrd $built/initrd.cpio --smp=2 $options ...".split()
        self.assertEqual(memios(words), ["run", "--kernel", "x", "--initrd", "x", "--smp=2"])

    def test_quoted_options_may_span_lines(self):
        page = "`--one\n1`, `--two` --no\n```\nit`s --no\n```\n`a --three\n\n--no `--four`\n"
        self.assertEqual(quoted_options(page), {"--one", "--two", "--four"})


class Examples(SystemTest):
    def test_files_exist(self):
        seen = 0
        for words, place, _ in all_commands():
            for word in words:
                for folder, real in PLACES.items():
                    if not word.startswith(folder + "/") or not real:
                        continue
                    seen += 1
                    self.assertTrue(os.path.exists(os.path.join(real, word[len(folder) + 1:])), place)
        self.assertGreater(seen, 40)  # a test of nothing would pass as well

    def test_memio_takes_the_options(self):
        """`memio config` checks what `memio run` is told; it opens none of the images."""
        known = set(OPTION.findall(self.memio("--help", status=0).stdout.decode()))
        tried = 0
        for words, place, refused in all_commands():
            arguments = memios(words)
            with self.subTest(place):
                if arguments[:1] == ["compare"]:
                    self.assertEqual({word for word in arguments if word.startswith("--")} - known, set())
                elif arguments:
                    tried += 1
                    self.memio("config", *arguments[1:], status=125 if refused else 0, cwd=ROOT)
        self.assertGreater(tried, 25)

    def test_options_in_sentences_exist(self):
        """In back quotes too, unless they are a script's or another program's."""
        known = self.memio("--help", status=0).stdout.decode()
        for script in glob.glob(os.path.join(ROOT, "scripts", "**", "*.*"), recursive=True):
            known += read(script)
        known = set(OPTION.findall(known))
        for page in pages():
            with self.subTest(os.path.basename(page)):
                self.assertEqual(quoted_options(read(page)) - known - OTHERS, set())


if __name__ == "__main__":
    unittest.main()
