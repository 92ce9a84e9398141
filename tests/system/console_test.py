"""The console: input from files and terminals, output to files, the way out by Ctrl-A x."""
import os
import pty
import select
import subprocess
import unittest

from support import MEMIO, SystemTest, finish, load_constant, words

# Echoes each character of the serial port and ends the run after "q".
ECHO = words(
    0x100002B7,                # lui  t0, 0x10000
    0x0052C303,                # 1: lbu t1, 5(t0)      LSR
    0x00137313,                # andi t1, t1, 1
    0xFE030CE3,                # beqz t1, 1b
    0x0002C383,                # lbu  t2, 0(t0)        RBR
    0x00728023,                # sb   t2, 0(t0)        THR
    *load_constant(28, ord("q")),
    0xFFC392E3,                # bne  t2, t3, 1b
) + finish(0x5555)

# The same by port instructions at 0x3F8.
PORT_ECHO = words(
    0x3FD0430B,                # 1: in8i t1, 0x3FD     LSR
    0x00137313,                # andi t1, t1, 1
    0xFE030CE3,                # beqz t1, 1b
    0x3F80438B,                # in8i t2, 0x3F8        RBR
    0x3E707C0B,                # out8i 0x3F8, t2       THR
    *load_constant(28, ord("q")),
    0xFFC392E3,                # bne  t2, t3, 1b
) + finish(0x5555)


class Console(SystemTest):
    def test_input_and_output_by_files(self):
        text = b"typed at modelled times\nq"
        self.bare(ECHO, "--console", "file:%s,%s" % (self.path("out"), self.file("in", text)), status=0)
        with open(self.path("out"), "rb") as out:
            self.assertEqual(out.read(), text)

    def test_the_console_in_port_space(self):
        text = b"through ports\nq"
        self.bare(PORT_ECHO, "--map.uart0.enable", "off", "--console",
                  "file:%s,%s" % (self.path("out"), self.file("in", text)), status=0)
        with open(self.path("out"), "rb") as out:
            self.assertEqual(out.read(), text)

    def test_input_from_a_pipe(self):
        result = self.bare(ECHO, stdin=None, input=b"abcq", status=0)
        self.assertEqual(result.stdout, b"abcq")

    def test_figures_do_not_depend_on_engine_or_quantum_with_input(self):
        seen = set()
        for variant in (["--engine", "fast"], ["--engine", "reference"], ["--quantum", "90ns"]):
            console = "file:%s,%s" % (self.path("out"), self.file("in", b"some text q"))
            self.bare(ECHO, *variant, "--console", console, "--stats", self.path("stats.json"), status=0)
            cpu = self.statistics()["cpu0"]
            seen.add((cpu["cycles"], cpu["instructions"]))
        self.assertEqual(len(seen), 1)

    def terminal(self, keys):
        """Runs the echo program on a terminal; its output and exit status."""
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a root file system without /dev/pts
            self.skipTest(f"no terminal to be had: {error}")
        self.addCleanup(os.close, master)
        process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", self.file("guest.bin", ECHO)],
                                   stdin=slave, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        output = b""
        for key in keys:
            os.write(master, key)
            while select.select([master], [], [], 0.5)[0]:
                try:
                    output += os.read(master, 4096)
                except OSError:
                    break
        process.communicate(timeout=60)
        return output, process.returncode

    def test_a_terminal_delivers_characters_as_typed(self):
        output, status = self.terminal([b"a", b"b", b"q"])
        self.assertEqual(status, 0)
        self.assertTrue(output.endswith(b"bq"), output)

    def test_ctrl_a_x_ends_the_run(self):
        self.assertEqual(self.terminal([b"a", b"\x01x"])[1], 130)


if __name__ == "__main__":
    unittest.main()
