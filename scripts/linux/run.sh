#!/usr/bin/env bash
# Builds the small Linux if need be, boots it to the end of its user program on memio, with OpenSBI and with memio's
# firmware, in functional and lt, and prints a table beside the time QEMU takes (-icount shift=0, on the same machine,
# right after each run). Both have a disk and a PCI serial port. Status 0 if every boot ended well.
# Usage: scripts/linux/run.sh [--harts N] [rv64|rv32]... [-- MEMIO-OPTION...]      default: both widths, one hart
# MEMIO: the simulator, default build/memio; MEMIO_CACHE as for build.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
memio=${MEMIO:-$root/build/memio}
cache=${MEMIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memio}
opensbi=/usr/lib/riscv64-linux-gnu/opensbi/generic
arguments="panic=-1"  # the console is the device tree's, whatever number Linux gives it
export PATH=$PATH:/usr/sbin:/sbin  # of mkfs.ext4 and dumpe2fs
harts=1 widths=()
while [ $# -gt 0 ]; do
  case $1 in
    --harts)
      [[ ${2-} = [1-8] ]] || { echo "run.sh: --harts wants a number from 1 to 8" >&2 && exit 2; }
      harts=$2 && shift 2
      ;;
    rv64 | rv32) widths+=("$1") && shift ;;
    --) shift && break ;;
    *) sed -n '2,7s/^# //p' "$0" >&2 && exit 2 ;;
  esac
done
[ ${#widths[@]} -gt 0 ] || widths=(rv64 rv32)
[ -x "$memio" ] || { echo "run.sh: there is no $memio: build it, or name it in MEMIO" >&2 && exit 2; }
"$here/../deps.sh" qemu-system-misc opensbi e2fsprogs
"$here/build.sh" "${widths[@]}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
exec 3>&1

# timed COMMAND...: its seconds of processor time; output in $work/log
timed() {
  local TIMEFORMAT='%U %S'
  { time "$@" </dev/null >"$work/log" 2>&1; } 2>"$work/time" || true
  awk '{ print $1 + $2 }' "$work/time"
}

fresh_disk() {
  rm -f "$work/disk" "$work/line"
  truncate -s 8M "$work/disk"
  mkfs.ext4 -q -F "$work/disk"
}

# What the user program says to the PCI serial port is in $work/line. The disk's journal is closed.
ended_well() {
  local disk
  grep -q '^init: 0 failed' "$work/log" && grep -q '^through port space' "$work/line" &&
    disk=$(dumpe2fs -h "$work/disk" 2>/dev/null) && [[ $disk != *needs_recovery* ]]
}

printf '%-6s %-10s %-11s %14s %12s %8s %8s %6s\n' width firmware timing instructions "time (ms)" memio/s QEMU/s ratio
for width in "${widths[@]}"; do
  out=$cache/linux-6.1/$width
  more=()
  [ "$harts" = 1 ] || more+=(--cpu.harts "$harts")
  for firmware in memio fw_jump fw_dynamic; do
    bios=default
    [ "$firmware" = memio ] || bios=$opensbi/$firmware.elf
    [ "$firmware" = memio ] || [ "$width" = rv64 ] || continue  # Debian has OpenSBI for RV64 only
    for timing in functional lt; do
      fresh_disk
      seconds=$(timed "$memio" run "$root/configs/virt-$width.ini" --bios "$bios" --kernel "$out/Image" \
        --initrd "$out/initrd.cpio" --append "$arguments" --timing "$timing" --disk "$work/disk" \
        --pcie.serial "file:$work/line" "${more[@]}" --max-instructions 4000000000 --stats "$work/stats" "$@")
      verdict=""
      ended_well || { verdict=" FAILED" && failed=1 && tail -n 20 "$work/log" >&3; }
      fresh_disk
      theirs=$opensbi/fw_dynamic.bin
      [ "$width" = rv64 ] || theirs=$(dirname "$memio")/sw/firmware-rv32.elf
      reference=$(timed timeout 300 "qemu-system-riscv${width#rv}" -M virt -m 256 -smp "$harts" -icount shift=0 -nographic \
        -bios "$theirs" -kernel "$out/Image" -initrd "$out/initrd.cpio" -append "$arguments" \
        -drive "file=$work/disk,format=raw,if=none,id=disk" -device virtio-blk-device,drive=disk \
        -chardev "file,id=line,path=$work/line" -device pci-serial,chardev=line)
      ended_well || { verdict="$verdict (QEMU failed)" && failed=1; }
      python3 - "$work/stats" "$width" "$firmware" "$timing" "$seconds" "$reference" "$verdict" <<'PYTHON'
import json, sys
path, width, firmware, timing, seconds, reference, verdict = sys.argv[1:]
try:
    with open(path, encoding="utf-8") as text:
        figures = json.load(text)
    count = sum(group["instructions"] for name, group in figures.items() if name.startswith("cpu"))
    time = figures["run"]["sim_time_ps"] / 1e9
except OSError:
    count = time = 0
print("%-6s %-10s %-11s %14s %12.1f %8s %8s %6.1f%s" % (width, firmware, timing, f"{count:,}", time, seconds, reference,
                                                       float(seconds) / max(float(reference), 0.01), verdict))
PYTHON
    done
  done
done
exit $failed
