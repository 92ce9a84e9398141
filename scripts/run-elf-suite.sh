#!/usr/bin/env bash
# Runs every RISC-V program (ELF) of a folder, in parallel, each alone in machine mode by the `tohost` convention
# of riscv-tests, and prints a table of what passed, failed (with the number of the test) and timed out.
# Status: 0 if all passed, 1 if not, 2 for bad usage, of memio too, or a folder without programs.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run-elf-suite.sh [OPTION...] DIR [MEMIO-OPTION...]
  -j, --jobs N            programs at a time (all processors)
  --max-instructions N    a program that executes so many has timed out (20000000)
  --timeout SECONDS       a program that takes so long on this host has timed out (120)
  --signatures FOLDER     leave NAME.signature of each program there; subfolders of DIR become subfolders
  --memio PROGRAM         the simulator (build/memio)
MEMIO-OPTIONs are given to every run, for instance: --cpu.isa rv64imafdc --timing functional
Programs whose registers are 32 bits wide run on configs/virt-rv32.ini, the others on configs/virt-rv64.ini; options
that one of these machines refuses end the suite before it begins.
TEXT
}

root=$(cd "$(dirname "$0")/.." && pwd)
jobs=$(nproc) limit=20000000 timeout=120 signatures="" memio=$root/build/memio
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    -j | --jobs | --max-instructions | --timeout | --signatures | --memio)
      [ -n "${2:-}" ] || { echo "run-elf-suite.sh: $1 wants a value" >&2 && exit 2; }
      case $1 in
        -j | --jobs) jobs=$2 ;;
        --max-instructions) limit=$2 ;;
        --timeout) timeout=$2 ;;
        --signatures) signatures=$2 ;;
        --memio) memio=$2 ;;
      esac
      shift 2
      ;;
    -*) echo "run-elf-suite.sh: unknown option $1 (see --help)" >&2 && exit 2 ;;
    *) break ;;
  esac
done
[ $# -ge 1 ] || { usage >&2 && exit 2; }
folder=$1
shift
refuse() { echo "run-elf-suite.sh: $1" >&2 && exit 2; }
whole='^[1-9][0-9]{0,17}$' decimal='^[0-9]*[.]?[0-9]+$'
[[ $jobs =~ $whole ]] && [ "$jobs" -le 4096 ] || refuse "--jobs is $jobs; allowed: a number from 1 to 4096"
[[ $limit =~ $whole ]] || refuse "--max-instructions is $limit; allowed: a number from 1"
[[ $timeout =~ $decimal && $timeout =~ [1-9] ]] || refuse "--timeout is $timeout; allowed: seconds, more than 0"
[ -d "$folder" ] || refuse "no folder $folder"
[ -f "$memio" ] && [ -x "$memio" ] || refuse "no program $memio (see --memio)"
folder=$(cd -- "$folder" && pwd)
if [ -n "$signatures" ]; then
  mkdir -p -- "$signatures" 2>/dev/null || refuse "cannot make the folder $signatures of --signatures"
  signatures=$(cd -- "$signatures" && pwd)
  [ -w "$signatures" ] || refuse "cannot write to the folder $signatures of --signatures"
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# bytes FILE FIRST COUNT: in hexadecimal
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" 2>/dev/null | tr -d ' \n'; }

# machine_of FILE: the configuration that its registers want
machine_of() { [ "$(bytes "$1" 4 1)" = 02 ] && echo "$root/configs/virt-rv64.ini" || echo "$root/configs/virt-rv32.ini"; }

# simulate FILE MEMIO-OPTION...: in the foreground, so that Ctrl-C reaches the simulator
simulate() {
  timeout --foreground "$timeout" "$memio" run "$(machine_of "$1")" --bios none --kernel "$1" --initrd none --console none \
    --max-instructions "$limit" "${@:2}" 2>&1
}

# run_one FILE MEMIO-OPTION...: leaves a line of a file: name, verdict and detail, with tabs between them
run_one() {
  local file=$1 name arguments=() status=0 verdict message result
  shift
  name=${file#"$folder"/}
  result=$(mktemp "$results/XXXXXXXX")
  if [ -n "$signatures" ]; then
    mkdir -p "$(dirname "$signatures/$name")"
    arguments+=(--signature "$signatures/$name.signature")
  fi
  message=$(simulate "$file" "${arguments[@]}" --stats "$result.json" "$@") || status=$?
  message=$(head -n 1 <<<"$message")
  case $status in
    0) verdict="passed " ;;
    124) verdict="timed-out at the limit of instructions" ;;
    123) verdict="failed at a reset" ;;
    125) verdict="failed ${message:-not run}" ;;
    126) verdict="failed ${message#memio: }" ;;
    130) verdict="timed-out after $timeout s" ;;
    *) verdict="failed test $(sed -n 's/.*"guest_code": \([0-9]*\).*/\1/p' "$result.json" 2>/dev/null)" ;;
  esac
  if [ "$status" = 124 ] && ! grep -q '"instruction-limit"' "$result.json" 2>/dev/null; then
    verdict="timed-out after $timeout s"
  fi
  printf '%s\t%s\t%s\n' "${name//[[:cntrl:]]/?}" "${verdict%% *}" "${verdict#* }" >"$result.result"
}
export -f run_one simulate machine_of bytes
export folder results limit timeout signatures memio root

# Executable ELF files (types 2 and 3) for machine 243.
programs=()
while IFS= read -r -d '' file; do
  [ -r "$file" ] || refuse "cannot read $file"
  case $(bytes "$file" 0 4)$(bytes "$file" 16 4) in
    7f454c460200f300 | 7f454c460300f300) programs+=("$file") ;;
  esac
done < <(find "$folder" -type f -print0 | sort -z)
[ ${#programs[@]} -gt 0 ] || { echo "run-elf-suite.sh: no RISC-V programs in $folder" >&2 && exit 2; }

# What memio refuses of the first program of each width without a word of that program, it would refuse of them all.
declare -A tried=()
for file in "${programs[@]}"; do
  machine=$(machine_of "$file")
  [ -z "${tried[$machine]:-}" ] || continue
  tried[$machine]=yes status=0
  message=$(simulate "$file" "$@" --max-instructions 1) || status=$?
  [ "$status" != 125 ] || [[ $message == *"$file"* ]] || { echo "$message" >&2 && exit 2; }
done

# The file is the last word xargs adds: it goes first.
printf '%s\0' "${programs[@]}" |
  xargs -0 -n 1 -P "$jobs" bash -c 'file=${!#}; set -- "${@:1:$#-1}"; run_one "$file" "$@"' run_one "$@"

cat "$results"/*.result | sort | awk -F '\t' '
  { count[$2]++
    printf "%-40s %s%s\n", $1, $2, $3 == "" ? "" : " " $3 }
  END { printf "\n%d programs: %d passed, %d failed, %d timed out\n", NR, count["passed"], count["failed"],
               count["timed-out"]
        exit count["passed"] != NR }'
