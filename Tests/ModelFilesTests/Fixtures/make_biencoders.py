#!/usr/bin/env python3
"""Writes biencoders.json: what sentence-transformers computes in float64 of small models of several
families, as their files say.

    python make_biencoders.py > biencoders.json

Made with sentence-transformers 6.2.0, transformers 5.24.0 and torch 2.15.0 on a CPU, one thread; no
downloads. Weights come from the sequence of numbers of make_families.py, parameter by parameter in
the order of their names. Of every model the file has:

- files: the small files by name as the models of that kind have them on the hub;
- saved: the same as save_pretrained of sentence-transformers writes them from that model; embeddings
  are those of both;
- shapes: the tensors of the encoder by name;
- queries, documents: the embeddings of TEXTS, after the model's prompts.

Numbers are rounded to 8 digits.
"""

import contextlib
import json
import pathlib
import sys
import tempfile

import tokenizers
import torch
import transformers
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from sentence_transformers import SentenceTransformer

from make_families import BERT, DISTIL, ELECTRA, MODERN, ROBERTA, WORDS, fill

# The longest is cut.
TEXTS = [
    "w5", "", "w7 w8 w9, w10", "W11 w12 unknown",
    " ".join(f"w{5 + 7 * i % 35}" for i in range(60)),
]
SMALL = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3)
MPNET = dict(ROBERTA, **SMALL)
MPNET.pop("type_vocab_size")

# The name of a model whose kind it is, a class of transformers and its keys; the mode of pooling, whether
# embeddings are normalized, max_seq_length; config_sentence_transformers.json.
PROMPTS = {"query": "w6 w7: ", "document": "w8 w9: "}
MODELS = [
    ("multilingual-e5", "XLMRoberta", dict(ROBERTA, **SMALL), "mean_tokens", True, 30, None),
    ("bge-m3", "XLMRoberta", dict(ROBERTA, **SMALL), "cls_token", True, 32, {}),
    ("gte-modernbert-base", "ModernBert", dict(MODERN, **SMALL), "cls_token", False, 32, {
        "prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"}),
    ("modernbert-embed-base", "ModernBert", dict(MODERN, **SMALL), "mean_tokens", True, 20, {
        "prompts": PROMPTS, "default_prompt_name": None, "similarity_fn_name": "cosine"}),
    ("all-mpnet-base-v2", "MPNet", MPNET, "mean_tokens", True, 24, {}),
    ("multi-qa-mpnet-base-dot-v1", "MPNet", MPNET, "cls_token", False, 32, {
        "similarity_fn_name": "dot"}),
    ("all-MiniLM-L6-v2", "Bert", dict(BERT, **SMALL), "mean_tokens", True, 16, {}),
    ("TAS-B", "DistilBert", dict(DISTIL, dim=24, n_layers=2), "cls_token", False, None, {
        "prompts": {"query": "w6 "}, "similarity_fn_name": "dot"}),
    ("ELECTRA", "Electra", dict(ELECTRA, **SMALL), "max_tokens", False, 32, None),
]
MODES = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def tokenizer(padding):
    """WordPiece of WORDS words, with the padding token where the configuration has it."""
    if padding == 0:
        pad, unknown, first, last, mask = special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    else:
        first, pad, last, unknown, mask = special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    words = special + [f"w{i}" for i in range(5, WORDS)]
    made = tokenizers.Tokenizer(
        WordPiece({word: i for i, word in enumerate(words)}, unk_token=unknown))
    made.normalizer = BertNormalizer()
    made.pre_tokenizer = BertPreTokenizer()
    made.add_special_tokens(special)
    made.post_processor = TemplateProcessing(
        single=[first, "$A", last], pair=[first, "$A", last, last, "$B", last],
        special_tokens=[(token, made.token_to_id(token)) for token in (first, last)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=pad, unk_token=unknown, cls_token=first, sep_token=last,
        mask_token=mask, model_max_length=25,
        model_input_names=["input_ids", "attention_mask"])


def small_files(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.suffix == ".json"
    }


def embeddings(folder):
    model = SentenceTransformer(str(folder), model_kwargs={"dtype": torch.float64}, device="cpu")
    found = {}
    for name, encode in [("queries", model.encode_query), ("documents", model.encode_document)]:
        values = encode(TEXTS, convert_to_tensor=True)
        assert values.dtype == torch.float64
        found[name] = values
    return model, found


def computed(name, prefix, keys, mode, normalizes, length, settings):
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root, "model")
        config = getattr(transformers, prefix + "Config")(**keys)
        encoder = getattr(transformers, prefix + "Model")(config)
        fill(encoder)
        encoder.float().save_pretrained(folder)
        tokenizer(config.pad_token_id).save_pretrained(folder)
        modules = ["Transformer", "Pooling"] + ["Normalize"] * normalizes
        paths = ["", "1_Pooling", "2_Normalize"]
        write(folder / "modules.json", [
            {"idx": i, "name": str(i), "path": paths[i], "type": "sentence_transformers.models." + kind}
            for i, kind in enumerate(modules)])
        write(folder / "1_Pooling/config.json", {
            "word_embedding_dimension": 24, **{"pooling_mode_" + m: m == mode for m in MODES}})
        if length is not None:
            write(folder / "sentence_bert_config.json", {
                "max_seq_length": length, "do_lower_case": False})
        if settings is not None:
            write(folder / "config_sentence_transformers.json", settings)
        files = small_files(folder)
        model, found = embeddings(folder)
        again = pathlib.Path(root, "saved")
        model.save_pretrained(str(again), create_model_card=False)
        for key, values in embeddings(again)[1].items():
            assert (values - found[key]).abs().max() < 1e-12, (name, key)
        parameters = dict(sorted(encoder.named_parameters()))
        return {
            "name": name, "files": files, "saved": small_files(again),
            "shapes": {n: list(p.shape) for n, p in parameters.items()},
            **{key: [[float(f"{x:.8g}") for x in row] for row in values.tolist()]
               for key, values in found.items()},
        }


with contextlib.redirect_stdout(sys.stderr):
    made = {"texts": TEXTS, "models": [computed(*model) for model in MODELS]}
print(json.dumps(made))
