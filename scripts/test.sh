#!/bin/sh
# Builds and runs all tests. Arguments go to `swift test`, such as --filter Signals.
set -eu
flags="--explicit-target-dependency-import-check error"
# shellcheck disable=SC2086
swift build --build-tests $flags
# shellcheck disable=SC2086
exec swift test --skip-build $flags "$@"
