#!/usr/bin/env bash
# Prints as Markdown what calls of the kernel's allocators cost on the default machines: docs/kernel-costs.md.
# Usage: scripts/kernel-costs.sh [BUILD]       BUILD: the build folder, default build
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}

# costs XLEN SIZE: the benchmark's lines on that machine with so much RAM
costs() {
  "$build/memio" run "configs/virt-rv$1.ini" --ram.size "$2" --bios "$build/sw/firmware-rv$1.elf" \
    --kernel "$build/sw/kernel-rv$1.elf" --append bench </dev/null | grep '^bench: '
}

markdown() {
  python3 -c '
import re, sys
row = re.compile(r"bench: (.+?) +(warm|cold)" + r" +(\d+)" * 7)
calls = {}
for line in sys.stdin:
    found = row.match(line)
    if found:
        calls.setdefault(found[1], {})[found[2]] = list(map(int, found.groups()[2:]))
print("| Call | instructions | warm: cycles | TLB misses | walk | cold: cycles | ITLB | DTLB | L2 TLB | walk | PTEs |")
print("|---|" + "---:|" * 10)
for call, states in calls.items():
    warm, cold = states["warm"], states["cold"]
    cells = [warm[1], warm[0], warm[2] + warm[3], warm[5], cold[0], *cold[2:]]
    print("| %s | %s |" % (call, " | ".join(map(str, cells))))
'
}

echo "## RV32, Sv32, 1 GiB"
echo
costs 32 1G | markdown
echo
echo "## RV64, Sv39, 1 GiB"
echo
costs 64 1G | markdown
