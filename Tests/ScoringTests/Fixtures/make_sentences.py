"""Writes sentences.json: what sentence-transformers makes of texts with the model of
Tests/TestSupport/HandwrittenModel.swift, whose sequence of numbers is repeated here.

    pip install sentence-transformers
    python make_sentences.py MODEL

MODEL is a folder with that model's config.json, tokenizer.json and model.safetensors, as
`HandwrittenModel.write` makes it; its weights are checked. The file here is of
sentence-transformers 6.2.0 and torch 2.15.0.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import numpy
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

texts = [
    "how to restore a file?",
    "The menu is a menu.",
    "Boiling water",
    "",
    "a cat, a dog, a cat, a dog, a cat, a dog, a cat, a dog",
]
prompts = {"query": "open the ", "document": "a file. "}


def check_weights(path):
    state = 2026
    word = load_file(path)["bert.embeddings.word_embeddings.weight"].ravel()
    for value in word:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        assert value == numpy.float32(state >> 40) / numpy.float32(1 << 24) - numpy.float32(0.5)


def embeddings(model, pooling, normalize):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "model"
        shutil.copytree(model, folder)
        parts = [("", "Transformer"), ("1_Pooling", "Pooling")]
        if normalize:
            parts.append(("2_Normalize", "Normalize"))
            (folder / "2_Normalize").mkdir()
        modules = [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(parts)
        ]
        (folder / "1_Pooling").mkdir()
        files = {
            "modules.json": modules,
            "sentence_bert_config.json": {"max_seq_length": 12, "do_lower_case": False},
            "1_Pooling/config.json": {
                "word_embedding_dimension": 16,
                **{f"pooling_mode_{m}": m.startswith(pooling) for m in
                   ["cls_token", "mean_tokens", "max_tokens"]},
            },
            "config_sentence_transformers.json": {"prompts": prompts},
        }
        for path, value in files.items():
            (folder / path).write_text(json.dumps(value))
        model = SentenceTransformer(str(folder), device="cpu")
        return {
            "plain": model.encode(texts, prompt="").ravel().tolist(),
            "query": model.encode_query(texts).ravel().tolist(),
            "document": model.encode_document(texts).ravel().tolist(),
        }


model = pathlib.Path(sys.argv[1])
check_weights(model / "model.safetensors")
result = {"texts": texts, "prompts": prompts}
for pooling in ["mean", "cls", "max"]:
    result[pooling] = embeddings(model, pooling, normalize=False)
result["normalized"] = embeddings(model, "mean", normalize=True)
output = pathlib.Path(__file__).parent / "sentences.json"
output.write_text(json.dumps(result) + "\n")
