#!/bin/sh
# Uses the program with the official SDKs of MCP for Python, the newest and the last one of the older
# protocol, over standard input and output and over HTTP, and validates what it sends in every revision.
# Where the SDKs cannot be installed it says so, and that is all. The schemas of the revisions are those of
# MCP_SCHEMAS, or lie in the folder of shared data beside the checkout; without them the last part is left out.
#
# Usage: scripts/mcp-clients.sh <path of the holdfast binary>
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$scripts")
install_sdk() { # pins
  PINS=$1 sh -c '. "$0"' "$scripts/python-env.sh"
}
if ! install_sdk mcp2 || ! install_sdk mcp1; then
  echo "mcp-clients.sh: the SDKs of MCP cannot be installed here, and were not tried" >&2
  exit 0
fi
. "$scripts/server-for-tests.sh"
clients() { # pins, words...
  python=$root/.venv-$1/bin/python
  shift
  PYTHONDONTWRITEBYTECODE=1 timeout --kill-after=5 120 \
    "$python" -W ignore "$scripts/mcp-clients.py" "$binary" "$base" "$@"
}
clients mcp2
clients mcp1
if [ -d "${MCP_SCHEMAS:-$root/../shared/data/mcp-schema}" ]; then
  clients mcp2 raw
else
  echo "mcp-clients.sh: there are no schemas to hold messages against" >&2
fi
