"""Writes unigram.json: ids that Hugging Face's tokenizers gives with Unigram models, and the words that its
stages make for them.

    python make_unigram_fixtures.py

The vocabulary and the map of characters are written for the purpose. The map is a double array built here: a
key's node has an offset to where its children stand, each at offset ^ byte, and its value at the offset itself.
"""
import base64
import json
import random
import struct
import unicodedata

from make_fixtures import SPECIAL, added, checksum, combining_texts, random_texts, replace, sequence, stage, write
from make_grapheme_tables import everything_to_x
from tokenizers import Tokenizer

RULES = {chr(c): "" for c in (*range(1, 9), 0x0B, *range(0x0E, 0x20), 0x7F, 0xAD, 0x200B)}
RULES |= {c: " " for c in "\t\n\r\u00a0\u2003\u3000\u2028\ufeff"}
RULES |= {c: unicodedata.normalize("NFKC", c) for c in
          "\ufb01\ufb03\u2460\u2026\u00a8\u00bd\u2122\u3300\ufdfa\uff21\uff22\uff41\uff42\uff0c\uff1c\uff1e\u212b\u2160"}
RULES |= {d: unicodedata.normalize("NFC", d) for d in
          ("e\u0301", "a\u0308", "o\u0302\u0301", "\u0438\u0306", "\u304b\u3099", "\u1112\u1161\u11ab", "E\u0301")}
RULES |= {"\u00a9\u200d": "(c)", "\u0600a": "b", " \u0301": "\u00b4", "z": "z", "\u0e33": "\u0e4d\u0e32"}


def double_array(rules):
    root = {}
    texts, places = b"", {}
    for key, text in sorted(rules.items()):
        if text not in places:
            places[text] = len(texts)
            texts += text.encode() + b"\0"
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node["value"] = places[text]
    units, taken, bases = {0: 0}, {0}, set()
    waiting = [(root, 0)]
    while waiting:
        node, place = waiting.pop(0)
        slots = [b for b in node if b != "value"] + ([0] if "value" in node else [])
        base = next(b for b in range(1, 1 << 20) if b not in bases and not any(b ^ s in taken for s in slots))
        bases.add(base)
        units[place] |= (place ^ base) << 10 | ("value" in node) << 8
        for slot in slots:
            taken.add(base ^ slot)
            units[base ^ slot] = slot
            if slot:
                waiting.append((node[slot], base ^ slot))
        if "value" in node:
            units[base] = node["value"]
    count = (max(bases | taken) | 0xFF) + 1
    return struct.pack("<I", 4 * count) + b"".join(
        struct.pack("<I", units.get(i, 0)) for i in range(count)) + texts


WORDS = """the of and to in heat flow wing layer pressure model boundary naive café привет мир и слово αβγ 中国 語 が
한국 straße ﬁ score 2024 10 don't <x> (a) a, b. … ... é ö ä й""".split()


def vocabulary(chance, byte_tokens):
    """Pieces of words with random scores as SentencePiece has them: single precision, below zero."""
    pieces = ["<unk>", "<s>", "</s>", "\u2581", "\u2581\u2581", "aa", "aaa", "aaaa", "\u2581\u2581\u2581", "the\u2581"]
    pieces += [f"<0x{b:02X}>" for b in range(256)][: 256 if byte_tokens else 0:1]
    for word in WORDS:
        word = "\u2581" + word
        pieces += [word, *word] + [word[:n] for n in range(2, len(word))] + [word[n:] for n in range(1, len(word) - 1)]
    pieces += list("abcdefghijklmnopqrstuvwxyz.,()<>ABT")
    scores = [0.0, 0.0, 0.0] + [
        struct.unpack("<f", struct.pack("<f", -3 - 9 * chance.random()))[0] for _ in dict.fromkeys(pieces)]
    return [[p, s] for p, s in zip(dict.fromkeys(pieces), scores)]


def model(name, byte_fallback=False, byte_tokens=False):
    return {"type": "Unigram", "unk_id": 0, "vocab": vocabulary(random.Random(name), byte_tokens),
            "byte_fallback": byte_fallback}


def expression(pattern, content):
    return stage("Replace", pattern={"Regex": pattern}, content=content)


def strip(left, right):
    return stage("Strip", strip_left=left, strip_right=right)


def meta(**members):
    return stage("Metaspace", replacement="\u2581", **members)


def precompiled(data):
    return stage("Precompiled", precompiled_charsmap=base64.b64encode(data).decode())


MODELS = [model("plain"), model("bytes", True, True), model("bytes that lack tokens", True)]
MAP, SPLIT = precompiled(double_array(RULES)), stage("WhitespaceSplit")
ALWAYS, FIRST, NEVER = (meta(prepend_scheme=s, split=True) for s in ("always", "first", "never"))


def norm(*stages):
    return sequence("normalizers", *stages)


def pre(*stages):
    return sequence("pretokenizers", *stages)


