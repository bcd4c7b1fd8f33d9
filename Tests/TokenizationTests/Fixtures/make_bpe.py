"""Writes bpe.json beside it: tokenizers with a BPE model, trained on a few made-up lines, and the ids that
Hugging Face's tokenizers gives for the texts in it.

    python make_bpe.py
"""
import json
import os
import random
import tempfile
import zlib

from make_fixtures import PLAIN as WRITTEN, WORDS, added, digits, random_texts, replace, sequence, stage, write
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

PLAIN = [text for text in WRITTEN if len(text) < 1000]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
CONTRACTIONS, SPACES = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|", r"\s+(?!\S)|\s+"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|" + SPACES
LLAMA = CONTRACTIONS + r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|" + SPACES
QWEN = LLAMA.replace("{1,3}", "")
QWEN35 = CONTRACTIONS + (
    r"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|" + SPACES)
CAPITALS, SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
O200K = "".join(
    r"[^\r\n\p{L}\p{N}]?" + letters + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    for letters in (CAPITALS + "*" + SMALL + "+", CAPITALS + "+" + SMALL + "*")) + (
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|" + SPACES)
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def lines():
    """Made-up text with words in all the surroundings that expressions tell apart."""
    chance = random.Random("lines")
    ends = ["", "s", "ing", "ed", "'s", "'LL", ",", ".", "!?", "...", " 2024", " 1234567", "\n", "\t", "  "]
    for _ in range(600):
        words = (chance.choice(WORDS) for _ in range(chance.randint(1, 12)))
        yield " ".join(
            (word.title() if chance.random() < .2 else word) + chance.choice(ends) for word in words)


def train(pre_tokenizer, size, **options):
    """The model of a tokenizer that is trained on the lines, as tokenizer.json has it."""
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    byte_level = not isinstance(pre_tokenizer, pre_tokenizers.Whitespace | pre_tokenizers.Metaspace | pre_tokenizers.Split)
    own = {k: v for k, v in options.items() if k in ("continuing_subword_prefix", "end_of_word_suffix")}
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()) if byte_level else [], **own)
    tokenizer.train_from_iterator(lines(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def across(size):
    """The same for a tokenizer without words, whose pieces contain marks of spaces anywhere."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False, max_token_length=12)
    tokenizer.train_from_iterator(lines(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def changed(model, pieces=(), **members):
    """The model with other members and more pieces."""
    vocab = dict(model["vocab"])
    for piece in pieces:
        vocab.setdefault(piece, len(vocab))
    return {**model, "vocab": vocab, **members}


def legacy(model):
    """The model with merges as older files write them, and without members that these lack."""
    members = {k: v for k, v in model.items() if k not in ("byte_fallback", "ignore_merges")}
    return {**members, "merges": [" ".join(merge) for merge in model["merges"]]}


def split(pattern, behavior="Isolated", invert=False):
    return stage("Split", pattern=pattern, behavior=behavior, invert=invert)


def expression(text, behavior="Isolated", invert=False):
    return sequence("pretokenizers", split({"Regex": text}, behavior, invert), byte_level(regex=False))


def byte_level(space=False, regex=True):
    return stage("ByteLevel", add_prefix_space=space, trim_offsets=True, use_regex=regex)


def contraction_texts(count, seed):
    """Texts of what the expressions tell apart."""
    chance = random.Random(seed)
    parts = ["'s", "'S", "'\u017f", "'ll", "'lL", "'re", "'vE", "'d", "'m", "'T", "''", " '", "'", "\r\n", "\n", "\n\n", "\r",
             " ", " ", "  ", "   ", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "1", "12", "1234", "\u0661\u0662", "\u00bd", "a", "The", " heat",
             "flows", "\u4e2d\u56fd", "e\u0301", "\u0301", "\u0300\u0323", "...", "--", " (", "_", "\u200d", "\U0001f600", "<s>", "</s>", "<mask>", "\u2581",
             "\x00", "\ufffd", "\u1100\u1161\u11a8", "\uac01", "\u212b", "\u0344", "\U00011de3", "\u0e33",
             "HeatFLOW", "FLOWS", "HEATing", "\u01c5", "\u02b0", "/", "\n/"]
    return ["".join(chance.choice(parts) for _ in range(chance.choice([2, 5, 12, 30]))) for _ in range(count)]


def words(tree, texts):
    """The CRC-32 of the words of texts, with U+001F after a word and U+001E after a text."""
    tokenizer = Tokenizer.from_str(json.dumps(tree))

    def of(text):
        if tokenizer.normalizer is not None:
            text = tokenizer.normalizer.normalize_str(text)
        if tokenizer.pre_tokenizer is None or not text:
            return [text] if text else []
        return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]

    return zlib.crc32("".join("".join(word + "\x1f" for word in of(text)) + "\x1e" for text in texts).encode())


def scalar_texts(start):
    """Every scalar of a block of 65,536 in the surroundings that expressions look at."""
    block = [chr(c) for c in range(start, start + 0x10000) if not 0xD800 <= c < 0xE000]
    return [text for c in block for text in (c, f"a{c}b", f" {c}{c}1", f"'{c}e\n", f"\t{c}", f"A{c}{c}BC's/")]


def case(models_, name, normalizer, pre_tokenizer, tokens=None, post_processor=None):
    tokens = [added(t) for t in SPECIAL] if tokens is None else tokens
    vocab = models_[name]["vocab"]
    next_id = len(vocab)
    for token in tokens:
        token["id"] = vocab.get(token["content"], next_id)
        next_id += token["content"] not in vocab
    tree = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "post_processor": post_processor, "decoder": None, "model": models_[name]}
    tokenizer = Tokenizer.from_str(json.dumps(tree))
    key = json.dumps([name, normalizer, pre_tokenizer])
    chance = random.Random(key)
    texts = PLAIN + random_texts(15, key) + contraction_texts(25, key) + [
        "".join(chance.choice("heatflowing ") for _ in range(length)).replace("  ", " ") for length in (40, 90)]
    texts += ["".join(chance.choice("heatflowing") for _ in range(length)) for length in (39, 40, 41, 42, 43, 90, 400)]
    tree["model"] = None
    ids = [tokenizer.encode(t, add_special_tokens=False).ids for t in texts]
    single, pair = tokenizer.encode("the heat"), tokenizer.encode("the heat", "of flows")
    tree["model"] = models_[name]
    digests = []
    for start in (0, 0x10000, 0x20000, 0xE0000):
        digests.append([start, words(tree, scalar_texts(start))])
    del tree["model"]
    return {
        "model": name, "sections": json.dumps(tree), "texts": texts, "ids": ids, "digests": digests,
        "single": single.ids, "pair": pair.ids, "types": pair.type_ids}


def files(model):
    """`vocab.json` and `merges.txt` as RoBERTa's, and what its tokenizer makes of them."""
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, merges = (os.path.join(folder, name) for name in ("vocab.json", "merges.txt"))
        with open(vocabulary, "w") as file:
            json.dump(model["vocab"], file)
        with open(merges, "w") as file:
            file.write("#version: 0.2\n" + "".join(" ".join(merge) + "\n" for merge in model["merges"]))
        tokenizer = Tokenizer(models.BPE.from_file(vocabulary, merges))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        tokenizer.add_special_tokens(SPECIAL[:4])
        tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
        texts = PLAIN + contraction_texts(40, "files")
        pair = tokenizer.encode("the heat <mask>", "of flows")
        return {
            "vocabulary": open(vocabulary).read(), "merges": open(merges).read(), "texts": texts,
            "ids": [tokenizer.encode(t, add_special_tokens=False).ids for t in texts], "pair": pair.ids,
            "types": pair.type_ids}


def main():
    space = pre_tokenizers.Whitespace()
    letters = train(pre_tokenizers.ByteLevel(add_prefix_space=True), 520)
    sentence = train(pre_tokenizers.Metaspace(), 260, unk_token="<unk>", fuse_unk=True)
    plain = train(space, 230, unk_token="<unk>")
    made = {
        "letters": letters,
        "whole": changed(letters, ["\u0120heating", "\u0120heat", "flows"], merges=letters["merges"][:120], ignore_merges=True),
        "few": legacy(train(pre_tokenizers.ByteLevel(add_prefix_space=False), 300, unk_token="<unk>")),
        "plain": legacy(plain),
        "without": changed(plain, unk_token=None),
        "fused": changed(plain, fuse_unk=True),
        "suffix": train(space, 260, unk_token="<unk>", end_of_word_suffix="</w>"),
        "prefix": legacy(train(space, 260, unk_token="<unk>", continuing_subword_prefix="##")),
        "bytes": changed(sentence, BYTES, byte_fallback=True),
        "somebytes": changed(plain, [b for b in BYTES if int(b[3:5], 16) % 7], byte_fallback=True, fuse_unk=True),
        "joined": changed(sentence, ["t\u2581", "heat\u2581"], merges=[["t", "\u2581"], *sentence["merges"]]),
    }
    clip = train(
        pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP), "removed", True), pre_tokenizers.ByteLevel(False)]), 700,
        unk_token="<unk>", end_of_word_suffix="</w>", continuing_subword_prefix="")
    made["clip"] = changed(clip, [letter + "</w>" for letter in sorted(pre_tokenizers.ByteLevel.alphabet())])
    runs = ["\u2581" * count for count in range(2, 9)]
    made["runs"] = changed(
        sentence, [*BYTES, *runs], byte_fallback=True, fuse_unk=True,
        merges=[*sentence["merges"], *(["\u2581" * i, "\u2581" * (len(run) - i)] for run in runs for i in range(1, len(run)))])
    made["across"] = changed(across(700), BYTES, byte_fallback=True, fuse_unk=True)
    few = made["few"]
    for letter in ("\u0120", "\u00c3", "z", "\u010a"):  # bytes that no piece has
        if letter in few["vocab"]:
            few["vocab"] = {t: i for t, i in few["vocab"].items() if letter not in t}
            few["merges"] = [m for m in few["merges"] if letter not in m]
    nfc, under = stage("NFC"), replace(" ", "\u2581")
    roberta = stage("RobertaProcessing", sep=["</s>", 2], cls=["<s>", 0], trim_offsets=True, add_prefix_space=False)
    offsets = stage("ByteLevel", add_prefix_space=True, trim_offsets=False, use_regex=True)
    template = json.loads(processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 0)]).__getstate__())
    flagged = [added("<mask>", lstrip=True), added("  ", normalized=True, special=False), added("heat", single_word=True),
               added("</s>", rstrip=True), added("e\u0301", normalized=True)]
    cases = [
        case(made, "letters", None, byte_level(), post_processor=roberta),
        case(made, "letters", None, byte_level(space=True), flagged, post_processor=offsets),
        case(made, "letters", nfc, byte_level(space=True, regex=False), flagged),
        case(made, "letters", nfc, expression(QWEN), post_processor=sequence("processors", offsets, roberta)),
        case(made, "letters", nfc, expression(QWEN35), flagged, sequence("processors")),
        case(made, "letters", None, expression(GPT2, "Removed", True)),
        case(made, "letters", None, expression(O200K)),
        case(made, "letters", None, sequence("pretokenizers", digits(True), byte_level(space=True))),
        case(made, "letters", stage("Lowercase"), sequence("pretokenizers", byte_level(space=True), byte_level())),
        case(made, "whole", None, expression(LLAMA), post_processor=sequence("processors", offsets, template)),
        case(made, "few", None, byte_level()),
        case(made, "plain", None, stage("Whitespace")),
        case(made, "without", nfc, split({"String": " "}, "Removed")),
        case(made, "fused", None, split({"String": "e"}, "MergedWithNext")),
        case(made, "suffix", stage("Lowercase"), stage("Whitespace")),
        case(made, "prefix", None, stage("BertPreTokenizer")),
        case(made, "bytes", under, split({"String": " "}, "MergedWithPrevious")),
        case(made, "somebytes", None, split({"String": "  "}, "Contiguous")),
        case(made, "somebytes", None, split({"String": "a"}, "MergedWithPrevious", True)),
        case(made, "joined", under, None),
        case(made, "clip", sequence("normalizers", nfc, stage("Replace", pattern={"Regex": r"\s+"}, content=" "), stage("Lowercase")),
             expression(CLIP, "Removed", True), [added("<s>", normalized=True), added("</s>")]),
        case(made, "clip", None, byte_level()),
        case(made, "runs", sequence("normalizers", stage("Prepend", prepend="\u2581"), under), None),
        case(made, "runs", under, split({"String": " "}, "MergedWithPrevious"), flagged),
        case(made, "runs", None, stage("Metaspace", replacement="\u2581", prepend_scheme="first", split=False)),
        case(made, "across", under, split({"String": " "}, "MergedWithPrevious")),
        case(made, "across", sequence("normalizers", stage("Prepend", prepend="\u2581"), under), None),
    ]
    write("bpe.json", {"models": {n: json.dumps(m) for n, m in made.items()}, "cases": cases, "files": files(letters)})


if __name__ == "__main__":
    main()
