#!/bin/sh
# Formats all C and C++ sources in place; with --check changes nothing, names those that are not
# formatted, and fails if there are any.
set -eu
cd "$(dirname "$0")/.."

sources() {
  find models platform sw tests -name '*.h' -o -name '*.cpp' -o -name '*.c'
}

unformatted() {
  sources | sort | while read -r file; do
    clang-format --style=file "$file" | cmp -s - "$file" || echo "$file"
  done
}

case ${1:-} in
  "") sources | xargs clang-format -i --style=file ;;
  --check)
    files=$(unformatted)
    if [ -n "$files" ]; then
      echo "format.sh: not formatted:" >&2
      echo "$files" >&2
      exit 1
    fi
    ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac
