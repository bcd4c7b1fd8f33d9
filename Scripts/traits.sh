#!/bin/sh
# Builds and tries the program without what can be left out, one set of traits after the other, and
# last with all of them again. Dependencies are built once.
set -eu
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/shop" "$folder/shop/qrels"
printf '%s\n' '{"_id": "d1", "text": "open the trash"}' '{"_id": "d2", "text": "boil the water"}' \
  > "$folder/shop/corpus.jsonl"
printf '%s\n' '{"_id": "q1", "text": "trash"}' > "$folder/shop/queries.jsonl"
printf 'query-id\tcorpus-id\tscore\nq1\td1\t1\n' > "$folder/shop/qrels/test.tsv"

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

# Index building of a kind ends as expected: 0, or 69 where the library is left out.
expect() {
  rm -rf "$folder/index"
  code=0
  .build/release/ltr index build --kind "$1" --collection "$folder/shop" \
    --output "$folder/index" ${3:-} > /dev/null 2> "$folder/said" || code=$?
  [ "$code" -eq "$2" ] || { cat "$folder/said" >&2; fail "$1 ended with $code, not $2"; }
}

# A model that does not exist is missed (66) only by a program that has the rest. A name of a model
# ends without the network (69) either way: nothing is fetched here.
check() {
  printf '== %s\n' "$1"
  # shellcheck disable=SC2086
  $swift build -c release --product ltr $2
  expect bm25 "$3"
  expect dense "$4" "--model $folder/none"
  code=0
  .build/release/ltr serve --model "$folder/none" > /dev/null 2> "$folder/said" || code=$?
  [ "$code" -eq "$5" ] || { cat "$folder/said" >&2; fail "serve ended with $code, not $5"; }
  code=0
  .build/release/ltr fetch --list > /dev/null 2> "$folder/said" || code=$?
  [ "$code" -eq "$6" ] || { cat "$folder/said" >&2; fail "fetch ended with $code, not $6"; }
  code=0
  HF_HUB_OFFLINE=1 HF_HOME="$folder" .build/release/ltr inspect hf:org/name > /dev/null \
    2> "$folder/said" || code=$?
  [ "$code" -eq 69 ] || { cat "$folder/said" >&2; fail "a name ended with $code, not 69"; }
}

check 'none of them' '--disable-default-traits' 69 69 69 69
check 'BM25 alone' '--traits BM25' 0 69 69 69
check 'Dense alone' '--traits Dense' 69 66 69 69
check 'Network alone' '--traits Network' 69 69 69 0
check 'Serving alone' '--traits Serving' 69 69 66 69
check 'all of them' '' 0 66 66 0
printf 'all builds do what they can, and say what they cannot\n'
