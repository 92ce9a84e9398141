#!/bin/sh
# Installs what memio needs to build, run and test, from Debian 12's own packages. Does nothing (and
# needs no network and no rights) if everything is there already.
# Usage: scripts/deps.sh [PACKAGE...]      instead of those: the packages that another script wants
set -eu

packages="
  g++ make cmake ninja-build pkg-config git
  libsystemc-dev libboost-program-options-dev nlohmann-json3-dev libfmt-dev
  libfdt-dev libdw-dev libelf-dev libzstd-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  gcc-riscv64-unknown-elf binutils-riscv64-unknown-elf picolibc-riscv64-unknown-elf
  cpio device-tree-compiler qemu-system-misc opensbi gtkwave python3 clang-format
"
[ $# -eq 0 ] || packages=$*

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case $status in
    ii*) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -z "$missing" ]; then
  echo "deps.sh: everything is installed"
  exit 0
fi
echo "deps.sh: installing$missing"

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "deps.sh: run me as root, or install sudo" >&2
    exit 1
  fi
  as_root="sudo"
fi
$as_root apt-get update
# shellcheck disable=SC2086  # the lists are meant to split
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
