#!/bin/sh
# Prints the SHA-256 of what a fixed set of commands makes, so that a change that should change
# nothing can be seen to: run it before and after, and compare.
#
#     Scripts/same_bits.sh [PROGRAM] > before.txt
#
# PROGRAM is .build/release/ltr unless it is said otherwise. Takes minutes; needs the encoder
# ('make encoder'). Everything is made in a temporary folder, with two workers, from a part of
# Data/helpdesk.
set -eu
cd "$(dirname "$0")/.."

program=$(realpath "${1:-.build/release/ltr}")
root=$(pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
mkdir "$folder/Checkpoints" "$folder/few" "$folder/few/qrels"
ln -s "$root"/Checkpoints/*.whl "$folder/Checkpoints/"
cd "$folder"
data=$root/Data/helpdesk
cp "$data/corpus.jsonl" "$data/queries.jsonl" few/
for split in train dev test; do head -n 161 "$data/qrels/$split.tsv" > few/qrels/$split.tsv; done
cp -r "$root/Recipes" .

ltr() {
  echo "ltr $*" >&2
  "$program" "$@" 2>> log || { tail -n 20 log >&2; exit 1; }
}

# Prints the sums of files, by the names they have here.
sums() {
  find "$@" -type f | LC_ALL=C sort | xargs sha256sum
}

ltr index build --collection few --output bm25 > /dev/null
ltr index build --collection few --kind dense --factory Flat --model Checkpoints/*.whl \
  --precision f32 --output dense > /dev/null
for split in train dev test; do
  ltr index search --index bm25 --collection few --split $split --depth 20 --output $split.run \
    > /dev/null
done
ltr index search --index dense --collection few --split test --depth 20 --output dense.run > /dev/null
# Xapian gives every index an id of its own, so postings and their checksum differ each time.
sums bm25/ids.txt bm25/stop-words.txt dense ./*.run

# The recipe of the quickstart, made short.
train() {
  name=$1
  shift
  ltr train Recipes/01-quickstart.yaml --output "$name" \
    --set data.train.collection=few --set data.train.candidates=train.run \
    --set data.dev.collection=few --set data.dev.candidates=dev.run --set data.dev.depth=20 \
    --set data.test.collection=few --set data.test.candidates=test.run --set data.test.depth=20 \
    --set model.max_length=48 --set warm_up.max_length=48 --set warm_up.lists=64 \
    --set training.workers=2 --set training.epochs=2 --set evaluation.every='4 steps' \
    --set training.checkpoint.every='2 steps' "$@" > /dev/null
}

outcome() {
  sums "$1/model/model.safetensors" "$1/calibration.json" "$1/metrics.json"
}

train f32 --set training.precision=f32
outcome f32
train bf16 --set training.precision=bf16
outcome bf16
train budget --set training.precision=f32 --set training.memory_budget='500 MB'
outcome budget
train frozen --set training.precision=f32 --set model.freeze='[embeddings, layers 0-3]'
outcome frozen
train remined --set training.precision=f32 --set data.remine='{every: 1 epoch, hardest: 6}'
outcome remined
train one-token-type --set training.precision=f32 --set model.segments=1 --set loss=softmax
outcome one-token-type

# A run that is killed as soon as there is a checkpoint of it, and resumed.
train killed --set training.precision=f32 &
until ls killed/checkpoints/*.h5 > /dev/null 2>&1; do
  kill -0 $! 2> /dev/null || break
  sleep 0.05
done
pkill -KILL -f "$program train Recipes/01-quickstart.yaml --output killed" || true
wait || true
train killed --resume --set training.precision=f32
outcome killed

ltr mine Recipes/03-mine.yaml --set collection=few --set first_stage.index=bm25 \
  --set output.folder=mined --set 'output.formats=[lists, triplets, tuples, pairs, run]' \
  --set 'teacher={model: f32, max_length: 48, precision: f32}' > /dev/null
# The job's identity has that of the index in it.
grep -v '"job" :' mined/report.json > mined/report-without-job.json
rm mined/report.json
sums mined

# Questions and texts of documents, as pairs.
text='s/.*"text": *"\(\(\\.\|[^"\\]\)*\)".*/\1/'
head -n 64 few/queries.jsonl | sed "$text" > questions
head -n 64 few/corpus.jsonl | sed "$text" > texts
paste questions texts | awk -F '\t' '{ printf "{\"query\": \"%s\", \"text\": \"%s\"}\n", $1, $2 }' > pairs
for precision in f32 bf16 int8; do
  ltr score --model f32 --input pairs --precision $precision > scores.$precision
done
ltr score --model f32 --input pairs --long-documents max --max-length 24 > scores.passages
ltr rerank --model f32 --collection few --run test.run --output reranked.run > /dev/null
ltr rerank --model f32 --collection few --run test.run --fuse --output fused.run > /dev/null
ltr evaluate --qrels few/qrels/test.tsv --run test.run reranked.run fused.run --json > evaluated.json
ltr tokenize --model f32 --query 'How do I restore a file?' --text 'Open the trash. Naïve, ünïcode 語!' \
  --json > tokens.json
sums scores.* reranked.run fused.run evaluated.json tokens.json

ltr export --model f32 --format hf,onnx,gguf,gguf-q8_0,triton,flashrank,vespa,opensearch \
  --output exported --bundle exported.tar.gz > /dev/null
ltr export --model f32 --format hf,onnx,gguf --precision f16 --output exported-f16 > /dev/null
ltr export --model f32 --format onnx --precision int8 --output exported-int8 > /dev/null
ltr export --model f32 --format hf --precision bf16 --apply-calibration --output exported-bf16 > /dev/null
sums exported exported.tar.gz exported-f16 exported-int8 exported-bf16
