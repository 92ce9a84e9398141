#!/usr/bin/env bash
# Installs what is missing, builds memio and its guest software, and runs every test.
# Usage: scripts/test.sh [CTEST-ARGUMENT...]     for instance: scripts/test.sh -L unit
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh
scripts/format.sh --check
cmake --preset release
cmake --build --preset release
ctest --preset release -j "$(nproc)" "$@"
