#!/bin/sh
# Serves the user's store, and prints three lines to try once it says that it listens.
set -eu
binary=$1
port=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
mkfifo "$folder/lines"
(
  trap '' INT TERM
  while IFS= read -r line; do
    echo "$line"
    case $line in
    "task store listening on "*)
      cat <<TEXT

Try, in another terminal:
  $binary task create hello --content "# Hello" --project try
  $binary task list --project try
  curl http://127.0.0.1:$port/v1/projects/try/tasks/hello

TEXT
      ;;
    esac
  done <"$folder/lines"
) &
lines=$!
"$binary" serve --port "$port" >"$folder/lines" &
server=$!
trap 'kill -TERM $server 2>/dev/null' INT TERM
code=0
wait $server || code=$?
# A signal ends the wait before the server has ended.
while kill -0 $server 2>/dev/null; do
  code=0
  wait $server || code=$?
done
wait $lines
exit $code
