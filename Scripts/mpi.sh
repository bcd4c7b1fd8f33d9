#!/bin/sh
# Builds the program with the trait MPI in a folder of its own, and trains with 1, 2 and 4 processes on
# this machine: the losses are those of one process, a run resumes with another number of processes,
# and what goes wrong on one process ends all. Needs mpirun and libopenmpi-dev.
set -eu
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
model=${1:?the encoder}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v mpirun > /dev/null || {
  echo "error: there is no mpirun" >&2
  echo "  to do: as root, apt-get install libopenmpi-dev openmpi-bin" >&2
  exit 69
}
$swift build -c release --product ltr --traits MPI --scratch-path .build/mpi
ltr=$PWD/.build/mpi/release/ltr

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  sed 's/^/  | /' "$folder/said" >&2
  exit 1
}

# A collection, and candidates for each of its questions, since this build searches nothing.
python3 - "$folder" <<'END'
import json, os, sys
folder = sys.argv[1]
os.makedirs(folder + "/shop/qrels")
things = ["kettle", "lamp", "chair", "router", "printer", "phone", "door", "window"]
acts = ["open", "clean", "repair", "return"]
texts = [f"how to {act} the {thing}" for thing in things for act in acts]
with open(folder + "/shop/corpus.jsonl", "w") as file:
    for i, text in enumerate(texts):
        file.write(json.dumps({"_id": f"d{i}", "text": text + ": first switch it off"}) + "\n")
with open(folder + "/shop/queries.jsonl", "w") as file:
    for i, text in enumerate(texts):
        file.write(json.dumps({"_id": f"q{i}", "text": text.split("the ")[1] + " " + text.split()[2]}) + "\n")
for split, part in [("train", range(0, 24)), ("dev", range(24, 32))]:
    with open(f"{folder}/shop/qrels/{split}.tsv", "w") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        for i in part:
            file.write(f"q{i}\td{i}\t1\n")
    with open(f"{folder}/{split}.run", "w") as file:
        for i in part:
            for place in range(6):
                file.write(f"q{i} Q0 d{(i + place * 5) % 32} {place + 1} {6 - place} first\n")
END
cat > "$folder/recipe.yaml" <<END
output: '$folder/out'
model: { base: $PWD/$model, max_length: 32, layers: 1 }
data:
  train: { collection: $folder/shop, split: train, candidates: $folder/train.run }
  dev: { collection: $folder/shop, split: dev, candidates: $folder/dev.run }
  list: { size: 4, positives: 1 }
loss: listnet
warm_up: null
training:
  epochs: 2
  batch: { lists: 4 }
  workers: 1
  checkpoint: { every: 2 steps, keep: 9 }
evaluation: { every: 4 steps }
END

# train PROCESSES OUTPUT [ARGUMENT…]
train() {
  count=$1
  output=$2
  shift 2
  if [ "$count" -eq 1 ]; then
    "$ltr" train "$folder/recipe.yaml" --output "$output" "$@" > "$folder/printed" 2> "$folder/said"
  else
    launch "$count" "$ltr" train "$folder/recipe.yaml" --output "$output" "$@" \
      > "$folder/printed" 2> "$folder/said"
  fi
}

launch() {
  number=$1
  shift
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    mpirun --oversubscribe --bind-to none -np "$number" "$@"
}

# same A B: the losses of all steps and all measures agree to the rounding of 32 bits.
same() {
  python3 - "$1" "$2" <<'END' || fail "$1 and $2 differ"
import json, sys
def steps(run):
    lines = [json.loads(line) for line in open(run + "/log.jsonl")]
    return {(l["phase"], l["step"]): l["loss"] for l in lines if "loss" in l and "step" in l}
def leaves(value, path=""):
    if isinstance(value, dict):
        for key in value: yield from leaves(value[key], path + "/" + key)
    elif isinstance(value, list):
        for i, one in enumerate(value): yield from leaves(one, f"{path}/{i}")
    elif isinstance(value, float): yield path, value
a, b = steps(sys.argv[1]), steps(sys.argv[2])
assert a and a.keys() == b.keys(), (len(a), len(b))
worst = max(abs(a[key] - b[key]) / max(1e-3, abs(a[key])) for key in a)
print(f"{len(a)} steps: largest relative difference of a loss {worst:.1e}")
assert worst < 1e-4, worst
a, b = (dict(leaves(json.load(open(run + "/metrics.json")))) for run in sys.argv[1:3])
assert a.keys() == b.keys()
assert all(abs(a[key] - b[key]) < 1e-3 for key in a), [(k, a[k], b[k]) for k in a if abs(a[k] - b[k]) >= 1e-3]
END
}

train 1 "$folder/one" || fail "one process"
for count in 2 4; do
  train "$count" "$folder/of$count" || fail "$count processes"
  [ "$(grep -c '^model: ' "$folder/printed")" -eq 1 ] || fail "not one rank alone prints"
  printf '%s processes, ' "$count"
  same "$folder/one" "$folder/of$count"
done

# From the checkpoint of two processes on with four, and with one.
for count in 4 1; do
  rm -rf "$folder/on"
  cp -r "$folder/of2" "$folder/on"
  train "$count" "$folder/on" --resume "$folder/on/checkpoints/$(ls "$folder/on/checkpoints" | grep -E '^step-0*4\.h5$')" \
    || fail "resumed with $count processes"
  printf 'resumed from 2 with %s, ' "$count"
  same "$folder/one" "$folder/on"
done

# A run that is there is not replaced, and one rank says so.
code=0
train 2 "$folder/of2" || code=$?
[ "$code" -ne 0 ] || fail "a run was replaced"
[ "$(grep -c '^error: ' "$folder/said")" -ge 1 ] || fail "no error"

# Ranks with different recipes.
code=0
launch 2 sh -c 'exec "$0" train "$1" --output "$2" --set training.epochs=$((OMPI_COMM_WORLD_RANK + 1))' \
  "$ltr" "$folder/recipe.yaml" "$folder/apart" > "$folder/printed" 2> "$folder/said" || code=$?
{ [ "$code" -ne 0 ] && grep -q 'of rank 1 differ' "$folder/said"; } || fail "different recipes"
[ ! -e "$folder/apart/recipe.yaml" ] || fail "different recipes made a run"

# A rank that is killed: the job ends, and names the checkpoint.
code=0
launch 2 sh -c 'echo $$ > "$3.$OMPI_COMM_WORLD_RANK"; exec "$0" train "$1" --output "$2" --set training.epochs=2000' \
  "$ltr" "$folder/recipe.yaml" "$folder/killed" "$folder/number" > "$folder/printed" 2> "$folder/said" &
job=$!
tries=0
until ls "$folder/killed/checkpoints/"*.h5 > /dev/null 2>&1; do
  sleep 0.2
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "no checkpoint"
done
kill -KILL "$(cat "$folder/number.1")"
wait "$job" || code=$?
{ [ "$code" -ne 0 ] && grep -q 'newest checkpoint is .*--resume' "$folder/said"; } || fail "a killed rank"

# Commands that processes would do over each other.
code=0
launch 2 "$ltr" sweep "$folder/recipe.yaml" > "$folder/printed" 2> "$folder/said" || code=$?
{ [ "$code" -ne 0 ] && grep -q 'were started together' "$folder/said"; } || fail "a sweep by two processes"
echo "several processes train as one does"
