#!/usr/bin/env python3
"""Exports a small random reranker of every family in every format, scores the same pairs with everything
that reads the exports, and prints the largest difference from ltr's scores of each.

    python3 Scripts/check_families.py --ltr .build/release/ltr --collection DIR --work FOLDER

Models are those of Scripts/random_models.py, in FOLDER/models; the ones that are there stay. Pairs are
queries and documents of the collection, drawn with a seed. A model of one's own is added as NAME=PATH:
`--model minilm=Checkpoints/…`. Readers that refuse a model are named with their reason. Needs torch,
transformers, sentence-transformers, onnxruntime and xllamacpp.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

import random_models

# The formats of each precision.
EXPORTS = [
    ("f32", ["hf", "sentence-transformers", "onnx", "gguf"]),
    ("f16", ["onnx", "gguf"]), ("int8", ["onnx", "gguf-q8_0"])]


def write_pairs(collection, count, path):
    def records(name):
        with open(Path(collection) / name, encoding="utf-8") as lines:
            return list(map(json.loads, lines))

    queries, documents = records("queries.jsonl"), records("corpus.jsonl")
    chance = random.Random(16)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            document = chance.choice(documents)
            text = f"{document.get('title', '')} {document['text']}".strip()
            # Short ones too, and such as are longer than a sequence.
            text = text[:chance.choice([60, 200, 500, len(text)])]
            file.write(json.dumps({"query": chance.choice(queries)["text"], "text": text}) + "\n")


def export(options, model, folder):
    """The folders of the exports by (format, precision), and the reasons of those that failed."""
    found, refused = {}, []
    for precision, formats in EXPORTS:
        for name in formats:
            output = folder / f"{name}-{precision}-reranker"
            done = subprocess.run(
                [options.ltr, "export", "--model", str(model), "--format", name, "--precision",
                 precision, "--output", str(output), "--overwrite", "--untrained"],
                capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found[name, precision] = output
            else:
                lines = done.stderr.strip().splitlines()
                error = next((line for line in lines if line.startswith("error:")), lines[-1])
                refused.append(f"{name} {precision}: {error}")
    return found, refused


def check(options, model, folder, pairs):
    """Rows of a reader and its largest difference, and what was refused."""
    found, refused = export(options, model, folder)
    command = [sys.executable, str(Path(__file__).with_name("check_export.py")), "--ltr", options.ltr,
               "--pairs", str(pairs), "--max-length", str(options.max_length),
               "--original", str(model)]
    for (name, precision), output in found.items():
        if name == "hf":
            command += ["--hf", str(output)]
        elif name == "sentence-transformers":
            command += ["--modules", str(output)]
        elif name == "onnx":
            command += ["--onnx", f"{precision}={output}"]
        else:
            file = next(output.glob("*.gguf"))
            command += ["--gguf", f"{file.stem.removeprefix('model-')}={file}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    rows = [(line[:32].strip(), float(line[32:50])) for line in lines[2:]]
    refused += [line for line in done.stderr.splitlines() if line.startswith("LEFT OUT")]
    if done.returncode:
        refused.append(done.stderr.strip().splitlines()[-1])
    return lines[:1], rows, refused


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ltr", default=".build/release/ltr")
    parser.add_argument("--collection", required=True, help="a collection in the layout of BEIR")
    parser.add_argument("--work", required=True, help="the folder of models and exports")
    parser.add_argument("--families", default=",".join(random_models.FAMILIES))
    parser.add_argument("--model", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--max-length", type=int, default=random_models.LENGTH)
    options = parser.parse_args()
    work = Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    write_pairs(options.collection, options.pairs, work / "pairs.jsonl")
    families = [name for name in options.families.split(",") if name]
    missing = [name for name in families if not (work / "models" / name).is_dir()]
    random_models.make(missing, options.collection, work / "models")
    models = {name: work / "models" / name for name in families}
    models.update(item.split("=", 1) for item in options.model)
    for name, model in models.items():
        about, rows, refused = check(options, model, work / "exports" / name, work / "pairs.jsonl")
        print(f"\n{name}: {' '.join(about)}")
        for reader, difference in rows:
            print(f"  {reader:<32}{difference:>12.3g}")
        for line in refused:
            print(f"  {line}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
