# Gives $VENV, a Python environment with the pinned packages of this folder's requirements.txt, or of
# requirements-$PINS.txt. Sourced by the other scripts; made once, in .venv or .venv-$PINS, and again
# when the pins change.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
pins=$root/scripts/requirements${PINS:+-$PINS}.txt
VENV=$root/.venv${PINS:+-$PINS}
if ! cmp -s "$pins" "$VENV/requirements.txt"; then
  python3 -m venv --clear "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$pins"
  cp "$pins" "$VENV/requirements.txt"
fi
