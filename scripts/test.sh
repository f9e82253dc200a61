#!/bin/sh
# Builds and runs all tests, has the official clients of MCP use what was built, and runs the tests that
# use a store once more over a throw-away PostgreSQL. Arguments go to `swift test`, such as --filter
# Signals; with them it runs once, over the engine that HOLDFAST_TEST_ENGINE names (sqlite or postgresql),
# and without those clients.
set -eu
flags="--explicit-target-dependency-import-check error"
# shellcheck disable=SC2086
swift build --build-tests $flags
# shellcheck disable=SC2086
swift test --skip-build $flags "$@"
[ $# -eq 0 ] || exit 0
"$(dirname "$0")/mcp-clients.sh" "$(swift build --show-bin-path)/holdfast"
export HOLDFAST_TEST_ENGINE=postgresql
# shellcheck disable=SC2086
exec swift test --skip-build $flags --filter "Holdfast(Store|Exchange|Server)Tests\\.|\
HoldfastTests\\.(Task|Signal|Store|WholeStore|CommandCrash|ProjectOfFolder|MCP)"
