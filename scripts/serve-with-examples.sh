#!/bin/sh
# Serves the user's store and prints three lines to try once it answers.
set -eu
binary=$1
port=$2
"$binary" serve --port "$port" &
server=$!
trap 'kill -TERM $server 2>/dev/null; wait $server' INT TERM
for _ in 1 2 3 4 5 6 7 8 9 10; do
  curl -fs -o /dev/null "http://127.0.0.1:$port/v1/ping" && break
  kill -0 $server 2>/dev/null || { wait $server; exit $?; }
  sleep 0.1
done
cat <<TEXT

Try, in another terminal:
  $binary task create hello --content "# Hello" --project try
  $binary task list --project try
  curl http://127.0.0.1:$port/v1/projects/try/tasks/hello

TEXT
wait $server
