#!/usr/bin/env bash
# Installs what is missing, builds memio, and runs the main job: the kernel boots with paging on, talks
# to devices in port space and in memory space, and runs a memory-bound user program. The RV64 machine
# records statistics, report and waveform; a smaller TLB, caches, a device with DMA and the RV32 machine
# run after it to compare.
# Usage: scripts/demo.sh [OUTPUT-FOLDER]     (default: out/demo)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-out/demo}
scripts/deps.sh
cmake --preset release
cmake --build --preset release --target memio sw/all
mkdir -p "$out"

section() { printf '\n==== %s\n' "$*"; }

section "RV64, Sv39: boot, devices in both spaces, memory-bound program"
build/memio run configs/virt-rv64.ini --initrd build/sw/initrd-rv64.cpio --console stdio \
  --stats "$out/statistics.json" --report "$out/report.txt" </dev/null

section "Where the cycles went, and which TLB missed (all of it: $out/report.txt)"
cat "$out/report.txt"

section "The same machine with a smaller TLB (configs/small-tlb.ini)"
build/memio run configs/virt-rv64.ini configs/small-tlb.ini --initrd build/sw/initrd-rv64.cpio --console none \
  --stats "$out/small-tlb.json" --report "$out/small-tlb.txt" </dev/null
sed -n '/^Translation look-aside/,/^$/p' "$out/small-tlb.txt"

section "The same machine with L1, L2 and DRAM (configs/cores/five-stage.ini)"
build/memio run configs/virt-rv64.ini configs/cores/five-stage.ini --initrd build/sw/initrd-rv64.cpio --console none \
  --stats "$out/five-stage.json" --report "$out/five-stage.txt" </dev/null
sed -n '/^Caches/,/^$/p;/^DRAM/,/^$/p' "$out/five-stage.txt"

section "One task in software, by a device that is polled, by a device with DMA and interrupt"
build/memio run configs/virt-rv64.ini --initrd build/sw/initrd-codesign-rv64.cpio --append noshell \
  --stats "$out/codesign.json" </dev/null | tail -8

section "RV32, Sv32, 3G/1G"
build/memio run configs/virt-rv32.ini --initrd build/sw/initrd-rv32.cpio \
  --stats "$out/statistics-rv32.json" --report "$out/report-rv32.txt" </dev/null

section "A waveform of 200 microseconds around the first tick of the timer: TLB misses, walks, bus, interrupts"
build/memio run configs/virt-rv64.ini --initrd build/sw/initrd-rv64.cpio --console none \
  --vcd "$out/interrupts.vcd" --vcd-scope irq </dev/null
tick=$(awk '$5 == "stip0" { id = $4 } /^#/ { time = substr($0, 2) } time > 0 && $0 == "1" id { print time; exit }' \
  "$out/interrupts.vcd")
build/memio run configs/virt-rv64.ini --initrd build/sw/initrd-rv64.cpio --console none \
  --vcd "$out/wave.vcd" --vcd-start "$((tick - 100000000))ps" --vcd-stop "$((tick + 100000000))ps" </dev/null

section "Written"
ls -l "$out"
echo "Open the waveform with: gtkwave $out/wave.vcd traces/memio.gtkw"
