"""Virtio devices as a guest and a user see them (sw/examples/virtio_*.c): both interfaces, all timing modes, and files
that are no disks."""
import os
import shutil
import subprocess
import unittest

from figures import FiguresTest
from support import LOOP, MEMIO, SW

SECTORS = 64
CONTENT = bytes((i * 7 + i // 512) % 256 for i in range(SECTORS * 512))
# The program exclusive-ors byte i of sector 3 with i.
CHANGED = bytes(byte ^ i % 256 if i // 512 == 3 else byte for i, byte in enumerate(CONTENT))


@unittest.skipUnless(SW, "the guest software is not built")
class Virtio(FiguresTest):
    def machine(self, width, *arguments):
        return ["--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel",
                os.path.join(SW, "examples", "virtio-disk-rv%s.elf" % width), "--disk", self.disk, *arguments]

    def setUp(self):
        super().setUp()
        self.disk = self.file("disk.img", CONTENT)

    def contents(self):
        with open(self.disk, "rb") as disk:
            return disk.read()

    def test_both_interfaces_in_every_timing_mode(self):
        for width, version, timing in (("64", "legacy", "lt"), ("64", "modern", "at"), ("32", "modern", "functional"),
                                       ("32", "legacy", "at")):
            with self.subTest(width=width, version=version, timing=timing):
                self.file("disk.img", CONTENT)
                stats, output = self.figures(self.machine(width, "--virtio.version", version, "--timing", timing), 0)
                self.assertIn(b"disk in slot: 7\nqueue holds: 1024\nsectors: 64\n", output)
                # Sector 3 begins with 3 * 512 * 7 + 3 modulo 256 and ends with (3 * 512 + 511) * 7 + 3.
                self.assertIn(b"first byte: 3\nlast byte: 252\n", output)
                self.assertIn(b"first byte: 3\nlast byte: 3\n", output)
                self.assertEqual(self.contents(), CHANGED)
                disk = stats["devices"]["virtio7"]
                self.assertEqual(disk["block"], {
                    "reads": 3, "writes": 1, "flushes": 1, "discards": 0, "zeroes": 0, "errors": 1, "unsupported": 0,
                    "sectors_read": 2, "sectors_written": 1})
                self.assertEqual((disk["notifications"], disk["requests"], disk["interrupts"], disk["broken"]),
                                 (5, 5, 5, 0))
                route = stats["bus"]["memory"]["virtio7"]["ram"]
                self.assertEqual(route["bytes_read"], disk["bytes_read"])
                self.assertEqual(route["bytes_written"], disk["bytes_written"])

    def test_no_figure_depends_on_engine_quantum_or_direct_memory_access(self):
        # A disk that cannot be written is the same in every run; the program then ends with 3.
        stats = self.compare(self.machine("64", "--disk.read-only", "on"), 3)
        self.assertEqual(self.contents(), CONTENT)
        self.assertEqual(stats["devices"]["virtio7"]["block"]["errors"], 1)

    def test_the_disk_sees_memory_as_dma_does(self):
        cached = self.machine("64", "--cache.l1d.size", "4K", "--check.coherency", "on")
        result = self.memio("run", *cached, "--cache.dma", "coherent", status=0)
        self.assertEqual(result.error, "")
        # The program does not write its caches back: the disk waits for requests that it cannot see.
        result = self.memio("run", *cached, "--cache.dma", "noncoherent", "--max-instructions", "100000", status=124)
        self.assertIn("stale", result.error)

    def test_time_of_a_request(self):
        def cycles(*arguments):
            return self.figures(self.machine("64", "--disk.read-only", "on", *arguments), 3)[0]["cpu0"]["cycles"]
        # Two requests, the first of which moves a sector; the program polls, at any time within its loop.
        base = cycles("--disk.latency", "0ns", "--disk.sector-time", "0ns")
        self.assertAlmostEqual(cycles("--disk.latency", "50us", "--disk.sector-time", "0ns"), base + 2 * 50000, delta=200)
        self.assertAlmostEqual(cycles("--disk.latency", "0ns", "--disk.sector-time", "1us"), base + 1000, delta=200)

    def test_a_disk_that_vanishes_in_the_run(self):
        """The guest sees errors for as long as the file is short or gone, and the run goes on."""
        for width, timing in (("64", "functional"), ("32", "lt")):
            self.file("disk.img", CONTENT)
            image = os.path.join(SW, "examples", "disk-commands-rv%s.elf" % width)
            with subprocess.Popen([MEMIO, "run", "--cpu.isa", "rv%simac" % width, "--bios", "none", "--kernel", image,
                                   "--disk", self.disk, "--timing", timing, "--max-sim-time", "600s"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
                def status(letter):
                    run.stdin.write(letter)
                    run.stdin.flush()
                    for line in run.stdout:
                        if line.startswith(b"status: "):
                            return int(line[8:])
                    return None  # it ended

                good, failed = 0, 1  # VIRTIO_BLK_S_OK, VIRTIO_BLK_S_IOERR
                self.assertEqual([status(letter) for letter in (b"r", b"w", b"f")], [good] * 3)
                # Sector 1 is still there: what is lost of a disk may be any of it.
                os.truncate(self.disk, 1024)
                self.assertEqual([status(letter) for letter in (b"r", b"w", b"f")], [failed] * 3)
                os.truncate(self.disk, 0)
                self.assertEqual(status(b"r"), failed)
                os.truncate(self.disk, len(CONTENT))
                self.assertEqual([status(letter) for letter in (b"r", b"w", b"f")], [good] * 3)
                os.remove(self.disk)
                self.assertEqual([status(letter) for letter in (b"r", b"w", b"f")], [failed] * 3)
                output, error = run.communicate(b"q", timeout=60)
                self.assertEqual((run.returncode, output, error), (0, b"", b""))
                self.assertFalse(os.path.exists(self.disk))

    def test_slots(self):
        _, output = self.figures(self.machine("64", "--virtio.slot2", "block"), 0)
        self.assertIn(b"disk in slot: 2\n", output)
        _, output = self.figures(self.machine("64", "--virtio.slot7", "none"), 0)
        self.assertIn(b"disk in slot: 6\n", output)
        guest = self.file("guest", LOOP)
        run = ["run", "--bios", "none", "--kernel", guest]
        self.refuses(["virtio.slot1", "block only if disk"], *run, "--virtio.slot1", "block")
        self.refuses(["virtio.slot1", "one slot"], *run, "--disk", self.disk, "--virtio.slot0", "block",
                     "--virtio.slot1", "block")
        self.refuses(["virtio.slot0", "the machine has"], *run, "--disk", self.disk, "--virtio.slot0", "block",
                     "--map.virtio0.enable", "off")
        self.refuses(["no free slot"], *run, "--disk", self.disk,
                     *[word for slot in range(8) for word in ("--virtio.slot%d" % slot, "none")])
        self.refuses(["virtio.burst", "power of two"], *run, "--disk", self.disk, "--virtio.burst", "24")

    def test_the_disk_is_as_on_qemu(self):
        qemu = shutil.which("qemu-system-riscv64")
        if not qemu:
            self.skipTest("no qemu-system-riscv64")
        image = os.path.join(SW, "examples", "virtio-disk-rv64.elf")
        for version, legacy in (("legacy", "true"), ("modern", "false")):
            self.file("disk.img", CONTENT)
            there = self.file("there.img", CONTENT)
            output = subprocess.run(
                [qemu, "-M", "virt", "-nographic", "-bios", image, "-drive", "if=none,format=raw,id=disk,file=" + there,
                 "-device", "virtio-blk-device,drive=disk", "-global", "virtio-mmio.force-legacy=" + legacy],
                timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
            self.assertEqual(self.figures(self.machine("64", "--virtio.version", version), 0)[1],
                             output.replace(b"\r", b""))
            with open(there, "rb") as disk:
                self.assertEqual(disk.read(), self.contents())

    def test_console_and_random_numbers(self):
        typed = self.file("typed", b"a line\nand more")
        # The first number of the generator for seed 5489 is 14514284786278117030.
        low, high = 14514284786278117030 % 2**32, 14514284786278117030 >> 32
        for version, timing in (("legacy", "lt"), ("modern", "functional")):
            with open(typed, "rb") as keys:
                output = self.memio(
                    "run", "--bios", "none", "--kernel", os.path.join(SW, "examples", "virtio-console-rv64.elf"),
                    "--virtio.console", "on", "--virtio.rng", "on", "--virtio.rng-seed", "5489", "--virtio.version",
                    version, "--timing", timing, "--stats", self.path("stats.json"), stdin=keys, status=0).stdout
            greeting = b"through virtio\nrandom, low: %d\nrandom, high: %d\n" % (low, high)
            self.assertEqual(output, greeting + b"a line\nand more\x04")
            devices = self.statistics()["devices"]
            self.assertEqual(devices["virtio7"]["console"], {"sent": 31, "received": 16, "messages": 0})
            self.assertEqual(devices["virtio6"]["rng"]["bytes"], 8)
            self.assertEqual(devices["uart0"]["received"], 0)

    def test_files_that_are_no_disks(self):
        run = ["run", "--bios", "none", "--kernel", self.file("guest", LOOP)]
        self.refuses(["/nowhere", "No such file"], *run, "--disk", "/nowhere")
        self.refuses(["disk", "regular file"], *run, "--disk", self.folder.name, "--disk.read-only", "on")
        self.refuses(["disk", "512", "has 0 bytes"], *run, "--disk", self.file("empty", b""))
        self.refuses(["disk", "512", "has 700 bytes"], *run, "--disk", self.file("odd", bytes(700)))
        os.mkfifo(self.path("pipe"))
        self.refuses(["disk", "regular file"], *run, "--disk", self.path("pipe"))
        self.refuses(["stats", "another file than that of disk"], *run, "--disk", self.disk, "--stats", self.disk)
        self.assertEqual(self.contents(), CONTENT)


if __name__ == "__main__":
    unittest.main()
