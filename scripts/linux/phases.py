#!/usr/bin/env python3
"""What Linux' boot costs in TLB misses, phase by phase, as a Markdown table.

    scripts/linux/phases.py MEMIO [OPTION...]

OPTIONs are those of `memio run` that boot the image of build.sh. Phases end where the kernel's log says so. Runs are
the same every time (each gets a copy of the disk), so each phase's figures are the difference of two runs that stop
at its ends; the log's clock is tied to the machine's by the run's end.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

# What ends a phase: its name, and the line of the log that the next one begins with.
PHASES = (
    ("firmware, kernel up to its clock", r"Linux version"),
    ("memory, scheduler, interrupts", r"devtmpfs: initialized"),
    ("drivers, file systems", r"Run /init"),
    ("first program, /proc", r"phase memory and processes"),
    ("memory, signals, processes", r"phase disk"),
    ("disk, /proc/interrupts", r"reboot: Power down"),
)


def run(memio, options, folder, *more):
    stats = os.path.join(folder, "stats.json")
    options = list(options)
    for place, option in enumerate(options):
        if option == "--disk" or option.startswith("--disk="):
            disk = option[len("--disk="):] or options.pop(place + 1)
            options[place] = "--disk=" + shutil.copy(disk, os.path.join(folder, "disk"))
    command = [memio, "run", *options, "--stats", stats, *more]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if not os.path.exists(stats):
        sys.exit(result.stderr.decode(errors="replace").rstrip())
    with open(stats, encoding="utf-8") as text:
        return result.stdout.decode(errors="replace"), json.load(text)


def figures(stats):
    mmu, cpu = stats["cpu0"]["mmu"], stats["cpu0"]
    return {
        "ms": stats["run"]["sim_time_ps"] / 1e9,
        "instructions": cpu["instructions"],
        "ITLB misses": mmu["itlb"]["misses"],
        "DTLB misses": mmu["dtlb"]["misses"],
        "L2 TLB misses": mmu["l2tlb"]["misses"],
        "PTE reads": mmu["walker"]["reads"],
        "walk cycles": cpu["cycle_stack"]["itlb_walk"] + cpu["cycle_stack"]["dtlb_walk"],
        "page faults": mmu["walker"]["faults"],
    }


def main(memio, *options):
    with tempfile.TemporaryDirectory() as folder:
        output, last = run(memio, options, folder)
        found = {}
        for time, line in re.findall(r"^\[ *([0-9.]+)\] (.*)$", output, re.MULTILINE):
            for name, pattern in PHASES:
                if re.search(pattern, line):
                    found.setdefault(name, float(time))
        missing = [name for name, _ in PHASES if name not in found]
        if missing:
            sys.exit("phases.py: the log has no end of: " + ", ".join(missing))
        # The kernel's clock is 0 until its driver is there; its last line comes right before the power goes.
        begin = last["run"]["sim_time_ps"] / 1e12 - found[PHASES[-1][0]]
        previous = None
        for name, _ in PHASES:
            if name == PHASES[-1][0]:
                now = figures(last)
            else:
                now = figures(run(memio, options, folder, "--max-sim-time", "%dns" % ((begin + found[name]) * 1e9))[1])
            if previous is None:
                print("| Phase | " + " | ".join(now) + " |")
                print("|---|" + "---:|" * len(now))
                previous = dict.fromkeys(now, 0)
            print("| %s | %s |" % (name, " | ".join(f"{now[key] - previous[key]:,.1f}" if key == "ms" else
                                                  f"{now[key] - previous[key]:,}" for key in now)))
            previous = now
        print("| whole | %s |" % " | ".join(f"{previous[key]:,.1f}" if key == "ms" else f"{previous[key]:,}"
                                           for key in previous))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("phases.py: the first argument is to be the simulator, as build/memio; then come its options")
    main(*sys.argv[1:])
