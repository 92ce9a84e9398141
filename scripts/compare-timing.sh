#!/bin/sh
# Prints how far timing mode at disagrees with lt over the example programs: cycles and the ratio, without
# caches and with first-level caches.
# usage: scripts/compare-timing.sh [BUILD_FOLDER]
set -eu
build=${1:-$(dirname "$0")/../build}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

cycles() {
  "$build/memio" run "$@" --bios none --console none --stats "$folder/stats.json" > /dev/null 2>&1 || return 1
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["cpu0"]["cycles"])' "$folder/stats.json"
}

echo "| Program | Caches | lt | at | at/lt |"
echo "|---|---|---|---|---|"
for program in hello port-io; do
  image=$build/sw/examples/$program-rv64.elf
  for caches in none "L1"; do
    options=""
    [ "$caches" = none ] || options="--cache.l1i.size 16K --cache.l1d.size 16K"
    # shellcheck disable=SC2086
    lt=$(cycles --timing lt --kernel "$image" $options) || continue
    # shellcheck disable=SC2086
    at=$(cycles --timing at --kernel "$image" $options) || continue
    python3 -c 'import sys; p, c, l, a = sys.argv[1:]; print(f"| `{p}` | {c} | {l} | {a} | {int(a) / int(l):.4f} |")' \
      "$program" "$caches" "$lt" "$at"
  done
done
