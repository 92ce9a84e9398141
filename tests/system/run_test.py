"""Exit statuses, limits, signals and outputs of `memio run`."""
import os
import select
import signal
import struct
import subprocess
import time
import unittest

from support import COUNT, LOOP, MEMIO, NEWLINE_FOR_EVER, NOWHERE, SystemTest, WAIT, finish, load_constant, words


class ExitStatus(SystemTest):
    def test_the_guest_says_it(self):
        self.bare(finish(0x5555), status=0)
        self.bare(finish(0x3333 | 7 << 16), status=7)
        self.bare(finish(0x3333 | 119 << 16), status=119)

    def test_a_large_code_becomes_119_and_is_in_the_statistics(self):
        for code in (120, 200, 256, 65535):
            self.bare(finish(0x3333 | code << 16), "--stats", self.path("stats.json"), status=119)
            run = self.statistics()["run"]
            self.assertEqual((run["exit"], run["guest_code"], run["reason"]), (119, code, "guest"))

    def test_both_widths(self):
        for isa in ("rv32imac", "rv64imac"):
            self.bare(finish(0x3333 | 3 << 16), "--cpu.isa", isa, status=3)

    def test_limits(self):
        self.bare(COUNT, "--max-instructions", "1000", "--stats", self.path("stats.json"), status=124)
        stats = self.statistics()
        self.assertEqual(stats["cpu0"]["instructions"], 1000)
        self.assertEqual(stats["run"]["reason"], "instruction-limit")
        self.bare(COUNT, "--max-sim-time", "1ms", "--stats", self.path("stats.json"), status=124)
        stats = self.statistics()
        self.assertEqual(stats["run"]["reason"], "time-limit")
        self.assertGreaterEqual(stats["run"]["sim_time_ps"], 10**9)
        self.assertLess(stats["run"]["sim_time_ps"], 10**9 + 10**5)

    def test_limits_do_not_depend_on_engine_or_quantum(self):
        seen = set()
        for engine in ("reference", "fast"):
            for quantum in ("50ns", "3us", "1ms"):
                for limit in (("--max-sim-time", "123456ns"), ("--max-instructions", "54321")):
                    self.bare(COUNT, *limit, "--engine", engine, "--quantum", quantum, "--stats",
                              self.path("stats.json"), status=124)
                    stats = self.statistics()
                    seen.add((limit[0], stats["cpu0"]["cycles"], stats["cpu0"]["instructions"]))
        self.assertEqual(len(seen), 2)

    def test_devices_stop_with_the_hart(self):
        # A DMA channel copies 2^32 rows of 2^32 bytes, less a few, when the guest ends the run.
        def store(address, value):
            return words(*load_constant(5, address), *load_constant(6, value), 0x0062A023)

        descriptor = struct.pack("<IIQQQIIiiIIQ", 1 << 9 | 3, 0xFFFFFFF8, 0x80020000, 0x80030000, 0, 0xFFFFFFFF, 0, 0, 0,
                                 0, 0, 0)
        begin = store(0x10021110, 0x80001000) + store(0x10021114, 0) + store(0x10021100, 1)
        for after, limits, status in ((finish(0x5555), (), 0), (LOOP, ("--max-sim-time", "5us"), 124),
                                      (LOOP, ("--max-instructions", "1000"), 124)):
            self.bare((begin + after).ljust(0x1000, b"\0") + descriptor, *limits, "--cpu.isa", "rv32imac", "--stats",
                      self.path("stats.json"), status=status)
            stats = self.statistics()
            busy = stats["devices"]["dma0"]["channel0"]["busy_cycles"]
            self.assertGreater(busy, 0)
            self.assertLess(busy, stats["cpu0"]["cycles"])

    def test_a_guest_that_cannot_go_on_is_dumped(self):
        result = self.bare(NOWHERE, "--stats", self.path("stats.json"), status=126)
        for part in ("cannot go on", "instruction access fault", "mcause", "mtvec", "sp"):
            self.assertIn(part, result.error)
        self.assertEqual(self.statistics()["run"]["reason"], "guest-stuck")

    def test_a_reset_can_end_the_run(self):
        reset = finish(0x7777)
        for engine in ("fast", "reference"):
            self.bare(reset, "--engine", engine, "--on-reset", "end", "--stats", self.path("stats.json"), status=123)
            stats = self.statistics()
            # The boot ROM's 6 instructions, two constants of two each, and the store.
            self.assertEqual((stats["run"]["reason"], stats["cpu0"]["instructions"]), ("guest-reset", 11))
        self.bare(reset, "--max-instructions", "1000", status=124)
        # By port 0xcf9 in the memory window, the harts only: 4 to it.
        ports = words(0x030012B7, 0xCF928293, 0x00400313, 0x00628023, 0x0000006F)
        self.bare(ports, "--on-reset", "end", "--max-instructions", "1000", status=123)

    def test_waiting_for_nothing_ends(self):
        result = self.bare(WAIT, status=126)
        self.assertIn("waits for an interrupt", result.error)

    def test_an_interrupted_run_writes_everything(self):
        guest = self.file("guest.bin", NEWLINE_FOR_EVER)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", guest, "--stats",
                                        self.path("stats.json"), "--vcd", self.path("trace.vcd"), "--vcd-stop", "1us"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(process.stdout.read(1), b"\n")  # the guest runs
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130)
            self.assertEqual(self.statistics()["run"]["reason"], "interrupted")
            with open(self.path("trace.vcd"), encoding="ascii") as trace:
                self.assertGreater(trace.read().count("\n#"), 10)
            os.remove(self.path("stats.json"))
            os.remove(self.path("trace.vcd"))

    def test_a_hang_up_that_is_ignored_stays_so(self):
        process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", self.file("guest.bin", NEWLINE_FOR_EVER),
                                    "--stats", self.path("stats.json")], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(process.stdout.read(1), b"\n")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(len(process.stdout.read(1 << 17)), 1 << 17)  # more than pipe and buffers hold
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual((process.returncode, self.statistics()["run"]["reason"]), (130, "interrupted"))

    def test_a_signal_during_the_start_ends_in_good_order_too(self):
        """It comes while the kernel is read from a pipe that has not ended."""
        read, write = os.pipe()
        process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", f"/dev/fd/{read}", "--console", "none"],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[read])
        os.write(write, LOOP)
        while select.select([read], [], [], 0)[0]:  # memio has not read it yet
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=60)[1]
        os.close(read)
        os.close(write)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"interrupted", error)

    def test_signals_are_heard_in_a_long_quantum(self):
        """The harts' turns of a second of modelled time would take minutes."""
        newline = words(*load_constant(5, 0x10000000), 0x00A00313, 0xF1402573, 0x00051463, 0x00628023, 0x0000006F)
        guest = self.file("guest.bin", newline)  # bnez a0, 8; sb t1, 0(t0); j .
        for harts in ("1", "8"):
            process = subprocess.Popen([MEMIO, "run", "--bios", "none", "--kernel", guest, "--smp", harts, "--quantum", "1s",
                                        "--stats", self.path("stats.json")], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(process.stdout.read(1), b"\n")
            time.sleep(0.2)  # in the midst of the first quantum
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130)
            cpu = self.statistics()["cpu0"]
            self.assertEqual(sum(cpu["cycle_stack"].values()), cpu["cycles"])


