#!/bin/sh
# Builds and runs all tests, has the official clients of MCP use what was built, and runs the tests that
# use a store once more over a throw-away PostgreSQL. Arguments go to `swift test`, such as --filter
# Signals; with them it runs once, over the engine that HOLDFAST_TEST_ENGINE names (sqlite or postgresql),
# and without those clients. What failed is said once more in the last lines.
set -eu
flags="--explicit-target-dependency-import-check error"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

run_tests() {
  # shellcheck disable=SC2086
  { swift test --skip-build $flags "$@" 2>&1 || echo $? >"$work/status"; } | tee "$work/log"
  [ -e "$work/status" ] || return 0
  echo "What failed:"
  grep -aE '^✘|^error: |^Fatal error|: Fatal error: ' "$work/log" || tail -n 20 "$work/log"
  exit "$(cat "$work/status")"
}

# shellcheck disable=SC2086
swift build --build-tests $flags
run_tests "$@"
[ $# -eq 0 ] || exit 0
"$(dirname "$0")/mcp-clients.sh" "$(swift build --show-bin-path)/holdfast"
export HOLDFAST_TEST_ENGINE=postgresql
run_tests --filter "Holdfast(Store|Exchange|Server)Tests\\.|\
HoldfastTests\\.(Task|Signal|Store|WholeStore|CommandCrash|ProjectOfFolder|MCP)"
