# Starts the server binary $1 on a free port over a store of its own, and gives $base, its address.
# Sourced by the other scripts; the server ends, and its store goes, when the script ends.
binary=${1:?"usage: $0 <path of the holdfast binary>"}
folder=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-XXXXXX")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port
"$binary" serve --port "$port" --db "$folder/taskstore.db" >"$folder/log" 2>&1 &
server=$!
end_server() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap end_server EXIT
trap 'exit 130' INT TERM
python3 - "$base/v1/ping" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import sys, time, urllib.request
for _ in range(100):
    try:
        sys.exit(urllib.request.urlopen(sys.argv[1], timeout=1).status != 200)
    except OSError:
        time.sleep(0.1)
sys.exit(f"no answer from {sys.argv[1]}")
PYTHON