# Model, normalizer, pre-tokenizer, whether tokens in normal form are added.
CASES = [
    (0, MAP, pre(SPLIT, ALWAYS), False),
    (1, norm(MAP, strip(False, True), expression(" {2,}", "\u2581")), ALWAYS, False),
    (2, norm(MAP, strip(False, True), expression(" {2,}", "\u2581")), FIRST, False),
    (0, norm(strip(True, True), MAP, expression(" {2,}", " ")), meta(add_prefix_space=True), False),
    (0, norm(stage("Lowercase"), MAP, expression(r"[\n\t ]+", " ")), pre(stage("Punctuation", behavior="Isolated"), ALWAYS), False),
    (1, norm(replace("``", '"'), stage("NFKD"), stage("StripAccents"), stage("Lowercase"), MAP), ALWAYS, False),
    (0, norm(stage("Nmt"), stage("NFKC"), expression(r"\s{2,3}", "  ")), NEVER, False),
    (0, norm(stage("Nmt"), strip(True, False), MAP), pre(SPLIT, FIRST), False),
    (1, norm(strip(True, True), MAP), FIRST, True),
    (0, norm(MAP, expression(r"\s+", " ")), pre(SPLIT, ALWAYS), True),
    (0, norm(stage("Prepend", prepend="\u2581"), replace(" ", "\u2581")), None, False),
    (0, None, meta(prepend_scheme="always", split=False), False),
    (0, norm(expression(r"\s{2,}|[\n\r\t]", " "), stage("NFC"), strip(False, True)), pre(ALWAYS), False),
    (0, norm(replace("a", ""), replace("ab", "b ")), FIRST, False),
    (1, None, None, False),
]
ADDED = [added("<s>"), added("<mask>", lstrip=True), added("\uff21\uff22", normalized=True, special=False),
         added("flow", normalized=True, single_word=True, rstrip=True, special=False), added("<x>", normalized=False)]
EVERYTHING = precompiled(everything_to_x())


def document(case):
    number, normalizer, pre_tokenizer, more = case
    tokens = [dict(token, id=0) for token in (ADDED if more else ADDED[:2])]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": MODELS[number]}


def texts(name):
    chance = random.Random(name)
    odd = list(RULES) + SPECIAL + WORDS + list(
        "\u200d\u00a9\u094d\u0915\u0300\u0301\u0600\u1112\u1161\u11ab\uac00\u0903\u2581\ufffd\U0001f468\x00") + [
        " ", " ", " ", "  ", "\r\n", "a", "aa", "aaaa", "<unk>", "<0x41>", "<mask>", "The", "\uff21\uff22", "``", "x", "ab"]

    def mixed():
        return "".join(chance.choice(odd) for _ in range(chance.choice([1, 2, 3, 5, 9, 30])))

    def words():
        return " ".join(chance.choice(WORDS + ["a\u0301b", "x y", "aaaaa", "the the", "flow", "<x>"]) for _ in range(12))

    return (["", " ", "  ", "a", " a", "\u00a8a b", "\x01a", "\u00a8 a", "``a", "aab", "ab ab", "a" * 200, "\u2581a \u2581"]
            + [mixed() for _ in range(60)] + [words() for _ in range(15)] + random_texts(15, name))


def cluster_texts(chance):
    """Sequences in which boundaries of clusters depend on several scalars."""
    parts = list("a\r\n\x01\u0300\u0308\u200c\u200d\u0903\u0600\u0d4e\u00a9\u00ae\u2764\u094d\u09cd\u093c\u0915\u0937\u0995"
                 "\u1100\u1112\u1161\u1175\u11a8\u11c2\uac00\uac01\ud7a3\u0e33\u00ad\U00016d63\U00016d67\U0001f1e6\U0001f468\U00011f02\U000110bd")
    return ["".join(chance.choice(parts) for _ in range(chance.randrange(2, 9))) for _ in range(4000)]


def main():
    scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    clusters = cluster_texts(random.Random("clusters"))
    everything = Tokenizer.from_str(json.dumps(document((0, EVERYTHING, None, False))))
    cases = []
    for case in CASES:
        tokenizer = Tokenizer.from_str(json.dumps(document(case)))
        name = json.dumps([case[0], case[2]]) + json.dumps(case[1])[:60]
        row = {"model": case[0], "normalizer": json.dumps(case[1]), "preTokenizer": json.dumps(case[2]),
               "hasMoreTokens": case[3], "texts": [], "ids": []}
        for text in texts(name):
            row["texts"].append(text)
            row["ids"].append(tokenizer.encode(text, add_special_tokens=False).ids)
        if FIRST not in (case[2], (case[2] or {}).get("pretokenizers", [None])[-1]):
            row["digest"] = checksum(tokenizer, scalars + [f"a{c}b" for c in scalars])
        cases.append(row)
    write("unigram.json", {
        "map": base64.b64encode(double_array(RULES)).decode(), "models": [json.dumps(m) for m in MODELS],
        "added": json.dumps([dict(token, id=0) for token in ADDED]), "cases": cases,
        "everything": json.dumps(EVERYTHING), "clusters": clusters, "clustersDigest": checksum(everything, clusters),
        "marked": checksum(everything, combining_texts(300, "marks")), "markedTexts": combining_texts(300, "marks")})


if __name__ == "__main__":
    main()
