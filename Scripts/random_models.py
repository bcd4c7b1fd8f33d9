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
PROMPT = (
    "<|im_start|>user\n{break}Query: {query}\nDocument: {document}{break}<|im_end|>\nRelevant:")
# monoT5's prompt.
T5_PROMPT = "Query: {query} Document: {document} Relevant:"
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


def qwen(collection):
    """Qwen's tokenizer: byte-level BPE after NFC, words by its expression, no tokens around a text."""
    from tokenizers import (
        AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
        trainers)
    from transformers import PreTrainedTokenizerFast

    own = Tokenizer(models.BPE())
    own.normalizer = normalizers.NFC()
    own.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
            r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    own.decoder = decoders.ByteLevel()
    own.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False)
    own.train_from_iterator(texts(collection), trainers.BpeTrainer(
        vocab_size=WORDS, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    roles = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    own.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in roles])
    return PreTrainedTokenizerFast(
        tokenizer_object=own, pad_token="<|endoftext|>", eos_token="<|im_end|>",
        model_max_length=LENGTH)


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


def t5_pieces(collection):
    """T5's tokenizer, with its sentinel tokens behind the pieces."""
    import sentencepiece
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts(collection)), model_type="unigram", vocab_size=WORDS,
            model_prefix=f"{folder}/spiece", character_coverage=0.9995, num_threads=1,
            minloglevel=2, max_sentence_length=100_000, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
        return transformers.T5Tokenizer.from_pretrained(folder, model_max_length=LENGTH)


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
DECODER = dict(SIZES, num_key_value_heads=2, max_position_embeddings=LENGTH)
T5 = dict(
    d_model=WIDTH, d_kv=20, num_heads=HEADS, d_ff=INNER, num_layers=LAYERS, num_decoder_layers=2,
    n_positions=LENGTH, decoder_start_token_id=0)
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
    # In the layout of jina-reranker-v2, and GTE, of which transformers has no class.
    "jina": ("XLMRoberta", sentence_piece("XLMRobertaTokenizer"), ROBERTA),
    "gte": ("New", sentence_piece("XLMRobertaTokenizer"), dict(
        SIZES, model_type="new", max_position_embeddings=LENGTH, type_vocab_size=1,
        hidden_act="gelu", layer_norm_type="layer_norm", layer_norm_eps=1e-12, pack_qkv=True,
        position_embedding_type="rope", rope_theta=20000.0,
        rope_scaling={"type": "ntk", "factor": 8.0})),
    # Language models with a decoder, of which the score is a logit at the first step.
    "t5": ("T5", t5_pieces, T5),
    "t5-gated": ("T5", t5_pieces, dict(
        T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    "mt5": ("MT5", t5_pieces, T5),
    "umt5": ("UMT5", t5_pieces, T5),
    "qwen3": ("Qwen3", qwen, dict(DECODER, head_dim=32)),
    "qwen2": ("Qwen2", qwen, dict(
        DECODER, use_sliding_window=True, sliding_window=32, max_window_layers=1)),
    "llama": ("Llama", qwen, dict(
        DECODER, attention_bias=True, mlp_bias=True, rope_parameters={
            "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 64})),
    "llama-bidirectional": ("Llama", qwen, DECODER),
    "gemma": ("Gemma", qwen, dict(DECODER, head_dim=32)),
    "gemma2": ("Gemma2", qwen, dict(
        DECODER, head_dim=32, sliding_window=32, query_pre_attn_scalar=24,
        attn_logit_softcapping=5.0, attn_implementation="eager")),
    "gemma3": ("Gemma3Text", qwen, dict(
        DECODER, head_dim=32, sliding_window=32, query_pre_attn_scalar=32,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"])),
}


def fill(tensors, seed, middle=1):
    """Random values for tensors by name: scores of order 1, and every part shows in them. The weights of
    norms are around `middle`."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    for name, tensor in sorted(tensors.items()):
        values = torch.randn(tensor.shape, generator=generator)
        if tensor.dim() > 1:
            # Tables are added up and normed; the columns of matrices are.
            isTable = (
                "embeddings." in name and "_project" not in name or name == "shared.weight")
            values *= 0.5 if isTable else tensor.shape[1] ** -0.5
        elif name.endswith(("norm.weight", "Norm.weight", "_ln.weight")):
            values = middle + 0.2 * values
        else:
            values *= 0.1
        tensor.copy_(values)


def write(family, tokenizer, folder):
    import torch
    import transformers

    prefix, _, keys = FAMILIES[family]
    if family == "gte":
        write_gte(dict(keys, vocab_size=len(tokenizer)), tokenizer, folder)
        return
    ids = {
        "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if prefix == "ModernBert":
        ids.update(cls_token_id=tokenizer.cls_token_id, sep_token_id=tokenizer.sep_token_id)
    config = getattr(transformers, prefix + "Config")(**{**keys, **ids, "num_labels": 1})
    seed = sum(map(ord, family))
    if family == "modular":
        write_modules(config, tokenizer, folder, seed)
        return
    kind = "ForConditionalGeneration" if "T5" in prefix else "ForSequenceClassification"
    model = getattr(transformers, prefix + kind)(config)
    with torch.no_grad():
        # Gemma adds 1 to the weights of norms.
        fill(dict(model.named_parameters()), seed, 0 if prefix.startswith("Gemma") else 1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if tokenizer.cls_token is None:
        # Decoders read pairs in a prompt.
        notes = {"prompt": {"text": T5_PROMPT if "T5" in prefix else PROMPT}}
        if "T5" in prefix:
            # Their score is the difference of two logits at the decoder's first step.
            notes["answers"] = {"positive": 20, "negative": 30}
        (Path(folder) / "ltr.json").write_text(json.dumps(notes), encoding="utf-8")
    if family == "jina":
        store_as_jina(Path(folder))
    if family == "llama-bidirectional":
        change_configuration(Path(folder), model_type="llama_bidirec", pooling="avg", temperature=1.0)


def change_configuration(folder, **keys):
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(config, **keys)), encoding="utf-8")


def store_as_jina(folder):
    """Renames and joins the tensors of an XLM-RoBERTa as jina-reranker-v2 has them."""
    import torch
    from safetensors.torch import load_file, save_file

    tensors, stored = load_file(folder / "model.safetensors"), {}
    for name, tensor in tensors.items():
        for own, other in [
                ("embeddings.LayerNorm", "emb_ln"), ("encoder.layer.", "encoder.layers."),
                ("attention.output.dense", "mixer.out_proj"),
                ("attention.output.LayerNorm", "norm1"), ("intermediate.dense", "mlp.fc1"),
                ("output.dense", "mlp.fc2"), ("output.LayerNorm", "norm2")]:
            name = name.replace(own, other)
        if "attention.self." not in name:
            stored[name] = tensor
    for name in [name for name in tensors if "self.query" in name]:
        joined = torch.cat([tensors[name.replace("query", p)] for p in ["query", "key", "value"]])
        name = name.replace("encoder.layer.", "encoder.layers.")
        stored[name.replace("attention.self.query", "mixer.Wqkv")] = joined
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    del config["model_type"]
    config.update(use_flash_attn=True, auto_map={
        "AutoConfig": "configuration_xlm_roberta.XLMRobertaFlashConfig",
        "AutoModelForSequenceClassification":
            "modeling_xlm_roberta.XLMRobertaForSequenceClassification"})
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def write_gte(config, tokenizer, folder):
    import torch
    from safetensors.torch import save_file

    folder = Path(folder)
    shapes = {
        "new.embeddings.word_embeddings.weight": (config["vocab_size"], WIDTH),
        "new.embeddings.token_type_embeddings.weight": (1, WIDTH)}

    def add(name, *shape, bias=True):
        shapes[name + ".weight"] = shape
        if bias:
            shapes[name + ".bias"] = shape[:1]

    add("new.embeddings.LayerNorm", WIDTH)
    for layer in range(LAYERS):
        name = f"new.encoder.layer.{layer}."
        add(name + "attention.qkv_proj", 3 * WIDTH, WIDTH)
        add(name + "attention.o_proj", WIDTH, WIDTH)
        add(name + "mlp.up_gate_proj", 2 * INNER, WIDTH, bias=False)
        add(name + "mlp.down_proj", WIDTH, INNER)
        add(name + "attn_ln", WIDTH)
        add(name + "mlp_ln", WIDTH)
    add("new.pooler.dense", WIDTH, WIDTH)
    add("classifier", 1, WIDTH)
    tensors = {name: torch.empty(shape) for name, shape in shapes.items()}
    fill(tensors, sum(map(ord, "gte")))
    tokenizer.save_pretrained(folder)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = dict(
        config, architectures=["NewForSequenceClassification"], id2label={"0": "LABEL_0"},
        label2id={"LABEL_0": 0}, pad_token_id=tokenizer.pad_token_id,
        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


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
        shared = (word_piece, neo_x, qwen, t5_pieces)
        key = FAMILIES[family][0] if kind not in shared else kind
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
