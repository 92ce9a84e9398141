"""What the system tests share: running memio, and tiny guests assembled by hand."""
import json
import os
import struct
import subprocess
import tempfile
import unittest

MEMIO = os.environ["MEMIO"]
SW = os.environ.get("MEMIO_SW", "")
CONFIGS = os.environ["MEMIO_CONFIGS"]

FINISHER = 0x100000


def words(*instructions):
    return struct.pack("<%dI" % len(instructions), *instructions)


def load_constant(register, value):
    """lui and addi: `value` of 32 bits into `register`."""
    low = value & 0xFFF
    high = (value + 0x800) >> 12 & 0xFFFFF
    return [high << 12 | register << 7 | 0x37, low << 20 | register << 15 | register << 7 | 0x13]


def finish(value):
    """Stores `value` to the test finisher, then stays where it is."""
    return words(*load_constant(5, FINISHER), *load_constant(6, value), 0x0062A023, 0x0000006F)


LOOP = words(0x0000006F)  # j .
# Counts in a register for ever.
COUNT = words(0x00150513, 0xFFDFF06F)
# Writes new lines to the serial port for ever.
NEWLINE_FOR_EVER = words(0x100002B7, 0x00A00313, 0x00628023, 0xFFDFF06F)
# Turns every interrupt off and waits for one.
WAIT = words(0x30405073, 0x10500073, 0xFFDFF06F)
# mtvec is 0 at reset, where nobody answers.
NOWHERE = words(0x00000067)


class SystemTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)
        return self.path(name)

    def memio(self, *arguments, status=None, **keywords):
        keywords.setdefault("stdin", subprocess.DEVNULL)
        keywords.setdefault("stdout", subprocess.PIPE)
        result = subprocess.run([MEMIO, *arguments], stderr=subprocess.PIPE, timeout=240, **keywords)
        result.error = result.stderr.decode()
        if status is not None:
            self.assertEqual(result.returncode, status, result.error)
        return result

    def bare(self, code, *arguments, **keywords):
        """Runs raw machine code from the start of RAM."""
        return self.memio("run", "--bios", "none", "--kernel", self.file("guest.bin", code), *arguments, **keywords)

    def statistics(self, name="stats.json"):
        with open(self.path(name), encoding="utf-8") as text:
            return json.load(text)

    def refuses(self, expected, *arguments, **keywords):
        """A usage error that mentions each of `expected` and starts nothing."""
        result = self.memio(*arguments, status=125, **keywords)
        for part in expected:
            self.assertIn(part, result.error)
        return result
