"""Writes the ids of Hugging Face's tokenizers for a tokenizer of any kind: for the texts of collections in BEIR's
layout, the texts of the fixtures here, and random ones. `RealTokenizerTests` asks for the same ids.

    python make_reference_ids.py TOKENIZER.json OUTPUT.json [--random 100000] [COLLECTION …]
    LTR_REFERENCE_IDS=OUTPUT.json swift test -c release --disable-xctest --filter RealTokenizerTests

A text for which the library panics is left out.
"""
import argparse
import json
import os
import random
import sys

from make_fixtures import PLAIN, random_texts
from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
PIECES = ["<unk>", "<s>", "</s>", "<mask>", " <mask> ", "<pad>", "\u2581\u2581", "\u00ad", "\u200b", "\u2060", "\ufeff", "\u3000",
          "\ufb01", "\u2460", "\u3300", "\uff21", "\ufdfa", "\u0e33", "\u0600", "\U00011a84", "  ", "   ", "\t", "\r\n",
          "e\u0301", "\u1112\u1161\u11ab", "\U0001f468\u200d\U0001f469", "the", "The "]


def collection(folder):
    for name in ("corpus.jsonl", "queries.jsonl"):
        with open(os.path.join(folder, name), encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                yield f"{record.get('title', '')} {record['text']}".strip()


def fixtures():
    """Every text in a list called texts, in all files here."""
    def texts(value):
        if isinstance(value, dict):
            for name, part in value.items():
                if name in ("texts", "markedTexts") and isinstance(part, list):
                    yield from (t for t in part if isinstance(t, str))
                else:
                    yield from texts(part)
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)

    for name in sorted(os.listdir(HERE)):
        if name.endswith(".json"):
            with open(os.path.join(HERE, name), encoding="utf-8") as file:
                yield from texts(json.load(file))


def everything(count):
    """Half of `count` random texts of the kind of the fixtures, half of characters from all of Unicode."""
    yield from random_texts(count // 2, "reference")
    chance = random.Random("all of Unicode")
    scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    named = [c for c in scalars if not 0xE000 <= ord(c) < 0xF900 and ord(c) < 0x32000]
    for _ in range(count - count // 2):
        kinds = [named, named, PIECES, "aest \u0301.", scalars]
        yield "".join(chance.choice(chance.choice(kinds)) for _ in range(chance.choice([1, 2, 5, 20, 40])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tokenizer")
    parser.add_argument("output")
    parser.add_argument("collections", nargs="*")
    parser.add_argument("--random", type=int, default=100_000)
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(options.tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts, ids, panics = [], [], 0
    sources = [PLAIN, fixtures(), everything(options.random), *map(collection, options.collections)]
    for source in sources:
        for text in source:
            try:
                found = tokenizer.encode(text, add_special_tokens=False).ids
            except BaseException as error:
                if type(error).__name__ != "PanicException":
                    raise
                panics += 1
                continue
            texts.append(text)
            ids.append(found)
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump({"tokenizer": os.path.abspath(options.tokenizer), "texts": texts, "ids": ids}, file)
    print(f"{len(texts)} texts, {sum(map(len, ids))} tokens, {panics} left out", file=sys.stderr)


main()
