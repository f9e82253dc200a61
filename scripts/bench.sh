#!/bin/sh
# bench.sh BINARY [arguments of `holdfast bench`...]: measures, and keeps the results as JSON.
set -eu
binary=$1
shift
mkdir -p bench-results
results=bench-results/$(date -u +%Y%m%dT%H%M%SZ).json
"$binary" bench --directory bench-results --output "$results" "$@"
echo "Results: $results"
