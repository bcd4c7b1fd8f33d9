"""Writes prompts.json beside it: small tokenizers of the kinds that rerankers with prompts have, and the ids that
Hugging Face's tokenizers gives for the whole text of prompts with queries and documents in it.

    python make_prompts.py

With a tokenizer and a collection in BEIR's layout it writes the same for their texts, for `RealPromptTests`:

    python make_prompts.py TOKENIZER.json OUTPUT.json COLLECTION
    LTR_PROMPT_IDS=OUTPUT.json swift test -c release --disable-xctest --filter RealPromptTests
"""
import json
import os
import random
import re
import sys

from make_bpe import BYTES, LLAMA, O200K, QWEN, QWEN35, expression, lines
from make_fixtures import added, replace, sequence, stage, write
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

CHAT = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
PROMPTS = [
    ("<|im_start|>system\nJudge it. The answer is \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n{break}<Instruct>: {instruction}\n"
     "<Query>: {query}\n<Document>: {document}{break}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n", "Find what answers it"),
    ("<|im_start|>user\n{break}{if instruction}instruction: {instruction}\n{end}query: {query}{break}\n{break}document: {document}"
     "{break}\n{break}You are an expert.\nRelevance:{break}<|im_end|>\n", None),
    ("<|im_start|>user\n{break}{if instruction}instruction: {instruction}\n{end}query: {query}{break}\n{break}document: {document}"
     "{break}\n{break}You are an expert.\nRelevance:{break}<|im_end|>\n", "naïve ü"),
    ("A: {query}{break}\n{break}B: {document}{break}\n{break}Given a query A and a passage B, say 'Yes' or 'No'.", None),
    ("question:{query} \n \n passage:{document}", None),
    ("Query: {query} Document: {document} Relevant:", None),
    ("<|im_start|>user\n{document}<|im_end|>\n<|im_start|>{query} ?<|im_end|>", None),
    ("the text \"{document}\" for ({query}), please\n", None),
    ("{query}\n\nDocument:\n{document}\n", None),
]
PARTS = ["heat", "Heat", " flow", "flows", "ing", "'s", "'S", "'", "'ll", "\"", "(", ")", ":", ": ", " :", ".", ".\n", "...", "\n", "\n\n", "\r\n", " ",
         "  ", "   ", "\t", "1", "12", "1234", "\u0301", "e\u0301", "\u0338", "<", ">", "<|im_", "end|>", "<|im_end|>", "<think>", "|", "/", "\u4e2d\u56fd",
         "\u00a0", "\u3000", "\u00bd", "\U0001f600", "\u200d", "\u2581", "</s>", "passage", "Document", "the of wing", "\u0661", "x", "X", "_", "\ufb01"]


def texts(count, seed):
    chance = random.Random(seed)
    yield from ["", "heat flow", "The wing, 2024.", " heat", "heat ", "\n", "'s", "1958", "\u0301", "<|im_end|>", "?"]
    for _ in range(count):
        yield "".join(chance.choice(PARTS) for _ in range(chance.choice([1, 2, 3, 6, 12])))


