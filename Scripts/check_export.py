#!/usr/bin/env python3
"""Scores the same pairs with everything that reads an export, and says how far scores are apart.

    ltr export --model M --format hf,onnx --output E
    ltr export --model M --format onnx --precision int8 --output E8
    python3 Scripts/check_export.py --hf E/hf --onnx f32=E/onnx --onnx int8=E8 \\
        --collection DIR --run RUN --split test --queries 60 --depth 10

    python3 Scripts/check_export.py --tokenizers MODEL

does so for a trained model in a Hugging Face directory with its tokenizer changed in many ways, with
transformers and sentence-transformers, ids as well as scores, and fails where they differ.

`--modules E/sentence-transformers` has sentence-transformers 5.4 or later score what
`ltr export --format sentence-transformers` wrote, which is also the reference if there is no `--hf`.
`--original M` compares the scores of the model that was exported. A model's prompt, in its `ltr.json`, is
filled in for programs that do not read it, with documents short enough for it. Of models that
transformers has no class of, the float64 reference of the tests is compared instead.
Scripts/check_families.py does all of it for a model of every family.

The reference is `ltr score` on the Hugging Face directory. The pairs are the first of a run, or the
lines of a file: {"query", "text"}, and perhaps "query_id" and "document_id" for nDCG@10. What is not
installed or not named is left out, with a line that says so.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
import urllib.request
from pathlib import Path

from first_candidates import first_candidates


def read_pairs(options):
    """The pairs with their ids."""
    if options.pairs:
        with open(options.pairs, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    return [
        pair
        for pairs in first_candidates(
            options.collection, options.run, options.queries, options.depth)
        for pair in pairs]


def read_qrels(options):
    path = options.qrels
    if not path and options.collection:
        path = Path(options.collection) / "qrels" / f"{options.split}.tsv"
    if not path:
        return None
    grades = {}
    with open(path, encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if len(row) == 3 and row[2].lstrip("-").isdigit():
                grades.setdefault(row[0], {})[row[1]] = int(row[2])
    return grades


def ndcg(pairs, scores, qrels, cutoff=10):
    """nDCG@10 with the grades as gains, as trec_eval has it, over the queries of the pairs."""
    by_query = {}
    for pair, score in zip(pairs, scores):
        by_query.setdefault(pair["query_id"], []).append((score, pair["document_id"]))
    total = 0.0
    for query, found in by_query.items():
        grades = qrels.get(query, {})

        def gain(values):
            return sum(max(g, 0) / math.log2(i + 2) for i, g in enumerate(values[:cutoff]))

        order = [d for _, d in sorted(found, key=lambda each: (-each[0], each[1]))]
        ideal = gain(sorted(grades.values(), reverse=True))
        total += gain([grades.get(d, 0) for d in order]) / ideal if ideal else 0.0
    return total / len(by_query)


def by_ltr(options, pairs, *more, model=None):
    lines = "".join(json.dumps({"query": p["query"], "text": p["text"]}) + "\n" for p in pairs)
    command = [options.ltr, "score", "--model", model or options.model,
               "--max-length", str(options.max_length)]
    done = subprocess.run(
        command + list(more), input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[0])
    return [float(line) for line in done.stdout.split()]


def prompt_of(folder):
    """The prompt of a model, with its instruction and as one text; None without one."""
    file = Path(folder) / "ltr.json"
    prompt = json.loads(file.read_text(encoding="utf-8")).get("prompt") if file.exists() else None
    return prompt and prompt["text"].replace("{break}", "").replace(
        "{instruction}", prompt.get("instruction", ""))


def texts(options, pair):
    """What a tokenizer gets as the text or the two texts of a pair. A prompt is divided at the start of
    the line with the document: tokenizers divide it there as well. One of a single line, such as
    monoT5's, is one text."""
    if not options.prompt:
        return pair["query"], pair["text"]
    line = options.prompt.rfind("\n", 0, options.prompt.index("{document}")) + 1
    query = options.prompt[:line].replace("{query}", pair["query"])
    document = options.prompt[line:]
    if not line:
        document = document.replace("{query}", pair["query"])
    document = document.replace("{document}", pair["text"])
    return (query, document) if line else (document,)


