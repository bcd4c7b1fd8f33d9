#!/usr/bin/env python3
"""Scores the same pairs with ltr and with transformers, model by model, and says how far scores are apart.

    python3 Scripts/check_models.py --ltr .build/release/ltr --data Data/helpdesk MODEL [MODEL=LABEL …]

A model is a Hugging Face directory. After '=' stands the label of a classifier with two outputs that
means relevant: its score is then the logit of this label minus that of the other. Fails where scores
differ by more than the tolerance or a hundredth of their range, and where ltr refuses a model, which is
said with its reason. Needs torch and transformers.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path


def read_pairs(folder, count):
    """Every query of a collection with a document, and documents from all over it."""
    def records(name):
        with open(folder / name, encoding="utf-8") as lines:
            return list(map(json.loads, lines))

    queries, documents = records("queries.jsonl"), records("corpus.jsonl")
    return [
        (queries[i * 7 % len(queries)]["text"],
         f"{(d := documents[i * 13 % len(documents)]).get('title', '')} {d['text']}".strip())
        for i in range(count)]


def by_ltr(options, model, label, pairs):
    given = "".join(json.dumps({"query": q, "text": t}) + "\n" for q, t in pairs)
    command = [options.ltr, "score", "--model", model, "--max-length", str(options.max_length)]
    if label:
        command += ["--label", label]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        # Notes of the model come first.
        raise RuntimeError(next((line for line in lines if line.startswith("error:")), lines[-1]))
    return [float(line) for line in done.stdout.split()]


def by_transformers(options, model, label, pairs):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model).float().eval()
    scores = []
    with torch.no_grad():
        for query, text in pairs:
            inputs = tokenizer(
                query, text, truncation=True, max_length=options.max_length, return_tensors="pt")
            scores.append(network(**inputs).logits[0].tolist())
    if not label:
        return [logits[0] for logits in scores]
    names = network.config.id2label
    row = next((i for i, name in names.items() if name == label), None)
    row = int(label) if row is None else row
    return [logits[row] - logits[1 - row] for logits in scores]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL[=LABEL]")
    parser.add_argument("--ltr", default="ltr")
    parser.add_argument("--data", type=Path, required=True, help="a collection in BEIR's layout")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    pairs = read_pairs(options.data, options.count)
    print(f"{'model':40} {'pairs':>5} {'lowest':>10} {'highest':>10} {'difference':>10}")
    passed = True
    for argument in options.models:
        model, _, label = argument.partition("=")
        try:
            ours = by_ltr(options, model, label, pairs)
        except RuntimeError as error:
            print(f"{argument:40} {error}")
            passed = False
            continue
        theirs = by_transformers(options, model, label, pairs)
        difference = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
        # Scores of an untrained head are nearly alike: those of other pairs must not pass for them.
        bound = min(options.tolerance, 0.01 * (max(theirs) - min(theirs)))
        passed = passed and difference <= bound
        print(f"{argument:40} {len(pairs):5} {min(theirs):10.4f} {max(theirs):10.4f} {difference:10.2e}")
    sys.exit(0 if passed else 1)


main()
