#!/usr/bin/env bash
# Builds Linux 6.1 from Debian's linux-source-6.1 in a small configuration, with a static user space of one
# program (init.c), for RV64 and RV32. Everything is kept outside the tree.
# Usage: scripts/linux/build.sh [rv64|rv32]...      default: both
# MEMIO_CACHE: the folder for it, default ${XDG_CACHE_HOME:-$HOME/.cache}/memio; JOBS: default all processors
# Leaves there linux-6.1/rv64/{Image,vmlinux,System.map,initrd.cpio}, and the same for rv32; initrd-soft.cpio has the
# program for harts without F and D.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MEMIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memio}
jobs=${JOBS:-$(nproc)}
source_tree=$cache/linux-6.1/source
[ $# -gt 0 ] || set -- rv64 rv32
for width in "$@"; do
  [[ $width = rv64 || $width = rv32 ]] || { sed -n '2,7s/^# //p' "$0" >&2 && exit 2; }
done

"$here/../deps.sh" linux-source-6.1 gcc-riscv64-linux-gnu gcc-riscv64-unknown-elf gcc libc6-dev make flex bison bc \
  xz-utils python3

if [ ! -f "$source_tree/.complete" ]; then
  echo "build.sh: unpacking the kernel to $source_tree"
  rm -rf "$source_tree"
  mkdir -p "$source_tree"
  tar xf /usr/src/linux-source-6.1.tar.xz -C "$source_tree" --strip-components=1
  touch "$source_tree/.complete"
fi

# build_kernel WIDTH: only where configuration or sources are newer than the image
build_kernel() {
  local out=$cache/linux-6.1/$1 make
  mkdir -p "$out/build"
  make=(make -s -C "$source_tree" "O=$out/build" ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-
    KBUILD_BUILD_USER=memio KBUILD_BUILD_HOST=memio "KBUILD_BUILD_TIMESTAMP=1970-01-01")
  {
    cat "$here/kernel.config"
    if [ "$1" = rv32 ]; then printf 'CONFIG_NONPORTABLE=y\nCONFIG_ARCH_RV32I=y\n'; else echo CONFIG_ARCH_RV64I=y; fi
  } >"$out/wanted.config"
  if ! cmp -s "$out/wanted.config" "$out/used.config" || [ ! -f "$out/Image" ]; then
    "${make[@]}" KCONFIG_ALLCONFIG="$out/wanted.config" allnoconfig
    "${make[@]}" -j "$jobs" Image
    cp "$out/build/arch/riscv/boot/Image" "$out/build/vmlinux" "$out/build/System.map" "$out/"
    cp "$out/wanted.config" "$out/used.config"
  fi
}

# build_user WIDTH EXTENSIONS ABI ARCHIVE: the static program, alone in an archive as /init
build_user() {
  local out=$cache/linux-6.1/$1
  riscv64-unknown-elf-gcc "-march=$1$2" "-mabi=$3" -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static \
    -fno-builtin -ffp-contract=off -Wl,--no-warn-rwx-segments -o "$out/init" "$here/init.c" -lgcc
  python3 "$here/../../sw/tools/mkcpio.py" "$out/$4" "init=$out/init"
}

for width in "$@"; do
  build_kernel "$width"
  abi=ilp32
  [ "$width" = rv32 ] || abi=lp64
  build_user "$width" imac "$abi" initrd-soft.cpio
  build_user "$width" imafdc "${abi}d" initrd.cpio
  echo "build.sh: $cache/linux-6.1/$width: $(stat -c %s "$cache/linux-6.1/$width/Image") bytes of kernel"
done
