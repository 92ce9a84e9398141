"""Several harts: right results, and figures that depend on the quantum only."""
import os
import shutil
import subprocess
import unittest

from boot_test import OPENSBI
from figures import VARIANTS, FiguresTest
from support import SW
from vcd import first_rise

MACHINE = ["reference", "no DMI", "dropped caches"]
CACHES = ["--cache.l1i.size", "4K", "--cache.l1d.size", "4K", "--cache.l2.size", "32K"]


def shape(group):
    """The names in a group, and in the groups within it."""
    return {name: shape(value) for name, value in group.items()} if isinstance(group, dict) else None


@unittest.skipUnless(SW, "the guest software is not built")
class Smp(FiguresTest):
    # Hart 0 adds; the others also read IER to MCR of the UART as one misaligned word, which is three accesses.
    ADD = 0x00138393  # addi t2, t2, 1
    NUMBER_AND_UART = [0xF1402573, 0x100002B7]  # csrr a0, mhartid; lui t0, 0x10000
    LOOPS = [0x00050A63,  # beqz a0, to the last three words
             ADD, ADD, 0x0012A303,  # lw t1, 1(t0)
             0xFF5FF06F,  # jal x0, to the first addi
             ADD, ADD, 0xFF9FF06F]

    @staticmethod
    def bare(width, *more):
        return ["--cpu.isa", "rv%dimac" % width, "--bios", "none", "--kernel",
                os.path.join(SW, "examples", "smp-rv%d.elf" % width), *more]

    @staticmethod
    def supervised(width, *more):
        return ["--cpu.isa", "rv%dimac" % width, "--ram.size", "16M", "--kernel",
                os.path.join(SW, "examples", "smp-sbi-rv%d.elf" % width), *more]

    def check_harts(self, stats, harts):
        cpus = [name for name in stats if name.startswith("cpu")]
        self.assertEqual(cpus, ["cpu%d" % number for number in range(harts)])
        for name in cpus:
            self.assertEqual(shape(stats[name]), shape(stats["cpu0"]))
            self.assertEqual(shape(stats["bus"]["memory"][name]), shape(stats["bus"]["memory"]["cpu0"]))
            self.assertEqual(sum(stats[name]["cycle_stack"].values()), stats[name]["cycles"])
            if "mmu" in stats[name]:
                self.check_translation(stats, name)
        self.assertEqual(stats["run"]["sim_time_ps"], max(stats[name]["cycles"] for name in cpus) * 1000)
        self.check_bus(stats)
        # What a device has served is what its initiators have asked of it.
        for device in ("clint", "plic", "uart0", "finisher"):
            routes = [initiator[device] for initiator in stats["bus"]["memory"].values() if isinstance(initiator, dict)]
            for direction in ("reads", "writes"):
                self.assertEqual(stats["devices"][device][direction], sum(route[direction] for route in routes))

    def test_locks_messages_and_code(self):
        """The program checks its counts itself; a figure that differs between engines is seen here."""
        for harts, quantum in ((2, "10us"), (2, "100ns"), (4, "1us"), (8, "10us")):
            arguments = self.bare(64, "--smp", str(harts), "--quantum", quantum)
            self.check_harts(self.compare(arguments, 0, MACHINE), harts)
        console = self.figures(self.bare(32, "--smp", "3"), 0)[1]
        self.assertEqual(console, b"harts: 3\ncounted: 600\nmessages: 60\n")

    def test_progress_whatever_the_quantum(self):
        """Loops of LR and SC, of AMO locks and of waiting: each ends, and the program checks its counts."""
        for harts, quanta in ((2, ("1ns", "2ns", "3ns", "7ns")), (3, ("2ns", "5ns")), (8, ("33ns", "1s"))):
            for quantum in quanta:
                self.check_harts(self.figures(self.bare(64, "--smp", str(harts), "--quantum", quantum), 0)[0], harts)

    def test_in_every_timing_mode(self):
        for more in (["--timing", "functional"], CACHES, ["--ram.kind", "dram", "--cpu.bus-ports", "walker"]):
            stats = self.compare(self.bare(64, "--smp", "4", "--quantum", "2us", *more), 0, ["reference", "no DMI"])
            self.check_harts(stats, 4)
        self.compare(self.bare(64, "--smp", "2", "--timing", "at", *CACHES), 0, ["reference"])
        self.check_harts(self.figures(self.bare(64, "--smp", "2", "--timing", "at"), 0)[0], 2)

    def test_the_quantum_is_a_parameter(self):
        cycles = {self.figures(self.bare(64, "--smp", "2", "--quantum", quantum), 0)[0]["cpu0"]["cycles"]
                  for quantum in ("100ns", "3us", "10us")}
        self.assertGreater(len(cycles), 1)

    @staticmethod
    def supervised_says(harts, refused):
        return (b"refused for harts that are not there: %d\nharts: %d\nstarts: %d\ninterrupts: %d\nresumed: 2\n"
                % (refused, harts, 2 * (harts - 1), 2 * (harts - 1)))

    def test_firmware_starts_and_asks_harts(self):
        for width, harts in ((64, 2), (64, 4), (32, 3), (32, 8)):
            stats, console = self.figures(self.supervised(width, "--smp", str(harts)), 0)
            self.assertIn(self.supervised_says(harts, 2 * (harts + 1)) + b"stale reads: 2\n", console)
            self.check_harts(stats, harts)
        for quantum in ("10us", "500ns"):
            self.compare(self.supervised(64, "--smp", "4", "--quantum", quantum), 0, MACHINE)
        self.assertIn(b"stale reads: 0\n", self.figures(self.supervised(64, "--smp", "2", "--timing", "functional"), 0)[1])

    def test_the_same_by_opensbi(self):
        """Here and on QEMU; of the masks that name a hart that is not there it refuses two."""
        program = os.path.join(SW, "examples", "smp-sbi-rv64.elf")
        firmware = OPENSBI + "fw_jump.elf"
        says = self.supervised_says(4, 2)
        for timing in ("functional", "lt"):
            result = self.memio("run", "--timing", timing, "--bios", firmware, "--kernel", program, "--smp", "4", status=0)
            self.assertIn(says, result.stdout)
        qemu = shutil.which("qemu-system-riscv64")
        if not qemu:
            self.skipTest("no qemu-system-riscv64")
        there = subprocess.run([qemu, "-M", "virt", "-nographic", "-smp", "4", "-bios", firmware, "-kernel", program],
                               timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
        self.assertIn(says, there.stdout)

    def test_same_bytes_twice(self):
        """Statistics, but for host time, and waveform; a wave's time does not depend on the engine."""
        files = []
        for variant in ([], [], ["--engine", "reference", "--host.dmi", "off"]):
            self.memio("run", *self.bare(64, "--smp", "4"), *variant, "--console", "none", "--vcd", self.path("a.vcd"),
                       "--vcd-stop", "60us", "--report", self.path("report"), "--stats", self.path("stats.json"), status=0)
            stats = self.statistics()
            del stats["host"]
            with open(self.path("a.vcd"), "rb") as waveform:
                files.append((stats, waveform.read()))
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])
        for scope in (b"cpu0", b"cpu3"):
            self.assertIn(b"$scope module %s $end" % scope, files[0][1])
        with open(self.path("report"), encoding="utf-8") as report:
            self.assertIn("---- cpu3 ----", report.read())
        self.memio("compare", self.path("stats.json"), self.path("stats.json"), status=0)

    def test_an_interrupt_wakes_a_hart_at_its_time(self):
        """Hart 1 waits for the token that hart 0 sends: its line rises when hart 0 stores to the CLINT."""
        self.figures([*self.bare(64, "--smp", "2"), "--vcd", self.path("irq.vcd"), "--vcd-scope", "irq"], 0)
        self.assertGreater(first_rise(self.path("irq.vcd"), "clint.msip1"), 0)

    def test_limits_and_dead_ends(self):
        program = self.bare(64, "--smp", "2")
        self.memio("run", *program, "--max-instructions", "5000", "--stats", self.path("stats.json"), status=124)
        counts = [self.statistics()[name]["instructions"] for name in ("cpu0", "cpu1")]
        self.assertEqual(max(counts), 5000)
        # Every hart turns its interrupts off and waits; then hart 1 alone jumps to where nobody answers.
        wait = b"".join(word.to_bytes(4, "little") for word in (0x30405073, 0x10500073, 0xFFDFF06F))
        result = self.memio("run", "--bios", "none", "--kernel", self.file("wait.bin", wait), "--smp", "2", status=126)
        self.assertIn("hart 0", result.error)
        self.assertIn("hart 1", result.error)
        branch = b"".join(word.to_bytes(4, "little") for word in (0xF1402573, 0x00050463, 0x00000067, 0x0000006F))
        result = self.memio("run", "--bios", "none", "--kernel", self.file("jump.bin", branch), "--smp", "2", status=126)
        self.assertIn("its trap handler traps, hart 1", result.error)

    def check_end(self, arguments, harts, status):
        """The engines agree where the run ends; no hart is cut off in an instruction."""
        stats = self.compare(["--bios", "none", "--smp", str(harts), *arguments], status, ["reference"])
        self.check_harts(stats, harts) if harts > 1 else self.check_cycle_stack(stats)

    def words(self, *words):
        return self.file("words.bin", b"".join(word.to_bytes(4, "little") for word in words))

    def test_every_hart_ends_its_instruction(self):
        loops = ["--kernel", self.words(*self.NUMBER_AND_UART, *self.LOOPS)]
        for harts in (1, 2, 4):
            for limit in (500, 501, 502, 505):
                self.check_end([*loops, "--max-instructions", str(limit)], harts, 124)
                self.check_end([*loops, "--max-instructions", str(limit), *CACHES], harts, 124)
            for limit in ("1501ns", "1504ns", "1507ns"):
                self.check_end([*loops, "--max-sim-time", limit, *CACHES], harts, 124)
        for limit in (700, 5003):
            for quantum in ("10us", "70ns"):
                program = ["--kernel", os.path.join(SW, "examples", "smp-rv64.elf"), "--quantum", quantum]
                self.check_end([*program, "--max-instructions", str(limit)], 3, 124)

    def test_what_a_hart_ends_others_end_properly(self):
        """Hart 1 jumps to where nobody answers, or powers off, while the others read the UART."""
        for ending, status in (([0x00000067], 126), ([0x001002B7, 0x00005337, 0x55530313, 0x0062A023], 0)):
            for rounds in (300, 307, 316, 317):
                # addi a2, x0, rounds; addi a2, a2, -1; bnez a2, to the word before
                words = [rounds << 20 | 0x00000613, 0xFFF60613, 0xFE061EE3, *ending]
                offset = 4 * (len(words) + 1)
                skip = [0xFFF50593, (offset >> 5) << 25 | 0x00059063 | (offset & 0x1E) << 7]  # addi a1, a0, -1; bnez a1
                image = self.words(*self.NUMBER_AND_UART, *skip, *words, *self.LOOPS)
                self.check_end(["--kernel", image, *CACHES], 3, status)

    def test_a_reset_reaches_every_hart(self):
        """Hart 1 counts and waits with no interrupt on; hart 0 counts and resets the machine. The second time hart 0 waits
        until both have counted twice."""
        guest = self.words(0x30401073, 0x00001297, 0x00100313, 0x0062A3AF,  # csrw mie; amoadd.w t2, 1, (a page on)
                           0xF1402573, 0x00050C63,  # hart 0: on to lui a5
                           0x3E800613, 0xFFF60613, 0xFE061EE3, 0x10500073, 0xFFDFF06F,  # 1000 rounds; wfi for ever
                           0x001007B7, 0x00200813, 0x0103DA63,  # the finisher; the second time skip the reset
                           0x00007337, 0x77730313, 0x0067A023, 0x0000006F,  # 0x7777: reset
                           0x00400713, 0x0002A683, 0xFEE69EE3,  # until the count is 4
                           0x00005337, 0x55530313, 0x0067A023, 0x0000006F)  # 0x5555: end
        self.memio("run", "--bios", "none", "--kernel", guest, "--smp", "2", "--quantum", "100us",
                   "--max-sim-time", "10ms", status=0)

    def test_no_store_to_a_device_falls_into_an_atomic_operation(self):
        """Hart 0 stores to a timer's compare register and reads it back; the others write back what they read there."""
        for nops in range(6, 10):
            guest = self.words(0xF1402573, 0x020042B7, 0x02051863, 0x12C00613,  # harts 1 and 2: on; 300 rounds
                               0x00000013, 0x00C2A023, 0x0002A683, 0x00D61A63,  # nop; sw; lw; bne, to lui a5
                               0xFFF60613, 0xFE0616E3, 0x000056B7, 0x55568693, 0x001007B7, 0x00D7A023,  # 0x5555: end
                               *(nops * [0x00000013]), 0x4002A02F,  # amoor.w x0, x0, (t0), for ever
                               0x801FF06F | (-4 * (nops + 1) & 0x7FE) << 20)
            for policy in ("fixed", "round-robin"):
                self.memio("run", "--bios", "none", "--kernel", guest, "--smp", "3", "--timing", "at",
                           "--bus.arbitration", policy, "--max-instructions", "100000", status=0)

    def test_bad_numbers(self):
        for number in ("0", "9", "two"):
            self.refuses(["cpu.harts", number, "8"], "run", "--smp", number)
        self.refuses(["cache.dma", "cpu.harts is more than 1", "stale in one cache"], "run", "--smp", "2", "--cache.l1d.size", "4K", "--cache.dma", "noncoherent")


if __name__ == "__main__":
    unittest.main()
