#!/bin/sh
# Changes one task again and again, and says what the store's file holds then:
#   scripts/one-task.sh BINARY [CHANGES]
set -eu
binary=$1
changes=${2:-1000000}
folder=$(mktemp -d "$PWD/one-task.XXXXXX")
server=
trap 'kill $server 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
export HOME="$folder"

"$binary" serve --port 0 >"$folder/out" &
server=$!
until grep -q listening "$folder/out"; do sleep 0.1; done
url=$(sed -n 's/.*listening on \(http:[^ ]*\) .*/\1/p' "$folder/out")
tasks="$url/v1/projects/one/tasks"
curl -sf "$tasks" -d '{"filename":"task"}' >/dev/null

cat >"$folder/goal.lua" <<'LUA'
local number, threads = 0, 0
function setup(thread)
  threads = threads + 1
  thread:set("id", threads .. "-" .. os.time())
end
function request()
  number = number + 1
  return wrk.format("PUT", nil, nil, '{"goal":"reached by ' .. id .. "-" .. number .. '"}')
end
LUA

last() { curl -sf "$url/v1/health" | sed 's/.*"last_seq":\([0-9]*\).*/\1/'; }
while [ "$(last)" -lt "$changes" ]; do
  wrk -t 2 -c 64 -d 5s -s "$folder/goal.lua" "$tasks/task/goal" | grep -E 'Requests/sec|Non-2xx' || true
done
kill $server
wait $server
server=
"$binary" status
"$binary" verify