def shortened(options, pairs):
    """The pairs with documents that leave the whole prompt within the longest sequence, and within what
    llama.cpp reads: one token less."""
    found, most = [], options.max_length - 1
    for pair in pairs:
        while (size := len(encode(options, [pair], truncates=False)[0].ids)) > most:
            pair = dict(pair, text=pair["text"][:len(pair["text"]) * most // size - 1])
        found.append(pair)
    return found


def by_sentence_transformers(options, pairs, folder):
    import torch
    from sentence_transformers import CrossEncoder

    if first_step_answers(folder):
        raise ValueError("it has no class for a decoder behind an encoder")
    model = CrossEncoder(folder, max_length=options.max_length, device="cpu")
    # Of a classifier with a chat template it fills in the prompt by itself.
    tokenizer = json.loads((Path(folder) / "tokenizer_config.json").read_text(encoding="utf-8"))
    fills = "chat_template" in tokenizer and not (Path(folder) / "modules.json").exists()
    given = [(p["query"], p["text"]) if fills else texts(options, p) for p in pairs]
    scores = model.predict(given, batch_size=16, activation_fn=torch.nn.Identity())
    return [float(score) for score in scores]


def by_transformers(options, pairs):
    import torch
    from transformers import (
        AutoModelForSeq2SeqLM, AutoModelForSequenceClassification, AutoTokenizer)

    tokenizer = AutoTokenizer.from_pretrained(options.hf, trust_remote_code=False)
    answers = first_step_answers(options.hf)
    kind = AutoModelForSeq2SeqLM if answers else AutoModelForSequenceClassification
    model = kind.from_pretrained(options.hf, trust_remote_code=False).float().eval()
    scores = []
    with torch.no_grad():
        for start in range(0, len(pairs), 16):
            part = pairs[start:start + 16]
            inputs = tokenizer(
                *map(list, zip(*(texts(options, p) for p in part))), padding=True,
                truncation=True, max_length=options.max_length, return_tensors="pt")
            if answers:
                scores += first_step_scores(model, inputs, answers)
            else:
                scores += model(**inputs).logits[:, 0].tolist()
    return scores


def first_step_answers(folder):
    """The ids of the answers of a language model with a decoder; None for other models."""
    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    if not config["architectures"][0].endswith("ForConditionalGeneration"):
        return None
    return json.loads((Path(folder) / "ltr.json").read_text(encoding="utf-8"))["answers"]


def first_step_scores(model, inputs, answers):
    import torch

    start = torch.full((len(inputs["input_ids"]), 1), model.config.decoder_start_token_id)
    logits = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"],
        decoder_input_ids=start).logits[:, 0]
    scores = logits[:, answers["positive"]]
    if answers.get("negative") is not None:
        scores = scores - logits[:, answers["negative"]]
    return scores.tolist()


def by_reference(options, pairs):
    """In float64, by the classes that make the fixtures of the tests."""
    import torch
    from safetensors.torch import load_file

    sys.path.insert(0, str(Path(__file__).parents[1] / "Tests/ModelFilesTests/Fixtures"))
    config = json.loads((Path(options.hf) / "config.json").read_text(encoding="utf-8"))
    weights = load_file(Path(options.hf) / "model.safetensors")
    if config["model_type"] == "new":
        from make_gte import GTEClassifier

        model = GTEClassifier(config)

        def score(ids):
            return model(ids, torch.zeros_like(ids), torch.ones(ids.shape, dtype=torch.float64))
    else:
        import make_decoders

        make_decoders.in_doubles()
        model = make_decoders.LlamaBidirectionalForSequenceClassification(
            make_decoders.LlamaBidirectionalConfig(**config, attn_implementation="eager"))

        def score(ids):
            return model(ids, torch.ones_like(ids)).logits
    model.double().eval().load_state_dict({name: value.double() for name, value in weights.items()})
    with torch.no_grad():
        return [score(torch.tensor([each.ids])).item() for each in encode(options, pairs)]


def encode(options, pairs, truncates=True):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(options.model) / "tokenizer.json"))
    if truncates:
        tokenizer.enable_truncation(options.max_length)
    else:
        tokenizer.no_truncation()
    tokenizer.no_padding()
    given = [texts(options, p) for p in pairs]
    return tokenizer.encode_batch([each if len(each) == 2 else each[0] for each in given])


