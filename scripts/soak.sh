#!/usr/bin/env bash
# Soak test: millions of random operations with all of the kernel's allocators, on both widths, without loss.
# Usage: scripts/soak.sh [OPERATIONS [SEED [BUILD]]]   default 10000000, 1, build
#
# Timing is functional: some two minutes of host time for each width. RV32 has high memory.
set -euo pipefail
cd "$(dirname "$0")/.."
operations=${1:-10000000}
seed=${2:-1}
build=${3:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for xlen in 32 64; do
  begin=$(date +%s)
  echo "stress $operations $seed" | "$build/memio" run "configs/virt-rv$xlen.ini" --ram.size 1G \
    --timing functional --bios "$build/sw/firmware-rv$xlen.elf" --kernel "$build/sw/kernel-rv$xlen.elf" \
    --append shell=only | sed -n '/^memio# stress/,$p' >"$log"
  cat "$log"
  echo "rv$xlen: $(($(date +%s) - begin)) s of host time"
  if grep -q BUG "$log" || ! grep -q ': no loss' "$log"; then
    echo "rv$xlen: FAILED" >&2
    exit 1
  fi
done
