#!/bin/sh
# Sends the server what its description allows and what it does not, and looks at every answer: no
# 5xx, no status or shape that the description does not have, refusals for what it forbids.
#
# Usage: scripts/fuzz.sh <path of the holdfast binary>
#   EXAMPLES=25    cases for each operation in the fuzzing phase
#   SECONDS_MAX=900  the longest that each of the two rounds may take, which needs a minute when
#                    nothing else runs
#   SEED=1         another seed gives other cases
#
# Which checks are off for which routes, and why, stands in scripts/schemathesis.toml;
# scripts/schemathesis_hooks.py keeps calls that wait from waiting for long.
. "$(dirname "$0")/python-env.sh"
. "$(dirname "$0")/server-for-tests.sh"
fuzz() { # configuration, options...
  config=$1
  shift
  status=0
  # It keeps notes where it runs. One worker: Python 3.11 can fail in ast.parse on several threads.
  (cd "$folder" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts \
    SCHEMATHESIS_HOOKS=schemathesis_hooks timeout --kill-after=10 "${SECONDS_MAX:-900}" \
    "$VENV/bin/schemathesis" --config-file "$config" run \
    "$base/openapi.json" --url "$base" --workers 1 --phases coverage,fuzzing \
    --max-examples "${EXAMPLES:-25}" --seed "${SEED:-1}" --request-timeout 60 \
    --continue-on-failure --warnings off "$@") || status=$?
  if [ $status -eq 124 ]; then echo "fuzz.sh: a round took more than SECONDS_MAX" >&2; fi
  return $status
}

# Once with anything as the names in the paths, and once with a task that is there.
fuzz "$root/scripts/schemathesis.toml"
python3 - "$base" <<'PYTHON'
import json, sys, urllib.request
body = json.dumps({"filename": "fuzzed", "content": "# Fuzzed\n\n## Wave 1\n\n### Task 1: One\n"})
urllib.request.urlopen(sys.argv[1] + "/v1/projects/fuzz/tasks", body.encode())
PYTHON
cat "$root/scripts/schemathesis.toml" - >"$folder/schemathesis.toml" <<'TOML'
[parameters]
"path.project" = "fuzz"
"path.task" = "fuzzed"
TOML
fuzz "$folder/schemathesis.toml" --include-path-regex '/tasks/' --exclude-method DELETE

# The server is alive and well afterwards.
python3 -c 'import json, sys, urllib.request
health = json.load(urllib.request.urlopen(sys.argv[1]))
sys.exit(health["status"] != "ok")' "$base/v1/health"
