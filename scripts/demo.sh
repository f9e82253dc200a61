#!/bin/sh
# demo.sh BINARY: the story with the documents of PLANS, of the plans beside the checkout, or of ours.
set -eu
binary=$1
plans=${PLANS:-../shared/data/plans}
if [ ! -d "$plans" ]; then
  [ -z "${PLANS:-}" ] || echo "There is no folder $PLANS; these are the project's own plans." >&2
  plans=Examples/plans
fi
exec "$binary" demo --plans "$plans"
