#!/bin/sh
# The whole way once: index the collection and search it, train a reranker on what was found, rerank
# the test questions, measure before and after, and export the model. 'make quickstart' builds and fetches what this needs. May be run again.
set -eu
cd "$(dirname "$0")/.."

ltr=.build/release/ltr
run=Checkpoints/helpdesk-quickstart
index=Checkpoints/helpdesk-bm25
bm25=$index.test.run
# What an earlier round left, so that nothing in the folder is of another model than the new one.
rm -rf "$run/rerank.test.run" "$run/fused.test.run" "$run-reranker"

step() {
  printf '\n$ ltr %s\n' "$*"
  "$ltr" "$@"
}

started=$(date +%s)
step index build --collection Data/helpdesk --output "$index" --overwrite
for split in train dev test; do
  step index search --index "$index" --collection Data/helpdesk --split $split --depth 50 \
    --output "$index.$split.run" --overwrite
done
indexed=$(date +%s)
step train Recipes/01-quickstart.yaml --output "$run" --overwrite
trained=$(date +%s)
step rerank --model "$run" --collection Data/helpdesk --run "$bm25" \
  --output "$run/rerank.test.run" --overwrite
step rerank --model "$run" --collection Data/helpdesk --run "$bm25" --fuse \
  --output "$run/fused.test.run" --overwrite
step evaluate --qrels Data/helpdesk/qrels/test.tsv \
  --run "$bm25" "$run/rerank.test.run" "$run/fused.test.run"
step export --model "$run" --format hf --output "$run-reranker" --overwrite
ended=$(date +%s)

cat <<EOF

Training took $((trained - indexed)) s, everything $((ended - started)) s on $(getconf _NPROCESSORS_ONLN) cores.
The model is in $run-reranker; README.md says what can serve it.

To try next:
  $ltr train Recipes/01-quickstart.yaml --set loss=softmax --output Checkpoints/softmax
  $ltr loss --list
  $ltr init my-project
EOF
