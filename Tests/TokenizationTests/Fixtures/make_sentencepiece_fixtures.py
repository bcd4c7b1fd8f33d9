"""Writes sentencepiece.json: SentencePiece models, and what transformers makes of them in each family.

    python make_sentencepiece_fixtures.py

Ids are those of the tokenizer.json that transformers saves. Needs transformers, sentencepiece and protobuf.
"""
import base64
import json
import os
import random
import struct
import tempfile

import transformers
from make_fixtures import write
from make_unigram_fixtures import RULES, double_array, texts, vocabulary
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

XLMR = ["<unk>", "<s>", "</s>"]
FAMILIES = [
    ("xlm-roberta", "XLMRobertaTokenizer", "sentencepiece.bpe.model", XLMR, {}),
    ("camembert", "CamembertTokenizer", "sentencepiece.bpe.model", XLMR, {}),
    ("t5", "T5Tokenizer", "spiece.model", ["<pad>", "</s>", "<unk>"], {}),
    ("deberta-v2", "DebertaV2Tokenizer", "spm.model", ["[PAD]", "[CLS]", "[SEP]", "[UNK]"], {}),
    ("deberta-v2", "DebertaV2Tokenizer", "spm.model", ["[PAD]", "[CLS]", "[SEP]", "[UNK]"],
     {"do_lower_case": True, "split_by_punct": True}),
]


def model(special):
    proto = sentencepiece_model_pb2.ModelProto()
    for token in special:
        kind = 2 if "unk" in token.lower() else 3
        proto.pieces.add(piece=token, score=0.0, type=kind)
    proto.pieces.add(piece="<sym>", score=0.0, type=4)
    for piece, score in vocabulary(random.Random("file"), False)[3:]:
        if piece not in special:
            proto.pieces.add(piece=piece, score=struct.unpack("<f", struct.pack("<f", score or -5.25))[0])
    proto.trainer_spec.model_type = 1
    proto.trainer_spec.unk_id = next(i for i, p in enumerate(proto.pieces) if p.type == 2)
    proto.normalizer_spec.precompiled_charsmap = double_array(RULES)
    return proto.SerializeToString()


def main():
    cases = []
    for family, name, file, special, settings in FAMILIES:
        data = model(special)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, file), "wb") as out:
                out.write(data)
            with open(os.path.join(folder, "tokenizer_config.json"), "w") as out:
                json.dump({"tokenizer_class": name, **settings}, out)
            with open(os.path.join(folder, "config.json"), "w") as out:
                json.dump({"model_type": family}, out)
            tokenizer = getattr(transformers, name).from_pretrained(folder)
            tokenizer.save_pretrained(folder)
            saved = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        samples = texts(family + str(settings))[:60] + [f"a {special[1]} b<sym>c <mask> [MASK] <extra_id_7> .", "A.b, C"]
        pairs = [saved.encode(a, b) for a, b in zip(samples[20:30], samples[30:40])]
        cases.append({
            "family": family, "model": base64.b64encode(data).decode(), "lowercases": bool(settings),
            "splitsPunctuation": bool(settings), "texts": samples,
            "ids": [saved.encode(t, add_special_tokens=False).ids for t in samples],
            "single": saved.encode(samples[13]).ids, "size": saved.get_vocab_size(),
            "pairs": [p.ids for p in pairs], "types": [p.type_ids for p in pairs]})
    write("sentencepiece.json", cases)


if __name__ == "__main__":
    main()
