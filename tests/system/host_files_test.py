"""The files of the host: outputs never overwrite inputs or each other, whatever leads to them; pipes; messages."""
import os
import signal
import subprocess
import time
import unittest

from support import LOOP, MEMIO, SystemTest

OUTPUTS = ("stats", "report", "vcd", "perfetto", "memory-image", "dump-dtb")


class HostFiles(SystemTest):
    def setUp(self):
        super().setUp()
        self.guest = self.file("guest.bin", LOOP)
        self.run_guest = ["run", "--bios", "none", "--kernel", self.guest, "--max-instructions", "10"]

    def keeps(self, path, expected, *arguments):
        """Refused, and the file is as it was."""
        with open(path, "rb") as file:
            before = file.read()
        self.refuses(expected, *self.run_guest, *arguments)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), before)

    def spellings(self, path):
        hard, soft = path + ".hard", path + ".soft"
        os.link(path, hard)
        os.symlink(path, soft)
        return [path, os.path.join(os.path.dirname(path), "..", os.path.basename(self.folder.name),
                                   os.path.basename(path)), hard, soft]

    def test_inputs_are_kept_under_any_name(self):
        inner = self.file("inner.ini", b"quantum = 1us\n")
        outer = self.file("outer.ini", b"include = inner.ini\n")
        initrd = self.file("initrd", b"files")
        disk = self.file("disk", bytes(512))
        keys = self.file("keys", b"x")
        arguments = [outer, "--initrd", initrd, "--disk", disk, "--disk.read-only", "on"]
        named = ((inner, "the configuration"), (outer, "the configuration"), (self.guest, "kernel"), (initrd, "initrd"),
                 (disk, "disk"))
        for number, (path, name) in enumerate(named):
            output = OUTPUTS[number % len(OUTPUTS)]
            for spelling in self.spellings(path):
                self.keeps(path, [f'bad value "{spelling}" for {output}', f"another file than that of {name}, "],
                           *arguments, "--" + output, spelling)
        self.keeps(keys, ["for stats", "console's input, " + keys], "--stats", keys, "--console",
                   f"file:{self.path('out')},{keys}")
        self.keeps(keys, ["for console", "console's input"], "--console", f"file:{keys},{keys}")
        self.keeps(self.guest, ["for disk", "that of kernel"], "--disk", self.guest)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_two_outputs_to_one_file(self):
        new, dangling = self.path("new"), self.path("dangling")
        os.symlink("new", dangling)
        for output in OUTPUTS[1:-1]:  # dump-dtb goes with none of the others
            for other in (new, self.path("./new"), dangling):
                self.refuses([output, f"that of stats, {new}"], *self.run_guest, "--stats", new, "--" + output, other)
        self.refuses(["stats", "that of console"], *self.run_guest, "--console", "file:" + new, "--stats", dangling)
        self.assertFalse(os.path.exists(new))
        with open(new, "wb") as out:
            result = self.memio(*self.run_guest, "--report", new, status=125, stdout=out)
        self.assertIn("that of standard output", result.error)
        self.memio(*self.run_guest, "--stats", "/dev/null", "--report", "/dev/null", status=124)

    def test_outputs_that_cannot_be(self):
        for output in OUTPUTS:
            self.refuses([output, "not a directory"], *self.run_guest, "--" + output, self.folder.name)
            self.refuses([output, "a folder that exists"], *self.run_guest, "--" + output, self.path("no/file"))
            self.refuses([f'bad value "" for {output}; allowed: a file'], *self.run_guest, "--" + output, "")
        self.refuses(["memory-image", "a regular file"], *self.run_guest, "--memory-image", "/dev/null")
        for console in ("", "file:", "file:,x", "file:x,", "printer"):
            self.refuses([f'command line: bad value "{console}" for console', "file:OUT[,IN]"], *self.run_guest,
                         "--console", console)

    def ended_by(self, number, *arguments):
        run = subprocess.Popen([MEMIO, *self.run_guest, "--console", "none", *arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        # Nothing else puts it to sleep.
        asleep = 0
        while asleep < 3 and run.poll() is None:
            with open(f"/proc/{run.pid}/stat", encoding="ascii") as state:
                asleep = asleep + 1 if state.read().split(") ")[1][0] == "S" else 0
            time.sleep(0.01)
        run.send_signal(number)
        run.stderr.close()
        return run.wait(timeout=60)

    def test_waiting_for_the_other_end_of_a_pipe_ends_with_a_signal(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for number, arguments in ((signal.SIGINT, [fifo]), (signal.SIGTERM, ["--initrd", fifo]),
                                  (signal.SIGQUIT, ["--vcd", fifo]), (signal.SIGHUP, ["--console", "file:" + fifo]),
                                  (signal.SIGINT, ["--console", f"file:{self.path('o')},{fifo}"]),
                                  (signal.SIGINT, ["--perfetto", fifo])):
            self.assertEqual(self.ended_by(number, *arguments), 130, arguments)
        # The outputs of the run's end: no other pipe is waited for then, and files are written.
        other = self.path("other")
        os.mkfifo(other)
        for first, then, written in (("stats", "report", None), ("stats", None, "report"), ("report", None, None)):
            arguments = ["--" + first, fifo] + (["--" + then, other] if then else [])
            arguments += ["--" + written, self.path("written")] if written else []
            self.assertEqual(self.ended_by(signal.SIGINT, *arguments), 130, arguments)
        self.assertGreater(os.path.getsize(self.path("written")), 0)
        self.refuses(["disk", "a regular file"], *self.run_guest, "--disk", fifo)

    def test_a_run_makes_the_named_files_only(self):
        os.mkdir(self.path("here"))
        names = {"stats", "report", "vcd", "perfetto", "memory-image"}
        outputs = [word for name in sorted(names) for word in ("--" + name, name)]
        self.memio(*self.run_guest, *outputs, "--console", "file:console", status=124, cwd=self.path("here"))
        self.assertEqual(set(os.listdir(self.path("here"))), names | {"console"})
        self.assertEqual(set(os.listdir(self.folder.name)), {"here", "guest.bin"})

    def test_an_image_may_come_from_a_pipe(self):
        read, write = os.pipe()
        os.write(write, LOOP)
        os.close(write)
        self.memio("run", "--bios", "none", "--kernel", f"/dev/fd/{read}", "--max-instructions", "10", status=124,
                   pass_fds=[read])
        os.close(read)

    def test_messages_show_no_control_characters(self):
        for arguments in (["--vcd-scope", "\x1b[31m", "--vcd", self.path("x")], ["--kernel", "/nowhere/\x1b[31m"],
                          ["--\x1b[31m", "1"], ["\x1b[31m"], ["--bus.width", b"\xc3\x1b[31m"]):
            self.assertIn("\\x1b[31m", self.refuses([], *self.run_guest, *arguments).error)
        self.refuses(["cpu.isa", "\u00e9", "no letter, digit or _"], "config", "--cpu.isa", "rv64im\u00e9")
        self.refuses(["\\xc3", "no letter, digit or _"], "config", "--cpu.isa", b"rv64im\xc3")


if __name__ == "__main__":
    unittest.main()
