#!/bin/sh
# Checks the description that a server gives of itself: valid OpenAPI 3.1 by a validator that is not
# ours. Usage: scripts/openapi-check.sh <path of the holdfast binary>
. "$(dirname "$0")/python-env.sh"
. "$(dirname "$0")/server-for-tests.sh"
python3 -c 'import sys, urllib.request
open(sys.argv[2], "wb").write(urllib.request.urlopen(sys.argv[1]).read())' \
  "$base/openapi.json" "$folder/openapi.json"
"$VENV/bin/openapi-spec-validator" --schema 3.1 "$folder/openapi.json"