def by_onnxruntime(options, pairs, folder):
    import numpy
    import onnxruntime

    path = Path(folder)
    if path.is_dir():
        path = next(iter(sorted(path.rglob("*.onnx"))))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    asked = {each.name for each in session.get_inputs()}
    encoded, scores = encode(options, pairs), []
    for start in range(0, len(encoded), options.batch):
        part = encoded[start:start + options.batch]
        length = max(len(each.ids) for each in part)

        def rows(values):
            return numpy.array(
                [list(v) + [0] * (length - len(v)) for v in values], dtype=numpy.int64)

        given = {
            "input_ids": rows(e.ids for e in part),
            "attention_mask": rows(e.attention_mask for e in part),
            "token_type_ids": rows(e.type_ids for e in part),
        }
        given = {name: value for name, value in given.items() if name in asked}
        scores += session.run(["logits"], given)[0][:, 0].tolist()
    return scores


def by_llama_cpp(options, pairs, path):
    """By llama.cpp's server where `xllamacpp` is installed, else by `llama-cpp-python`."""
    try:
        import xllamacpp
    except ImportError:
        return by_llama_cpp_python(options, pairs, path)
    size = max(512, options.max_length)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = size
    parameters.n_parallel = 1
    parameters.flash_attn_type = 0  # it rounds keys and values to 16 bits
    # Decoders have a cache of them, which rounds as well.
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    server = xllamacpp.Server(parameters)
    scores = []
    for pair, encoded in zip(pairs, encode(options, pairs)):
        text = pair["text"]
        if not options.prompt:
            # The server does not cut: it gets what is left of a text that is too long.
            ends = [end for (_, end), part in zip(encoded.offsets, encoded.sequence_ids) if part == 1]
            text = text[:max(ends, default=0)]
        answer = server.handle_rerank({"query": pair["query"], "documents": [text]})
        score = answer["results"][0]["relevance_score"]
        # Of a model with a prompt it is a probability.
        scores.append(math.log(score / (1 - score)) if options.prompt else score)
    return scores


