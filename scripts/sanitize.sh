#!/bin/sh
# The tests under the thread and the address sanitizer; arguments go to `swift test`, such as
# --filter Signals. Everything that was printed is in .build/thread.log and .build/address.log.
set -eu
export SWIFT_BACKTRACE=enable=no
mkdir -p .build
for kind in thread address; do
  echo "sanitizer: $kind"
  log=".build/$kind.log"
  status=0
  timeout 3000 swift test --sanitize=$kind --scratch-path ".build/$kind" "$@" >"$log" 2>&1 ||
    status=$?
  grep -E 'error:|✘|SUMMARY: |Test run with' "$log" | tail -50 || true
  # The servers that tests start and kill have nobody but the log to tell.
  if [ $status -ne 0 ] || grep -q 'SUMMARY: .*Sanitizer' "$log"; then
    echo "failed under the $kind sanitizer; see $log" >&2
    exit 1
  fi
done
