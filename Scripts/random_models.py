#!/usr/bin/env python3
"""Makes a small reranker of every family, with random weights and a tokenizer of the family's kind.

    python3 Scripts/random_models.py --collection DIR --output MODELS [--families bert,roberta,…]

Weights are large enough for scores to differ between pairs. The tokenizers are trained on the corpus of a
collection (a folder in the layout of BEIR), as their families train them: WordPiece, byte-level BPE,
SentencePiece's Unigram with its own character map. Needs torch, transformers, sentence-transformers and
sentencepiece; nothing is downloaded.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

WORDS = 8000
WIDTH, LAYERS, HEADS, INNER, LENGTH = 96, 3, 4, 160, 256
SIZES = dict(
    hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    intermediate_size=INNER)
MODERN = dict(
    SIZES, max_position_embeddings=1024, local_attention=32, global_attn_every_n_layers=2,
    bos_token_id=None, eos_token_id=None)


def texts(collection):
    for name in ["corpus.jsonl", "queries.jsonl"]:
        with open(Path(collection) / name, encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield f"{record.get('title', '')} {record['text']}".strip()


def word_piece(collection, pad="[PAD]", roles=("[CLS]", "[SEP]"), processor=None):
    """BERT's tokenizer, of lowercase English."""
    from tokenizers import BertWordPieceTokenizer, processors
    from transformers import PreTrainedTokenizerFast

    cls, sep = roles
    unknown = "[UNK]"
    mask = "[MASK]" if cls == "[CLS]" else "<mask>"
    own = BertWordPieceTokenizer(lowercase=True, unk_token=unknown, cls_token=cls, sep_token=sep,
                                 pad_token=pad, mask_token=mask)
    special = [pad, unknown, cls, sep, mask] if cls == "[CLS]" else [cls, pad, sep, unknown, mask]
    own.train_from_iterator(
        texts(collection), vocab_size=WORDS, show_progress=False, special_tokens=special)
    ids = [(token, own.token_to_id(token)) for token in (sep, cls)]
    own._tokenizer.post_processor = processor(*ids) if processor else processors.BertProcessing(*ids)
    return PreTrainedTokenizerFast(
        tokenizer_object=own._tokenizer, pad_token=pad, unk_token=unknown, cls_token=cls,
        sep_token=sep, mask_token=mask, model_max_length=LENGTH)


def roberta_word_piece(collection):
    """MPNet's tokenizer: BERT's words with RoBERTa's tokens around them."""
    from tokenizers import processors

    return word_piece(
        collection, "<pad>", ("<s>", "</s>"),
        lambda sep, cls: processors.RobertaProcessing(sep, cls, add_prefix_space=False))


def byte_level(collection):
    """RoBERTa's tokenizer."""
    from tokenizers import AddedToken, ByteLevelBPETokenizer, processors
    from transformers import PreTrainedTokenizerFast

    own = ByteLevelBPETokenizer(add_prefix_space=False, trim_offsets=True)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    own.train_from_iterator(
        texts(collection), vocab_size=WORDS, show_progress=False, special_tokens=special)
    own._tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    own._tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=own._tokenizer, bos_token="<s>", eos_token="</s>", cls_token="<s>",
        sep_token="</s>", pad_token="<pad>", unk_token="<unk>", mask_token="<mask>",
        model_max_length=LENGTH)


def neo_x(collection):
    """ModernBERT's tokenizer: byte-level BPE after NFC, added tokens for runs of spaces."""
    from tokenizers import (
        AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers)
    from transformers import PreTrainedTokenizerFast

    own = Tokenizer(models.BPE())
    own.normalizer = normalizers.NFC()
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, show_progress=False, special_tokens=["|||IP_ADDRESS|||", "<|padding|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    own.train_from_iterator(texts(collection), trainer)
    own.add_tokens([AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)])
    roles = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    own.add_special_tokens(
        [AddedToken(t, lstrip=t == "[MASK]", normalized=False, special=True) for t in roles])
    cls, sep = (own.token_to_id(t) for t in ("[CLS]", "[SEP]"))
    own.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return PreTrainedTokenizerFast(
        tokenizer_object=own, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        unk_token="[UNK]", mask_token="[MASK]", model_max_length=LENGTH)


def deberta_pieces(collection):
    """DeBERTa's tokenizer, from a model with its special tokens that sentencepiece trains."""
    import sentencepiece
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts(collection)), model_type="unigram", vocab_size=WORDS,
            model_prefix=f"{folder}/spm", character_coverage=0.9995, num_threads=1, minloglevel=2,
            max_sentence_length=100_000, pad_id=0, bos_id=1, eos_id=2, unk_id=3,
            pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]")
        return transformers.DebertaV2Tokenizer.from_pretrained(folder, model_max_length=LENGTH)


def sentence_piece(name):
    """The tokenizer of a class of transformers, from a model that sentencepiece trains."""
    def make(collection):
        import sentencepiece
        import transformers

        with tempfile.TemporaryDirectory() as folder:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(texts(collection)), model_type="unigram", vocab_size=WORDS,
                model_prefix=f"{folder}/sentencepiece.bpe", character_coverage=0.9995,
                num_threads=1, minloglevel=2, max_sentence_length=100_000)
            return getattr(transformers, name).from_pretrained(folder, model_max_length=LENGTH)
    return make


