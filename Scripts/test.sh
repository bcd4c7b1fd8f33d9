#!/bin/sh
# Runs the command that runs the tests, then lists the tests that were not run, with the reasons, and
# ends with the runner's totals once more:  sh Scripts/test.sh swift test …
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{
  "$@" 2>&1
  echo $? > "$folder/status"
} | tee "$folder/log"

# The runner says of each: Test name() skipped: "reason"
grep -E '(Test|Suite) .* skipped(: |\.|$)' "$folder/log" | grep -v ' recorded an issue' \
  | sed -e 's/^[^A-Za-z]*//' -e 's/ skipped: "\(.*\)"$/: \1/' -e 's/ skipped\.*$//' -e 's/^/  /' \
  | LC_ALL=C sort -u > "$folder/skipped"
if [ -s "$folder/skipped" ]; then
  printf 'Not run:\n'
  cat "$folder/skipped"
else
  printf 'Not run: none\n'
fi
grep -E 'Test run with [0-9]+ tests?' "$folder/log" | tail -n 1
exit "$(cat "$folder/status")"
