#!/usr/bin/env python3
"""Makes the kernel's table of functions, for symbolised backtraces.

    ksyms.py NM ELF OUTPUT.S          writes the table of ELF's functions as an assembler file
    ksyms.py --check NM FIRST SECOND  fails unless both files have the same functions at the same addresses

The table: count, then per function (sorted by address) its offset from _start and its offset into the names.
"""

import subprocess
import sys

# Marks of the linker script, which are no functions but may share a function's address. Functions lie between
# _start and the last of them.
MARKS = ("__kernel_start", "__text_start", "__text_end")


def functions(nm, elf):
    """Sorted (address, demangled name without parameters) of the text symbols of `elf`."""
    text = subprocess.run([nm, "-C", elf], check=True, capture_output=True, text=True).stdout
    found = {}
    end = 0
    for line in text.splitlines():
        fields = line.split(" ", 2)
        if len(fields) != 3 or fields[1] not in "tTwW":
            continue
        if fields[2] == MARKS[-1]:
            end = int(fields[0], 16)
        name = fields[2].replace("(anonymous namespace)::", "").split("(", 1)[0]
        if name in MARKS or name.startswith((".L", "$")):
            continue
        found.setdefault(int(fields[0], 16), name)
    return sorted((address, name) for address, name in found.items() if address < end)


def write_table(nm, elf, output):
    symbols = functions(nm, elf)
    names = bytearray()
    lines = ["# Written by ksyms.py: the functions of the kernel, sorted by address.",
             '  .section .ksyms, "a"', "  .balign 4", "  .globl ksyms_count", "ksyms_count:",
             f"  .word {len(symbols)}", "  .globl ksyms_entries", "ksyms_entries:"]
    base = dict((name, address) for address, name in symbols)["_start"]
    for address, name in symbols:
        lines.append(f"  .word {address - base:#x}, {len(names)}")
        names += name.encode() + b"\0"
    lines += ["  .globl ksyms_names", "ksyms_names:"]
    lines += [f'  .asciz "{name}"' for _, name in symbols]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def main(arguments):
    if arguments[0] == "--check":
        if functions(*arguments[1:3]) != functions(arguments[1], arguments[3]):
            sys.exit("ksyms.py: the second link moved functions")
    else:
        write_table(*arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
