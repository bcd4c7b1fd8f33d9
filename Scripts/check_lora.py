#!/usr/bin/env python3
"""Trains adapters (LoRA) on small random rerankers with `ltr train`, and scores the same pairs with
everything that reads what a run leaves; prints the largest difference from ltr's scores of each.

    python3 Scripts/check_lora.py --ltr .build/release/ltr --collection DIR --run RUN --work FOLDER

Of every family: the adapter in `adapter/` with its base by PEFT and transformers, the sum that PEFT makes
of them, and the merged model in all formats, as Scripts/check_families.py compares models. Models are
those of Scripts/random_models.py. The first line of a family says how far training moved scores. Fails
where PEFT's scores are off by more than 1e-4 of the largest score. Needs torch, transformers, peft,
sentence-transformers, onnxruntime and xllamacpp.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import check_export
import check_families
import random_models

RECIPE = """\
model:
  base: {base}
  max_length: {length}
  lora: {{ rank: 8, alpha: 16, dropout: 0.05 }}
data:
  train: {{ collection: {collection}, split: {split}, candidates: {run} }}
  list: {{ size: 4, positives: 1, negatives: [candidates] }}
loss: softmax
training:
  epochs: 20
  max_steps: {steps}
  batch: {{ lists: 4 }}
  checkpoint: {{ every: 1000 steps }}
optimizer: {{ lr: 1.0e-3 }}
output: {output}
"""


def train(options, base, folder):
    """The folder of a run with adapters of a base."""
    output = folder / "run"
    shutil.rmtree(output, ignore_errors=True)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        RECIPE.format(base=base, length=options.max_length, collection=options.collection,
                      split=options.split, run=options.run, steps=options.steps, output=output),
        encoding="utf-8")
    done = subprocess.run(
        [options.ltr, "train", str(recipe)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return output


def by_peft(base, run, options, pairs):
    """Scores by PEFT of a run's adapter beside its base, and added to it, with the run's tokenizer."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(run / "model")

    def scores(model):
        found = []
        with torch.no_grad():
            for start in range(0, len(pairs), 16):
                part = pairs[start:start + 16]
                inputs = tokenizer(
                    *map(list, zip(*(check_export.texts(options, p) for p in part))), padding=True,
                    truncation=True, max_length=options.max_length, return_tensors="pt")
                found += model(**inputs).logits[:, 0].tolist()
        return found

    plain = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1).float()
    model = PeftModel.from_pretrained(plain, run / "adapter").eval()
    beside = scores(model)
    return beside, scores(model.merge_and_unload().eval())


def check(options, base, folder, pairs):
    """Rows of a reader and its largest difference, for one base."""
    folder.mkdir(parents=True, exist_ok=True)
    run = train(options, base, folder)
    given = SimpleNamespace(
        ltr=options.ltr, model=str(base), max_length=options.max_length,
        prompt=check_export.prompt_of(run / "adapter"))
    pairs = check_export.shortened(given, pairs) if given.prompt else pairs
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")

    expected = check_export.by_ltr(given, pairs, model=str(run))

    def difference(scores):
        return max(abs(a - b) for a, b in zip(scores, expected))

    rows = [("the base", difference(check_export.by_ltr(given, pairs)))]
    rows.append(("ltr score, adapter/", difference(
        check_export.by_ltr(given, pairs, model=str(run / "adapter")))))
    beside, merged = by_peft(base, run, given, pairs)
    rows += [("PEFT, adapter/", difference(beside)), ("PEFT, merged", difference(merged))]
    about, others, refused = check_families.check(options, run, folder / "exports", path)
    isFar = difference(beside) > 1e-4 * max(1, *map(abs, expected))
    return about, rows + others, refused, isFar


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ltr", default=".build/release/ltr")
    parser.add_argument("--collection", required=True, help="a collection in the layout of BEIR")
    parser.add_argument("--split", default="test", help="the judgments to train on")
    parser.add_argument("--run", required=True, help="a run with candidates of the split")
    parser.add_argument("--work", required=True, help="the folder of models, runs and exports")
    parser.add_argument("--families", default="bert,modernbert,deberta,qwen3")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--max-length", type=int, default=random_models.LENGTH)
    options = parser.parse_args()
    work = Path(options.work).absolute()
    work.mkdir(parents=True, exist_ok=True)
    check_families.write_pairs(options.collection, options.pairs, work / "pairs.jsonl")
    with open(work / "pairs.jsonl", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    families = options.families.split(",")
    missing = [name for name in families if not (work / "models" / name).is_dir()]
    random_models.make(missing, options.collection, work / "models")
    failed = []
    for name in families:
        about, rows, refused, isFar = check(
            options, work / "models" / name, work / "lora" / name, pairs)
        print(f"\n{name}: {' '.join(about)}")
        for reader, difference in rows:
            print(f"  {reader:<32}{difference:>12.3g}")
        for line in refused:
            print(f"  {line}")
        sys.stdout.flush()
        failed += [name] if isFar else []
    if failed:
        sys.exit(f"PEFT's scores are not ltr's: {', '.join(failed)}")


if __name__ == "__main__":
    main()
