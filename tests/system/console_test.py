"""The console: input from files and terminals, output to files, the way out by Ctrl-A x."""
import os
import pty
import select
import signal
import subprocess
import termios
import time
import unittest

from support import CONFIGS, COUNT, MEMIO, NEWLINE_FOR_EVER, SW, SystemTest, finish, load_constant, words


def echo(last):
    """Echoes each character of the serial port and ends the run after `last`."""
    return ECHO + words(*load_constant(28, last), 0xFFC392E3) + finish(0x5555)  # bne t2, t3, 1b


ECHO = words(
    0x100002B7,                # lui  t0, 0x10000
    0x0052C303,                # 1: lbu t1, 5(t0)      LSR
    0x00137313,                # andi t1, t1, 1
    0xFE030CE3,                # beqz t1, 1b
    0x0002C383,                # lbu  t2, 0(t0)        RBR
    0x00728023,                # sb   t2, 0(t0)        THR
)
ECHO_TO_Q = echo(ord("q"))
ECHO_TO_EOT = echo(0x04)

# Sets the FIFOs up late, then echoes slowly: a delay after each character. Ends after EOT.
SLOW_ECHO = words(
    0x100002B7,                # lui  t0, 0x10000
    0x00080E37,                # lui  t3, 0x80
    0xFFFE0E13,                # 1: addi t3, t3, -1
    0xFE0E1EE3,                # bnez t3, 1b
    0x00700313,                # li   t1, 7
    0x00628123,                # sb   t1, 2(t0)        FCR: on, cleared
    0x0052C303,                # 2: lbu t1, 5(t0)      LSR
    0x00137313,                # andi t1, t1, 1
    0xFE030CE3,                # beqz t1, 2b
    0x0002C383,                # lbu  t2, 0(t0)        RBR
    0x00728023,                # sb   t2, 0(t0)        THR
    0x38400E13,                # li   t3, 900
    0xFFFE0E13,                # 3: addi t3, t3, -1
    0xFE0E1EE3,                # bnez t3, 3b
    0x00400E93,                # li   t4, 4
    0xFDD39EE3,                # bne  t2, t4, 2b
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
        self.bare(ECHO_TO_Q, "--console", "file:%s,%s" % (self.path("out"), self.file("in", text)), status=0)
        with open(self.path("out"), "rb") as out:
            self.assertEqual(out.read(), text)

    def test_the_console_in_port_space(self):
        text = b"through ports\nq"
        self.bare(PORT_ECHO, "--map.uart0.enable", "off", "--console",
                  "file:%s,%s" % (self.path("out"), self.file("in", text)), status=0)
        with open(self.path("out"), "rb") as out:
            self.assertEqual(out.read(), text)

    def test_input_from_a_pipe(self):
        result = self.bare(ECHO_TO_Q, stdin=None, input=b"abcq", status=0)
        self.assertEqual(result.stdout, b"abcq")

    def test_figures_do_not_depend_on_engine_or_quantum_with_input(self):
        seen = set()
        for variant in (["--engine", "fast"], ["--engine", "reference"], ["--quantum", "90ns"]):
            console = "file:%s,%s" % (self.path("out"), self.file("in", b"some text q"))
            self.bare(ECHO_TO_Q, *variant, "--console", console, "--stats", self.path("stats.json"), status=0)
            cpu = self.statistics()["cpu0"]
            seen.add((cpu["cycles"], cpu["instructions"]))
        self.assertEqual(len(seen), 1)

    def test_the_end_of_input_is_an_eot(self):
        out = self.path("out")
        text = self.file("in", b"to the end")
        for console in ("none", "file:" + out):
            self.bare(ECHO_TO_EOT, "--console", console, status=0)
        self.bare(ECHO_TO_EOT, "--console", "file:%s,%s" % (out, text), status=0)
        with open(out, "rb") as written:
            self.assertEqual(written.read(), b"to the end\x04")
        self.assertEqual(self.bare(ECHO_TO_EOT, status=0).stdout, b"\x04")
        self.assertEqual(self.bare(ECHO_TO_EOT, stdin=None, input=b"pipe", status=0).stdout, b"pipe\x04")
        with open(text, "rb") as file:
            self.assertEqual(self.bare(ECHO_TO_EOT, stdin=file, status=0).stdout, b"to the end\x04")

    def test_the_end_of_input_comes_once_or_not_at_all(self):
        for more, seen in (([], b"\x04"), (["--console.eof", "eot"], b"\x04"), (["--console.eof", "none"], b"")):
            result = self.bare(ECHO_TO_Q, *more, "--max-instructions", "1000000", status=124)
            self.assertEqual(result.stdout, seen)

    def test_a_long_script_reaches_a_slow_guest_whole_and_in_order(self):
        text = b"".join(b"%d " % number for number in range(1200))
        result = self.bare(SLOW_ECHO, stdin=None, input=text, status=0)
        self.assertEqual(result.stdout, text + b"\x04")

    def test_input_that_is_a_file_comes_at_the_same_times_in_every_run(self):
        text = self.file("in", b"x" * 300)
        seen = set()
        for variant in (["--engine", "fast"], ["--engine", "reference"], ["--quantum", "90ns"]):
            with open(text, "rb") as file:
                self.bare(SLOW_ECHO, *variant, "--stats", self.path("stats.json"), stdin=file, status=0)
            seen.add(self.statistics()["cpu0"]["cycles"])
        self.assertEqual(len(seen), 1)

    def on_terminal(self, *arguments):
        """Starts a run on a terminal; its process and the terminal's other end."""
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a root file system without /dev/pts
            self.skipTest(f"no terminal to be had: {error}")
        self.addCleanup(os.close, master)
        process = subprocess.Popen([MEMIO, "run", *arguments], stdin=slave, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        self.assertIn(b"Ctrl-A x", process.stderr.readline())  # said once the terminal is set
        return process, master

    def test_a_signal_gives_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            process, master = self.on_terminal("--bios", "none", "--kernel", self.file("guest.bin", COUNT), "--stats",
                                               self.path("stats.json"))
            self.assertFalse(termios.tcgetattr(master)[3] & termios.ICANON)
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual((process.returncode, self.statistics()["run"]["reason"]), (130, "interrupted"))
            cooked = termios.ICANON | termios.ECHO | termios.ISIG
            self.assertEqual(termios.tcgetattr(master)[3] & cooked, cooked)
            os.remove(self.path("stats.json"))

    def test_a_terminal_that_closes_ends_the_run(self):
        """As the session's leader, with output under way."""
        for guest in (COUNT, NEWLINE_FOR_EVER):
            kernel = self.file("guest.bin", guest)
            try:
                child, master = pty.fork()
            except OSError as error:
                self.skipTest(f"no terminal to be had: {error}")
            if child == 0:
                os.execv(MEMIO, [MEMIO, "run", "--bios", "none", "--kernel", kernel, "--stats", self.path("stats.json")])
            os.read(master, 1)  # "Ctrl-A x ends the run", said once the terminal is set
            time.sleep(0.1)
            os.close(master)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 130)
            self.assertEqual(self.statistics()["run"]["reason"], "interrupted")
            os.remove(self.path("stats.json"))

    def test_standard_input_must_not_be_a_directory(self):
        folder = os.open(self.folder.name, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        error = self.bare(COUNT, "--max-instructions", "10", stdin=folder, status=125).error
        self.assertIn('default: bad value "stdio" for console', error)
        self.assertIn("standard input is a directory", error)
        self.bare(COUNT, "--max-instructions", "10", "--console", "none", stdin=folder, status=124)

    def read_until(self, terminal, end):
        """What comes up to and with `end`."""
        output = b""
        while not output.endswith(end):
            self.assertTrue(select.select([terminal], [], [], 60)[0], output)
            output += os.read(terminal, 1)
        return output

    def terminal(self, keys):
        """Runs the echo program on a terminal; its output and exit status."""
        process, master = self.on_terminal("--bios", "none", "--kernel", self.file("guest.bin", ECHO_TO_Q))
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

    def test_ctrl_a_x_ends_a_guest_that_never_reads(self):
        process, terminal = self.on_terminal("--bios", "none", "--kernel", self.file("guest.bin", COUNT))
        os.write(terminal, b"x" * 100 + b"\x01x")
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)

    def test_a_terminal_delivers_all_keys(self):
        output, status = self.terminal([b"\x03", b"\x1a", b"\x11\x13", b"\x01\x01", b"\rq"])
        self.assertEqual(status, 0)
        self.assertTrue(output.endswith(b"\x03\x1a\x11\x13\x01\rq"), output)

    @unittest.skipUnless(SW, "the guest software is not built")
    def test_the_kernels_shell_on_a_terminal(self):
        for width in ("32", "64"):
            for keys, status in ((b"\x04", 0), (b"\x01x", 130), (b"poweroff 3\r", 3)):
                with self.subTest(width=width, keys=keys):
                    process, terminal = self.on_terminal(os.path.join(CONFIGS, "virt-rv%s.ini" % width))
                    self.read_until(terminal, b"\r\nmemio# ")
                    os.write(terminal, b"cat /proc/buddyinfox\x7f\r")
                    output = self.read_until(terminal, b"\r\nmemio# ")
                    self.assertRegex(output, rb"cat /proc/buddyinfox\x08 \x08\r\n"
                                             rb"Node 0, zone +DMA +[0-9 ]+\r\nNode 0, zone +Normal +[0-9 ]+\r\n")
                    os.write(terminal, keys)
                    process.communicate(timeout=60)
                    self.assertEqual(process.returncode, status)


if __name__ == "__main__":
    unittest.main()
