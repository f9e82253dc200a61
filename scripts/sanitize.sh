#!/bin/sh
# The tests under the thread and the address sanitizer.
set -eu
export SWIFT_BACKTRACE=enable=no
for kind in thread address; do
  echo "sanitizer: $kind"
  # XCTest's own leaks would fail every run.
  ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=$kind --scratch-path ".build/$kind"
done
