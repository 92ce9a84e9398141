#!/bin/sh
# Formats all C and C++ sources in place; with --check changes nothing and fails if one is unformatted.
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
  "") mode="-i" ;;
  --check) mode="--dry-run -Werror" ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac
# shellcheck disable=SC2086  # the mode is a list of options
find models platform sw tests -name '*.h' -o -name '*.cpp' -o -name '*.c' |
  xargs clang-format $mode --style=file
