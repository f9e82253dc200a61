# Gives $VENV, a Python environment with the pinned packages of this folder's requirements.txt.
# Sourced by the other scripts; made once, in .venv, and again when the pins change.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
VENV=$root/.venv
if ! cmp -s "$root/scripts/requirements.txt" "$VENV/requirements.txt"; then
  python3 -m venv --clear "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$root/scripts/requirements.txt"
  cp "$root/scripts/requirements.txt" "$VENV/requirements.txt"
fi
