"""Exports a cross-encoder with its tokenizer changed in every way that ltr reads, and holds what
transformers and sentence-transformers load against `tokenizer.json` and `ltr score`: ids, token types and
scores. Called by `check_export.py --tokenizers MODEL`.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

PAIRS = [
    ("How many people live in Berlin?", "Berlin had a population of 3,520,031 registered inhabitants."),
    ("naïve café 中国 人口", "Naïve 中国\u00a0tokens\u200b, soft\u00adhyphens, tab\there,  two  blanks [DOC] end"),
    ("a long word", "internationalization of pneumonoultramicroscopicsilicovolcanoconiosis"),
    ("control\u0001characters", "zero\u0000width\ufffd \u0007bell A[MASK]B x [MASK] [Q] [DOC]"),
    ("tell me <mask> of", "x <extra> y </s> <pad> z"),
    ("Short", "a"),
]
FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


def add(content, *flags):
    def change(tree):
        highest = max(list(tree["model"]["vocab"].values()) + [t["id"] for t in tree["added_tokens"]])
        known = tree["model"]["vocab"].get(content, highest + 1)
        tree["added_tokens"].append(
            {"id": known, "content": content, **{name: name in flags for name in FLAGS}})
    return change


def normalizer(**values):
    return lambda tree: tree["normalizer"].update(values)


def one_type(tree):
    for part in tree["post_processor"]["pair"]:
        for body in part.values():
            body["type_id"] = 0


def flag_mask(tree):
    for token in tree["added_tokens"]:
        if token["content"] == "[MASK]":
            token.update(lstrip=True, single_word=True)


def without(content):
    """A vocabulary that has another word in the place of a special token."""
    def change(tree):
        tree["added_tokens"] = [t for t in tree["added_tokens"] if t["content"] != content]
        vocabulary = tree["model"]["vocab"]
        vocabulary["zzqq"] = vocabulary.pop(content)
    return change


def word_in_vocabulary(tree):
    # The embedding has no row for a new id: one of the vocabulary's words.
    add("people", "single_word", "normalized")(tree)
    add("berlin", "lstrip", "rstrip", "normalized")(tree)


VARIANTS = {
    "as it is": (lambda tree: None, {}),
    "clean_text false": (normalizer(clean_text=False), {}),
    "no normalizer": (lambda tree: tree.update(normalizer=None), {}),
    "longest word 20": (lambda tree: tree["model"].update(max_input_chars_per_word=20), {}),
    "longest word 3": (lambda tree: tree["model"].update(max_input_chars_per_word=3), {}),
    "one token type": (one_type, {}),
    "lowercase false": (normalizer(lowercase=False), {}),
    "Chinese characters joined": (normalizer(handle_chinese_chars=False), {}),
    "accents kept": (normalizer(strip_accents=False), {}),
    "added tokens": (word_in_vocabulary, {}),
    "flags on [MASK]": (flag_mask, {}),
    "class of DistilBERT": (lambda tree: None, {"tokenizer_class": "DistilBertTokenizer"}),
    "sides left": (lambda tree: None, {"padding_side": "left", "truncation_side": "left"}),
    "two inputs": (lambda tree: None, {"model_input_names": ["input_ids", "attention_mask"]}),
    "other flags in the configuration": (
        word_in_vocabulary,
        {"added_tokens_decoder": {"2111": {"content": "people", "lstrip": True, "rstrip": True,
                                           "normalized": False, "single_word": False,
                                           "special": True}}}),
    "texts searched for no token": (lambda tree: None, {"split_special_tokens": True}),
    "tokens of other models": (
        lambda tree: None,
        {"image_token": "<extra>", "eos_token": "</s>", "mask_token": "<mask>",
         "extra_special_tokens": ["<pad>"]}),
    "such tokens in the map": (
        lambda tree: None, {},
        {"additional_special_tokens": ["<extra>"], "eos_token": "</s>", "mask_token": "<mask>"}),
    "no [MASK]": (without("[MASK]"), {}),
    "chat template": (lambda tree: None, {"chat_template": "{{ messages }}"}),
}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        # Notes of the model come first.
        raise RuntimeError(next((line for line in lines if line.startswith("error:")), lines[-1]))
    return done.stdout


def compare(options, folder, change, configuration, special_tokens=None):
    import torch
    from sentence_transformers import CrossEncoder
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model, output, pairs = folder / "model", folder / "out", folder / "pairs.jsonl"
    shutil.copytree(options.tokenizers, model)
    tree = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))
    change(tree)
    (model / "tokenizer.json").write_text(json.dumps(tree), encoding="utf-8")
    for name, members in (
            ("tokenizer_config.json", configuration),
            ("special_tokens_map.json", special_tokens or {})):
        settings = model / name
        known = json.loads(settings.read_text(encoding="utf-8")) if settings.exists() else {}
        settings.write_text(json.dumps({**known, **members}), encoding="utf-8")
    pairs.write_text(
        "".join(json.dumps({"query": q, "text": t}) + "\n" for q, t in PAIRS), encoding="utf-8")

    length = options.max_length
    run(options.ltr, "export", "--model", model, "--format", "hf", "--output", output,
        "--max-length", length)
    expected = [float(line) for line in run(
        options.ltr, "score", "--model", model, "--input", pairs, "--max-length", length).split()]
    as_written = Tokenizer.from_file(str(output / "tokenizer.json"))
    as_written.no_padding()
    as_written.enable_truncation(length)
    loaded = AutoTokenizer.from_pretrained(output)
    network = AutoModelForSequenceClassification.from_pretrained(output).float().eval()
    encoded = loaded(
        [q for q, _ in PAIRS], [t for _, t in PAIRS], padding=True, truncation=True,
        max_length=length, return_tensors="pt")
    other = 0
    for row, want in enumerate(as_written.encode_batch(PAIRS)):
        count = int(encoded["attention_mask"][row].sum())
        types = encoded["token_type_ids"][row][:count].tolist() if "token_type_ids" in encoded else []
        other += encoded["input_ids"][row][:count].tolist() != want.ids or types != want.type_ids
    with torch.no_grad():
        scores = network(**encoded).logits[:, 0].tolist()
    ranker = CrossEncoder(str(output), max_length=length, device="cpu")
    ranked = ranker.predict(PAIRS, activation_fn=torch.nn.Identity()).tolist()

    def difference(found):
        return max(abs(a - b) for a, b in zip(found, expected))

    limits = json.loads((output / "export.json").read_text(encoding="utf-8"))["limits"]
    return (type(loaded).__name__, other, difference(scores), difference(ranked), limits)


def check(options):
    """Prints a line for each tokenizer; whether all are loaded to the same ids and scores."""
    print(f"{'tokenizer':<34}{'class':<20}{'other ids':>10}{'transformers':>14}"
          f"{'sentence-transformers':>23}")
    passed = True
    for name, variant in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            kind, other, first, second, limits = compare(options, Path(folder), *variant)
        print(f"{name:<34}{kind:<20}{other:>10}{first:>14.2g}{second:>23.2g}")
        for limit in limits:
            print(f"    {limit}")
        agrees = other == 0 and first <= 1e-4 and second <= 1e-4
        passed = passed and (agrees or bool(limits))
    return passed
