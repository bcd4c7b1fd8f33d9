#!/usr/bin/env python3
"""Writes mpnet.json: the tokenizer that transformers makes of an MPNet's vocab.txt, and its ids.

    python make_mpnet.py > mpnet.json

Made with transformers 5.24.0 and tokenizers 0.23.3; no downloads.

- vocabulary: vocab.txt, in the order of microsoft/mpnet-base: four tokens of its own, BERT's, <mask>;
- tokenizer: tokenizer.json as save_pretrained writes it, with RobertaProcessing;
- template: the post_processor of older versions, which gives the same ids (checked here);
- texts: ids of single texts; pairs: of pairs; truncated: of pairs with at most `length` tokens.
"""

import json
import pathlib
import random
import tempfile

import transformers
from tokenizers import Tokenizer

WORDS = [
    "<s>", "<pad>", "</s>", "<unk>", "[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", ",",
    "-", ".", "/", "<", ">", "?", "[", "]", "a", "b", "c", "e", "m", "s", "中", "##a", "##b", "##s", "##ing",
    "cat", "dog", "file", "mask", "open", "pad", "the", "un", "##k", "unk", "cafe", "<mask>",
]
TEXTS = [
    "", "the cat", "Opening the FILE", "cats, dogs.", "Café 中a", "a <mask> b", "a<mask>b", "  <mask>  <mask>",
    "<s> the </s>", "<pad>", "<unk> unk [UNK] [unk]", "[CLS] cat [SEP] [MASK] [PAD]", "zebra dog",
    "the\u00a0dog\tand\r\ncat", "<MASK>", "x" * 101 + " cat", "\u0301 e\u0301",
]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vocabulary = "\n".join(WORDS) + "\n"
        (folder / "vocab.txt").write_text(vocabulary)
        (folder / "config.json").write_text(json.dumps({"model_type": "mpnet"}))
        made = transformers.AutoTokenizer.from_pretrained(folder)
        assert type(made).__name__ == "MPNetTokenizer", type(made)
        made.save_pretrained(folder / "saved")
        text = (folder / "saved/tokenizer.json").read_text()
    sections = json.loads(text)
    assert sections["post_processor"]["type"] == "RobertaProcessing"
    assert sections["truncation"] is None and sections["padding"] is None

    def special(token, kind):
        return {"SpecialToken": {"id": token, "type_id": kind}}

    def sequence(letter, kind):
        return {"Sequence": {"id": letter, "type_id": kind}}

    single = [special("<s>", 0), sequence("A", 0), special("</s>", 0)]
    template = {
        "type": "TemplateProcessing", "single": single,
        "pair": single + [special("</s>", 0), sequence("B", 1), special("</s>", 1)],
        "special_tokens": {
            token: {"id": token, "ids": [id], "tokens": [token]}
            for token, id in [("<s>", 0), ("</s>", 2)]},
    }
    older = Tokenizer.from_str(json.dumps(dict(sections, post_processor=template)))
    choices = random.Random(2026)
    random_texts = [
        "".join(choices.choice(WORDS + [" ", " ", "é", "A", "zz"]) for _ in range(12)) for _ in range(60)]
    texts = TEXTS + random_texts
    pairs = [(a, b) for a in TEXTS[:8] for b in TEXTS[3:12]]
    pairs += list(zip(random_texts[:30], random_texts[30:]))
    for a, b in pairs:
        assert older.encode(a, b).ids == made(a, b)["input_ids"], (a, b)
    return {
        "vocabulary": vocabulary, "tokenizer": text, "template": json.dumps(template),
        "texts": [{"texts": [a], "ids": made(a)["input_ids"]} for a in texts],
        "pairs": [{"texts": [a, b], "ids": made(a, b)["input_ids"]} for a, b in pairs],
        "truncated": [
            {"texts": [a, b], "length": length,
             "ids": made(a, b, truncation=True, max_length=length)["input_ids"]}
            for length in (6, 9, 12) for a, b in pairs[-20:]],
    }


print(json.dumps(main()))