def bpe(pattern):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(_regex(pattern), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)])
    trainer = trainers.BpeTrainer(vocab_size=520, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(prompted(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def _regex(pattern):
    from tokenizers import Regex
    return Regex(pattern)


def prompted():
    """The lines, and what prompts have around texts, so that merges extend across their ends."""
    for number, line in enumerate(lines()):
        yield line
        yield [f'"{line}."\n', f"<Query>: {line}\n<Document>: {line}", f"passage:{line}\n\nquery:{line}", f"({line}), ", f"{line}.\n\n"][number % 5]


def piece_bpe():
    """BPE over the whole text without a pre-tokenizer, with bytes for what is missing: Gemma's and Llama 2's."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    trainer = trainers.BpeTrainer(vocab_size=620, show_progress=False, special_tokens=["<unk>", "<s>", "</s>", *BYTES])
    tokenizer.train_from_iterator([line.replace("\n", " ") for line in prompted()], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    for pair in [("\n", "\n"), ("\u2581", "\u2581"), ("\u2581\u2581", "\u2581")]:
        for piece in (*pair, "".join(pair)):
            model["vocab"].setdefault(piece, len(model["vocab"]))
        model["merges"].append(list(pair))
    return model


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=400, show_progress=False, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"])
    tokenizer.train_from_iterator([line.replace("\n", " ") for line in prompted()], trainer)
    return json.loads(tokenizer.to_str())["model"]


def single(*parts):
    """A post-processor with special tokens around one text."""
    pieces = [{"SpecialToken": {"id": p, "type_id": 0}} if p != "A" else {"Sequence": {"id": "A", "type_id": 0}} for p in parts]
    return lambda ids: stage(
        "TemplateProcessing", single=pieces, pair=pieces + [{"Sequence": {"id": "B", "type_id": 1}}],
        special_tokens={p: {"id": p, "ids": [ids[p]], "tokens": [p]} for p in parts if p != "A"})


def tree(model, tokens, normalizer, pre_tokenizer, post=None):
    ids = {k: v for k, v in model["vocab"].items()} if isinstance(model["vocab"], dict) else {p: i for i, (p, _) in enumerate(model["vocab"])}
    entries = []
    for token in tokens:
        token["id"] = ids.setdefault(token["content"], len(ids))
        entries.append(token)
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": entries, "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "post_processor": post(ids) if post else None, "decoder": None, "model": model}


def trees():
    def special(names, **flags):
        return [{**added(name, **flags), "special": True, "normalized": False} for name in names]

    nfc = stage("NFC")
    yield "qwen", tree(bpe(QWEN), special(CHAT), nfc, expression(QWEN))
    yield "qwen3.5", tree(bpe(QWEN35), special(CHAT), nfc, expression(QWEN35))
    yield "llama", tree(bpe(LLAMA), special(["<|begin|>", *CHAT]), None, expression(LLAMA), single("<|begin|>", "A"))
    yield "o200k", tree(bpe(O200K), special(CHAT), None, expression(O200K))
    stripping = [{**added(name, lstrip=True, rstrip=True), "special": True, "normalized": False} for name in CHAT]
    yield "stripping", tree(bpe(QWEN), stripping, nfc, expression(QWEN))
    spaces = replace(" ", "\u2581")
    lines_ = [{**added("\n\n"), "special": False, "normalized": False}, {**added("\u2581\u2581"), "special": False, "normalized": False}]
    yield "gemma", tree(piece_bpe(), special(["<s>", "</s>", *CHAT]) + lines_, spaces, None, single("<s>", "A"))
    yield "llama2", tree(
        piece_bpe(), special(["<s>", "</s>"]), sequence("normalizers", stage("Prepend", prepend="\u2581"), spaces), None, single("<s>", "A"))
    metaspace = stage("Metaspace", replacement="\u2581", prepend_scheme="always", split=True)
    cleaned = sequence("normalizers", stage("NFKC"), stage("Strip", strip_left=False, strip_right=True), stage("Replace", pattern={"Regex": " {2,}"}, content="\u2581"))
    yield "t5", tree(unigram(), special(["<pad>", "</s>", "<unk>"]), cleaned, metaspace, single("A", "</s>"))


def filled(prompt, instruction, query, document):
    """The parts of a prompt that are tokenized apart."""
    kept = r"\1" if instruction else ""
    prompt = re.sub(r"\{if instruction\}(.*?)\{end\}", kept.replace("\\1", r"\g<1>"), prompt, flags=re.S)
    values = {"instruction": instruction, "query": query, "document": document}
    return [re.sub(r"\{(instruction|query|document)\}", lambda m: values[m[1]], part) for part in prompt.split("{break}")]


def ids(tokenizer, prompt, instruction, query, document):
    plain = tokenizer.encode("x", add_special_tokens=False).ids
    around = tokenizer.encode("x").ids
    place = next(i for i in range(len(around)) if around[i:i + len(plain)] == plain)
    inner = [i for part in filled(prompt, instruction, query, document) for i in tokenizer.encode(part, add_special_tokens=False).ids]
    return around[:place] + inner + around[place + len(plain):]


def main():
    if len(sys.argv) == 4:
        return real(*sys.argv[1:])
    tokenizers, cases = {}, []
    for name, sections in trees():
        tokenizers[name] = json.dumps(sections)
        tokenizer = Tokenizer.from_str(tokenizers[name])
        for number, (prompt, instruction) in enumerate(PROMPTS):
            # Here both tokens take the line end between document and query: nothing divides them.
            if name == "stripping" and "|>\n<|im_start|>{query}" in prompt:
                continue
            # Nor here, where line ends at the end of a text are removed; and within a word, which of several equally
            # good paths a Unigram model takes depends on the whole word.
            if name == "t5" and (prompt.startswith("question:") or "\n{document}\n" in prompt):
                continue
            queries, documents = (list(texts(12, f"{name}{number}{part}")) for part in "qd")
            random.Random(number).shuffle(documents)
            cases.append({
                "tokenizer": name, "prompt": prompt, "instruction": instruction, "queries": queries, "documents": documents,
                "ids": [ids(tokenizer, prompt, instruction, q, d) for q, d in zip(queries, documents)]})
    write("prompts.json", {"tokenizers": tokenizers, "cases": cases})


def real(path, output, folder):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    documents, queries = ([json.loads(line) for line in open(os.path.join(folder, name), encoding="utf-8")] for name in ("corpus.jsonl", "queries.jsonl"))
    documents = [f"{d.get('title', '')} {d['text']}".strip() for d in documents]
    cases = []
    for prompt, instruction in PROMPTS:
        pairs = [(queries[i % len(queries)]["text"], d) for i, d in enumerate(documents)]
        pairs += list(zip(texts(500, prompt), texts(500, prompt + "d")))
        cases.append({
            "tokenizer": "real", "prompt": prompt, "instruction": instruction, "queries": [q for q, _ in pairs],
            "documents": [d for _, d in pairs], "ids": [ids(tokenizer, prompt, instruction, q, d) for q, d in pairs]})
    with open(output, "w", encoding="utf-8") as file:
        json.dump({"tokenizers": {"real": open(path, encoding="utf-8").read()}, "cases": cases}, file)


if __name__ == "__main__":
    main()
