#!/bin/sh
# The form of the sources: the formatter's rules, and those that it cannot know.
set -eu
swift format lint --strict --recursive --parallel Package.swift Sources Tests
failed=0
refuse() { # title, extended regular expression, files...
  title=$1 pattern=$2
  shift 2
  if grep -rnE "$pattern" "$@"; then
    echo "lint: $title" >&2
    failed=1
  fi
}
refuse "unfinished work belongs in an issue" '\b(TODO|FIXME|XXX|HACK)\b' Sources Tests Makefile
refuse "crashes on bad input" '(\btry!|\bas!|fatalError\()' Sources
refuse "FoundationEssentials only" '^ *((public|internal|private|package) )?import Foundation(Networking)?$' Sources
refuse "tests wait for events" '(Task\.sleep|Thread\.sleep|\busleep\(|\bnanosleep\()' Tests
for name in $(grep -o 'holdfast_pg_[a-z_]*(' Sources/CPostgreSQL/include/cpostgresql.h | tr -d '('); do
  grep -q "\b$name\b" Sources/CPostgreSQL/absent.c && continue
  echo "lint: absent.c, of a build without PostgreSQL, lacks $name" >&2
  failed=1
done
find Sources Tests -name '*.swift' -exec wc -l {} + | awk '
  $1 > 450 && $2 != "total" { print "lint: " $2 " has " $1 " lines: it wants a wall"; failed = 1 }
  END { exit failed }' || failed=1
exit $failed