class Outputs(SystemTest):
    def test_only_named_files_are_made(self):
        before = set(os.listdir(self.folder.name)) | {"guest.bin"}
        self.bare(finish(0x5555), cwd=self.folder.name, status=0)
        self.assertEqual(set(os.listdir(self.folder.name)), before)

    def test_a_full_disk_is_an_error_and_spares_the_other_outputs(self):
        for option in ("--stats", "--report", "--vcd"):
            result = self.bare(finish(0x5555), option, "/dev/full", status=125)
            self.assertIn("/dev/full", result.error)
        self.bare(COUNT, "--max-sim-time", "100ms", "--vcd", "/dev/full", "--stats", self.path("stats.json"), status=125)
        self.assertEqual(self.statistics()["run"]["reason"], "output-error")

    def test_a_console_that_cannot_be_written_spares_the_statistics(self):
        hello = words(*load_constant(5, 0x10000000), 0x00028023) + finish(0x5555)
        with open("/dev/full", "wb") as full:
            for console in ({"stdout": full}, {}):
                arguments = ["--stats", self.path("stats.json"), "--report", self.path("report.txt")]
                arguments += [] if console else ["--console", "file:/dev/full"]
                self.bare(hello, *arguments, status=125, **console)
                self.assertEqual(self.statistics()["run"]["reason"], "guest")
                os.remove(self.path("stats.json"))
                os.remove(self.path("report.txt"))
        self.bare(finish(0x5555), "--stats", "/dev/full", "--report", self.path("report.txt"), status=125)
        self.assertTrue(os.path.getsize(self.path("report.txt")))

    def test_a_serial_line_that_cannot_be_written_ends_the_run(self):
        # The PCI card: base address 0x1000, accesses to ports; then new lines by the port window for ever.
        card = words(0x300082B7, 0x00001337, 0x0062A823, 0x00100393, 0x0072A223,
                     0x03001E37, 0x00A00E93, 0x01DE0023, 0xFFDFF06F)
        arguments = ["--max-sim-time", "20ms", "--stats", self.path("stats.json")]
        self.bare(card, *arguments, "--pcie.serial", "file:" + self.path("line"), status=124)
        self.assertGreater(os.path.getsize(self.path("line")), 1000)
        for guest, option in ((card, "--pcie.serial"), (NEWLINE_FOR_EVER, "--console")):
            self.assertIn("/dev/full", self.bare(guest, *arguments, option, "file:/dev/full", status=125).error)
            run = self.statistics()["run"]
            self.assertEqual(run["reason"], "output-error")
            self.assertLess(run["sim_time_ps"], 2e9)

    def test_a_closed_standard_error_changes_no_status(self):
        closed = {"preexec_fn": lambda: os.close(2)}
        self.memio("run", "--nonsense", status=125, **closed)
        self.memio("config", "--nonsense", status=125, **closed)
        self.bare(NOWHERE, "--stats", self.path("stats.json"), status=126, **closed)
        self.assertEqual(self.statistics()["run"]["reason"], "guest-stuck")

    def test_a_closed_standard_output_is_an_error(self):
        closed = {"stdout": None, "preexec_fn": lambda: os.close(1)}
        self.refuses(["standard output"], "config", **closed)
        self.bare(finish(0x5555), "--report", "-", status=125, **closed)

    def test_a_closed_pipe_is_an_error(self):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as out:
            result = self.bare(finish(0x5555), "--report", "-", stdout=out, status=125)
        self.assertIn("Broken pipe", result.error)

    def test_closed_descriptors_are_not_reused_for_outputs(self):
        self.bare(finish(0x5555), "--vcd", self.path("trace.vcd"), "--report", "-", status=125,
                  stdout=None, preexec_fn=lambda: os.close(1))
        with open(self.path("trace.vcd"), "rb") as trace:
            self.assertNotIn(b"memio report", trace.read())

    def test_the_report_goes_to_standard_output(self):
        result = self.bare(finish(0x5555), "--report", "-", status=0)
        self.assertIn(b"Where the cycles went", result.stdout)

    def test_a_waveform_has_events(self):
        self.bare(finish(0x5555), "--vcd", self.path("trace.vcd"), status=0)
        with open(self.path("trace.vcd"), encoding="ascii") as trace:
            text = trace.read()
        self.assertGreater(text.count("\n#"), 10)
        self.assertNotIn("$date", text)

    def test_the_window_of_a_waveform_must_make_sense(self):
        self.refuses(["vcd-stop"], "run", "--bios", "none", "--kernel", self.file("g.bin", LOOP), "--vcd",
                     self.path("x.vcd"), "--vcd-start", "2us", "--vcd-stop", "1us")


if __name__ == "__main__":
    unittest.main()