def by_llama_cpp_python(options, pairs, path):
    import llama_cpp

    size = max(512, options.max_length)
    model = llama_cpp.Llama(
        model_path=path, embedding=True, pooling_type=4, n_ctx=size, n_batch=size, n_ubatch=size,
        verbose=False)
    # Ids are given, not text: the pair is put together as the tokenizer does it.
    model.tokenize = lambda text, *_, **__: json.loads(text)
    return [model.embed(json.dumps(each.ids))[0] for each in encode(options, pairs)]


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def by_server(options, pairs, shape):
    groups, scores = {}, [math.nan] * len(pairs)
    for place, pair in enumerate(pairs):
        groups.setdefault(pair["query"], []).append(place)
    for query, places in groups.items():
        texts = [pairs[place]["text"] for place in places]
        if shape == "/rerank":
            found = post(
                options.server + shape,
                {"query": query, "texts": texts, "raw_scores": True, "truncate": True})
            found = [(each["index"], each["score"]) for each in found]
        else:
            found = post(
                options.server + shape,
                {"model": options.server_model, "query": query, "documents": texts,
                 "top_n": len(texts), "return_documents": False})["results"]
            found = [(each["index"], each["relevance_score"]) for each in found]
        for index, score in found:
            scores[places[index]] = score
    return scores


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hf", help="what 'ltr export --format hf' wrote")
    parser.add_argument(
        "--modules", metavar="DIR", help="what 'ltr export --format sentence-transformers' wrote")
    parser.add_argument("--original", metavar="MODEL", help="the model that was exported")
    parser.add_argument("--tokenizers", metavar="MODEL", help="the trained model whose tokenizer is changed")
    parser.add_argument("--onnx", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--gguf", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--server", help="the address of 'ltr serve'")
    parser.add_argument("--server-model", default="reranker")
    parser.add_argument("--ltr", default=".build/release/ltr")
    parser.add_argument("--pairs", help="a file of pairs")
    parser.add_argument("--collection", help="a collection in the layout of BEIR")
    parser.add_argument("--run", help="a run over it")
    parser.add_argument("--split", default="test")
    parser.add_argument("--qrels")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--depth", type=int, default=10)
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--batch", type=int, default=10, help="pairs a call of onnxruntime")
    options = parser.parse_args()
    if options.tokenizers:
        import export_tokenizers

        try:
            sys.exit(0 if export_tokenizers.check(options) else 1)
        except RuntimeError as error:
            sys.exit(f"{options.tokenizers}: {error}")
    options.model = options.hf or options.modules
    if not options.model:
        parser.error("give --hf, --modules or --tokenizers")
    if not options.pairs and not (options.collection and options.run):
        parser.error("give --pairs, or --collection and --run")
    pairs = read_pairs(options)
    options.prompt = prompt_of(options.model)
    pairs = shortened(options, pairs) if options.prompt else pairs
    qrels = read_qrels(options) if all("query_id" in pair for pair in pairs) else None

    readers = [("ltr score, int8", lambda: by_ltr(options, pairs, "--precision", "int8"))]
    if options.original:
        readers.append(
            ("ltr score, the original", lambda: by_ltr(options, pairs, model=options.original)))
    config = json.loads((Path(options.model) / "config.json").read_text(encoding="utf-8"))
    is_known = config["model_type"] not in ["new", "llama_bidirec"]
    if options.hf and is_known:
        readers += [
            ("sentence-transformers", lambda: by_sentence_transformers(options, pairs, options.hf)),
            ("transformers", lambda: by_transformers(options, pairs)),
        ]
    if options.modules and is_known:
        readers.append((
            "sentence-transformers, modules",
            lambda: by_sentence_transformers(options, pairs, options.modules)))
    for item in options.onnx:
        name, _, path = item.rpartition("=")
        readers.append(
            (f"onnxruntime {name}", lambda path=path: by_onnxruntime(options, pairs, path)))
    for item in options.gguf:
        name, _, path = item.rpartition("=")
        readers.append((f"llama.cpp {name}", lambda path=path: by_llama_cpp(options, pairs, path)))
    if options.server:
        for shape in ["/v1/rerank", "/v2/rerank", "/rerank"]:
            readers.append((f"ltr serve {shape}", lambda shape=shape: by_server(options, pairs, shape)))

    if options.hf and not is_known:
        # The last one, since it changes what torch takes for granted.
        readers.append(("float64 reference", lambda: by_reference(options, pairs)))

    reference = by_ltr(options, pairs)
    print(f"{len(pairs)} pairs, at most {options.max_length} tokens; scores from "
          f"{min(reference):.3f} to {max(reference):.3f}")
    print(f"{'reader':<32}{'max |difference|':>18}{'nDCG@10':>10}")

    def show(name, scores, expected=reference, note=""):
        difference = max(abs(a - b) for a, b in zip(scores, expected))
        quality = f"{ndcg(pairs, scores, qrels):.4f}" if qrels else "-"
        print(f"{name:<32}{difference:>18.3g}{quality:>10}{note}")

    show("ltr score", reference)
    for name, read in readers:
        try:
            scores = read()
        except Exception as error:  # whatever is missing or refuses, the others go on
            print(f"LEFT OUT: {name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        if name.startswith("ltr serve") and all(0 <= s <= 1 for s in scores):
            logistic = [1 / (1 + math.exp(-s)) for s in reference]
            show(name, scores, logistic, "  (against the sigmoid)")
        else:
            show(name, scores)


if __name__ == "__main__":
    main()
