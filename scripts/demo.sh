#!/bin/sh
# demo.sh BINARY: the story with the documents of PLANS, of the plans beside the checkout, or of ours.
set -eu
binary=$1
plans=${PLANS:-../shared/data/plans}
[ -d "$plans" ] || plans=Examples/plans
exec "$binary" demo --plans "$plans"