ROBERTA = dict(SIZES, max_position_embeddings=LENGTH + 2, type_vocab_size=1, layer_norm_eps=1e-5)
DEBERTA = dict(
    SIZES, max_position_embeddings=LENGTH, relative_attention=True, position_buckets=32,
    max_relative_positions=-1, pos_att_type=["p2c", "c2p"], share_att_key=True,
    norm_rel_ebd="layer_norm", position_biased_input=False, type_vocab_size=0)
# By family: the prefix of its classes in transformers, its tokenizer, and its configuration.
FAMILIES = {
    "bert": ("Bert", word_piece, dict(SIZES, max_position_embeddings=LENGTH, type_vocab_size=2)),
    "bert-one-type": (
        "Bert", word_piece, dict(SIZES, max_position_embeddings=LENGTH, type_vocab_size=1)),
    "roberta": ("Roberta", byte_level, ROBERTA),
    "xlm-roberta": ("XLMRoberta", sentence_piece("XLMRobertaTokenizer"), ROBERTA),
    "camembert": ("Camembert", sentence_piece("CamembertTokenizer"), ROBERTA),
    "modernbert": ("ModernBert", neo_x, dict(MODERN, classifier_pooling="cls")),
    "modernbert-mean": ("ModernBert", neo_x, dict(MODERN, classifier_pooling="mean")),
    "modernbert-biases": ("ModernBert", neo_x, dict(
        MODERN, classifier_pooling="cls", norm_bias=True, mlp_bias=True, attention_bias=True,
        classifier_bias=True)),
    "electra": ("Electra", word_piece, dict(
        SIZES, embedding_size=48, max_position_embeddings=LENGTH, type_vocab_size=2)),
    "distilbert": ("DistilBert", word_piece, dict(
        dim=WIDTH, n_layers=LAYERS, n_heads=HEADS, hidden_dim=INNER,
        max_position_embeddings=LENGTH)),
    "mpnet": ("MPNet", roberta_word_piece, dict(
        SIZES, max_position_embeddings=LENGTH + 2, layer_norm_eps=1e-5)),
    "deberta": ("DebertaV2", deberta_pieces, DEBERTA),
    "deberta-separate": ("DebertaV2", deberta_pieces, dict(
        DEBERTA, share_att_key=False, position_buckets=-1, max_relative_positions=100,
        pos_att_type=["c2p"], type_vocab_size=2, position_biased_input=True)),
    "modular": ("ModernBert", neo_x, MODERN),
}


def fill(tensors, seed):
    """Random values for tensors by name: scores of order 1, and every part shows in them."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    for name, tensor in sorted(tensors.items()):
        values = torch.randn(tensor.shape, generator=generator)
        if tensor.dim() > 1:
            # Tables are added up and normed; the columns of matrices are.
            isTable = "embeddings." in name and "_project" not in name
            values *= 0.5 if isTable else tensor.shape[1] ** -0.5
        elif name.endswith("orm.weight") or name.endswith("norm.weight"):
            values = 1 + 0.2 * values
        else:
            values *= 0.1
        tensor.copy_(values)


def write(family, tokenizer, folder):
    import torch
    import transformers

    prefix, _, keys = FAMILIES[family]
    ids = {
        "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if prefix == "ModernBert":
        ids.update(cls_token_id=tokenizer.cls_token_id, sep_token_id=tokenizer.sep_token_id)
    config = getattr(transformers, prefix + "Config")(**{**keys, **ids, "num_labels": 1})
    seed = sum(map(ord, family))
    if family == "modular":
        write_modules(config, tokenizer, folder, seed)
        return
    model = getattr(transformers, prefix + "ForSequenceClassification")(config)
    with torch.no_grad():
        fill(dict(model.named_parameters()), seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_modules(config, tokenizer, folder, seed):
    """A reranker of modules, in the form of the ettin rerankers."""
    import torch
    import transformers
    from sentence_transformers import CrossEncoder
    from sentence_transformers.base.modules import Dense, Transformer
    from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling

    with tempfile.TemporaryDirectory() as encoder:
        transformers.ModernBertModel(config).save_pretrained(encoder)
        tokenizer.save_pretrained(encoder)
        model = CrossEncoder(modules=[
            Transformer(encoder), Pooling(WIDTH, "cls"),
            Dense(WIDTH, WIDTH, activation_function=torch.nn.GELU(), bias=False), LayerNorm(WIDTH),
            Dense(WIDTH, 1, activation_function=torch.nn.Identity(),
                  module_output_name="scores")])
        with torch.no_grad():
            fill(dict(model.named_parameters()), seed)
        model.save_pretrained(str(folder))


def make(families, collection, output):
    """Makes models; returns their folders by family."""
    tokenizers, folders = {}, {}
    for family in families:
        kind = FAMILIES[family][1]
        key = FAMILIES[family][0] if kind not in (word_piece, neo_x) else kind
        if key not in tokenizers:
            tokenizers[key] = kind(collection)
        folders[family] = Path(output) / family
        shutil.rmtree(folders[family], ignore_errors=True)
        write(family, tokenizers[key], folders[family])
    return folders


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collection", required=True, help="a collection in the layout of BEIR")
    parser.add_argument("--output", required=True, help="the folder that gets a folder for each family")
    parser.add_argument("--families", default=",".join(FAMILIES))
    options = parser.parse_args()
    for family, folder in make(
            options.families.split(","), options.collection, options.output).items():
        print(f"{family}: {folder}")


if __name__ == "__main__":
    main()
