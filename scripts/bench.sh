#!/usr/bin/env bash
# Measures memio's speed beside QEMU's on the same ELF files, start-up time and memory.
# Usage: scripts/bench.sh [RUNS]       best of RUNS runs, default 3
#
# memio runs in lt mode with the fast engine and its TLBs; QEMU with -icount shift=0 (one instruction
# a nanosecond of its clock), which is its deterministic mode. The programs are sw/examples/*-bench. Then what
# caches and DRAM (configs/cores/five-stage.ini) cost, on programs that seldom miss.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3}
cmake --preset release >/dev/null
cmake --build --preset release --target memio sw/all >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# best COMMAND...: the shortest wall time of `runs` runs, in seconds
best() {
  local least=""
  for _ in $(seq "$runs"); do
    local begin end
    begin=$(date +%s.%N)
    "$@" </dev/null >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    end=$(date +%s.%N)
    least=$(awk -v a="$begin" -v b="$end" -v l="${least:-1e9}" 'BEGIN { t = b - a; print t < l ? t : l }')
  done
  echo "$least"
}

# value FILE KEY...: a number in a statistics file
value() { python3 -c 'import json,sys; v=json.load(open(sys.argv[1]))
for k in sys.argv[2:]: v=v[k]
print(v)' "$@"; }

printf '%-16s %14s %9s %9s %8s %8s  %s\n' program instructions "memio s" "qemu s" MIPS "qemu/us" rate
for program in int-loop mixed page-walk; do
  for xlen in 64 32; do
    elf=build/sw/examples/$program-bench-rv$xlen.elf
    memio=(build/memio run "configs/virt-rv$xlen.ini" --bios none --kernel "$elf" --stats "$work/s.json")
    qemu=("qemu-system-riscv$xlen" -M virt -nographic -icount shift=0 -bios "$elf")
    ours=$(best "${memio[@]}")
    theirs=$(best "${qemu[@]}")
    instructions=$(value "$work/s.json" cpu0 instructions)
    misses=$(value "$work/s.json" cpu0 mmu dtlb misses)
    awk -v p="$program-rv$xlen" -v n="$instructions" -v o="$ours" -v t="$theirs" -v m="$misses" 'BEGIN {
      rate = m > 1000000 ? sprintf("%.2f million DTLB misses with walks a second", m / o / 1e6) : ""
      printf "%-16s %14d %9.3f %9.3f %8.1f %8.2f  %s\n", p, n, o, t, n / o / 1e6, t / o, rate }'
  done
done

printf '\n%-16s %14s %9s %14s %8s\n' program instructions "lt MIPS" "caches MIPS" ratio
for program in int-loop mixed; do
  for xlen in 64 32; do
    memio=(build/memio run "configs/virt-rv$xlen.ini" --bios none
      --kernel "build/sw/examples/$program-bench-rv$xlen.elf" --stats "$work/s.json")
    plain=$(best "${memio[@]}")
    cached=$(best "${memio[@]}" configs/cores/five-stage.ini)
    awk -v p="$program-rv$xlen" -v n="$(value "$work/s.json" cpu0 instructions)" -v o="$plain" -v c="$cached" 'BEGIN {
      printf "%-16s %14d %9.1f %14.1f %8.2f\n", p, n, n / o / 1e6, n / c / 1e6, o / c }'
  done
done
echo

# A guest that ends at once bounds the time to its first instruction and the memory of memio itself.
python3 - "$runs" <<'PYTHON'
import resource, subprocess, sys, time
command = ["build/memio", "run", "configs/virt-rv64.ini", "--ram.size", "4G", "--bios", "none",
           "--kernel", "build/sw/examples/exit42-rv64.elf"]
times = []
for _ in range(int(sys.argv[1])):
    begin = time.monotonic()
    status = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    times.append(time.monotonic() - begin)
    assert status == 42, status
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"a whole run of a guest that ends at once, 4 GiB of RAM: {1000 * min(times):.0f} ms, {peak:.0f} MiB")
PYTHON
