#!/bin/sh
# Builds and runs all tests, then those that use a store once more over a throw-away PostgreSQL. Arguments
# go to `swift test`, such as --filter Signals; with them it runs once, over the engine that
# HOLDFAST_TEST_ENGINE names (sqlite or postgresql).
set -eu
flags="--explicit-target-dependency-import-check error"
# shellcheck disable=SC2086
swift build --build-tests $flags
# shellcheck disable=SC2086
swift test --skip-build $flags "$@"
[ $# -eq 0 ] || exit 0
export HOLDFAST_TEST_ENGINE=postgresql
# shellcheck disable=SC2086
exec swift test --skip-build $flags --filter "Holdfast(Store|Exchange|Server)Tests\\.|\
HoldfastTests\\.(Task|Signal|Store|WholeStore|CommandCrash|ProjectOfFolder)"
