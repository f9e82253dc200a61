#!/bin/sh
# Installs the Debian packages that are missing among its arguments; does nothing when all are there.
set -eu
missing=""
for package in "$@"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Servers among the packages are started by whoever uses them, not by their installation.
if ! {
  $as_root apt-get update -qq &&
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install -y -qq --no-install-recommends $missing
} >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
