#!/bin/sh
# Prints how far timing mode at disagrees with lt: cycles of both and the ratio, for example programs and for a
# kernel whose program uses DMA.
# usage: scripts/compare-timing.sh [BUILD_FOLDER]
set -eu
build=${1:-$(dirname "$0")/../build}
configs=$(dirname "$0")/../configs
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

cycles() {
  "$build/memio" run "$@" --console none --stats "$folder/stats.json" > /dev/null 2>&1 || true
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["cpu0"]["cycles"])' "$folder/stats.json"
}

# row NAME CACHES OPTION...: one program in both modes.
row() {
  name=$1 caches=$2
  shift 2
  lt=$(cycles --timing lt "$@")
  at=$(cycles --timing at "$@")
  python3 -c 'import sys; p, c, l, a = sys.argv[1:]; print(f"| `{p}` | {c} | {l} | {a} | {int(a) / int(l):.4f} |")' \
    "$name" "$caches" "$lt" "$at"
}

bare() {
  name=$1 caches=$2
  shift 2
  row "$name" "$caches" --bios none --kernel "$build/sw/examples/$name-rv64.elf" "$@"
}

echo "| Program | Caches | lt | at | at/lt |"
echo "|---|---|---|---|---|"
for program in hello port-io dma-copy; do
  bare $program none
done
for program in hello port-io dma-copy timer-irq smc tlb-stride mixed page-walk; do
  bare $program L1 --cache.l1i.size 16K --cache.l1d.size 16K
done
for program in mixed smc dma-copy; do
  for ports in shared split; do
    bare $program "buffers, $ports" --cache.l1i.size 4K --cache.l1d.size 4K --cache.l1d.mshrs 4 \
      --cache.l1d.store-buffer 2 --cache.l1d.restart critical --cache.l1i.restart early \
      --cache.l1i.prefetch next-line --cpu.bus-ports $ports
  done
done
row codesign "L1, L2, DRAM" "$configs/virt-rv64.ini" "$configs/cores/five-stage.ini" \
  --initrd "$build/sw/initrd-codesign-rv64.cpio" --append noshell
