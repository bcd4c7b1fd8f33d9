#!/usr/bin/env python3
"""Writes gte.json: small models of GTE (`model_type` new) and in the layout of jina-reranker-v2, which
transformers 5 does not have, computed in float64.

    python make_gte.py > gte.json

Made with torch 2.13.0 and transformers 5.24.0 on a CPU, one thread; no downloads. The form is that of
families.json, see make_families.py.

- GTE is computed by the class below, written in float64 after the published code (modeling.py of
  Alibaba-NLP/new-impl) without any of it: there the rotations are made in float32.
- Of jina-reranker-v2, transformers' XLMRobertaForSequenceClassification is what is computed: the same
  function, whose tensors have other names. `stored` has the names in files, each with those of
  transformers whose rows it holds one after the other; `config` has the keys of the published file.
"""

import json
import math

import torch
import transformers
from torch import nn

from make_families import LENGTHS, PLAIN, WORDS, fill, measured

SIZES = dict(
    vocab_size=WORDS, hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
    intermediate_size=36, max_position_embeddings=32)
GTE = dict(
    SIZES, model_type="new", architectures=["NewForSequenceClassification"], hidden_act="gelu",
    hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0, classifier_dropout=0.0,
    type_vocab_size=1, initializer_range=0.02, layer_norm_type="layer_norm", layer_norm_eps=1e-12,
    pad_token_id=1, position_embedding_type="rope", rope_theta=20000.0,
    rope_scaling={"type": "ntk", "factor": 8.0}, pack_qkv=True, unpad_inputs=False,
    use_memory_efficient_attention=False, logn_attention_scale=False, logn_attention_clip1=False,
    id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}, torch_dtype="float16",
    transformers_version="4.39.1",
    auto_map={
        "AutoConfig": "Alibaba-NLP/new-impl--configuration.NewConfig",
        "AutoModelForSequenceClassification":
            "Alibaba-NLP/new-impl--modeling.NewForSequenceClassification"})
# The bases of rotations are smaller than in published models (20000): with little rotation, biases of
# keys have hardly any effect, and steps on their gradients are steps on rounding errors. For the same
# reason they are not in one tensor with others where nothing is rotated. Widths as in make_families.py.
GTES = [
    ("GTE, as gte-multilingual", dict(GTE, intermediate_size=44, rope_theta=500.0),
     dict(middle=1.0, spread=0.5)),
    ("GTE, one layer, two token types, plain rotations, projections apart", dict(
        GTE, num_hidden_layers=1, type_vocab_size=2, rope_scaling=None, pack_qkv=False,
        rope_theta=500.0, hidden_act="gelu_new", layer_norm_eps=1e-3)),
    ("GTE, no token types, RMSNorm, a mix of frequencies, scaled by length", dict(
        GTE, num_hidden_layers=2, intermediate_size=44, type_vocab_size=0,
        layer_norm_type="rms_norm", layer_norm_eps=1e-5, rope_theta=10.0, hidden_act="silu",
        rope_scaling={"type": "ntk", "factor": 4.0, "mixed_b": 0.625},
        logn_attention_scale=True, max_position_embeddings=30)),
    ("GTE, one layer, scaled by length up to a bound, a table of positions, ReLU", dict(
        GTE, num_hidden_layers=1, position_embedding_type="absolute", hidden_act="relu",
        pack_qkv=False, layer_norm_eps=1e-3, logn_attention_scale=True, logn_attention_clip1=True,
        max_position_embeddings=31)),
]
JINA = dict(
    SIZES, intermediate_size=20, architectures=["XLMRobertaForSequenceClassification"],
    attention_probs_dropout_prob=0.1,
    auto_map={
        "AutoConfig": "configuration_xlm_roberta.XLMRobertaFlashConfig",
        "AutoModel": "modeling_xlm_roberta.XLMRobertaModel",
        "AutoModelForSequenceClassification":
            "modeling_xlm_roberta.XLMRobertaForSequenceClassification"},
    bos_token_id=0, classifier_dropout=None, emb_pooler=None, eos_token_id=2, hidden_act="gelu",
    hidden_dropout_prob=0.1, id2label={"0": "LABEL_0"}, initializer_range=0.02,
    label2id={"LABEL_0": 0}, layer_norm_eps=1e-05, load_trained_adapters=False,
    lora_adaptations=None, lora_alpha=1, lora_dropout_p=0.0, lora_main_params_trainable=False,
    lora_rank=4, matryoshka_dimensions=None, max_position_embeddings=34, output_past=True,
    pad_token_id=1, position_embedding_type="absolute", torch_dtype="bfloat16",
    transformers_version="4.40.0", truncate_dim=None, type_vocab_size=1, use_cache=False,
    use_flash_attn=True)
JINAS = [
    ("Jina XLM-RoBERTa", JINA),
    ("Jina XLM-RoBERTa, one layer, GELU by tanh", dict(
        JINA, num_hidden_layers=1, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-3)),
]
ACTIVATIONS = {
    "gelu": nn.functional.gelu, "relu": nn.functional.relu, "silu": nn.functional.silu,
    "gelu_new": lambda x: nn.functional.gelu(x, approximate="tanh")}


class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight


class GTELayer(nn.Module):
    def __init__(self, keys):
        super().__init__()
        width, inner = keys["hidden_size"], keys["intermediate_size"]
        names = ["qkv_proj"] if keys["pack_qkv"] else ["q_proj", "k_proj", "v_proj"]
        self.attention = nn.ModuleDict(
            {name: nn.Linear(width, 3 * width // len(names)) for name in names})
        self.attention["o_proj"] = nn.Linear(width, width)
        self.mlp = nn.ModuleDict({
            "up_gate_proj": nn.Linear(width, 2 * inner, bias=False),
            "down_proj": nn.Linear(inner, width)})
        kind = {"layer_norm": nn.LayerNorm, "rms_norm": RMSNorm}[keys["layer_norm_type"]]
        self.attn_ln, self.mlp_ln = (kind(width, eps=keys["layer_norm_eps"]) for _ in range(2))
        self.heads, self.names = keys["num_attention_heads"], names
        self.activation = ACTIVATIONS[keys["hidden_act"]]

    def forward(self, x, rotated, factors, bias):
        joined = torch.cat([self.attention[name](x) for name in self.names], -1)
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in joined.chunk(3, -1))
        q, k = rotated(q) * factors, rotated(k)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias
        context = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = self.attn_ln(x + self.attention["o_proj"](context))
        up, gate = self.mlp["up_gate_proj"](x).chunk(2, -1)
        return self.mlp_ln(x + self.mlp["down_proj"](self.activation(gate) * up))


class GTEClassifier(nn.Module):
    """NewForSequenceClassification with one label, under the published names of its tensors."""

    def __init__(self, keys):
        super().__init__()
        width = keys["hidden_size"]
        embeddings = {"word_embeddings": nn.Embedding(keys["vocab_size"], width)}
        if keys["position_embedding_type"] == "absolute":
            embeddings["position_embeddings"] = nn.Embedding(
                keys["max_position_embeddings"], width)
        if keys["type_vocab_size"] > 0:
            embeddings["token_type_embeddings"] = nn.Embedding(keys["type_vocab_size"], width)
        # Not the layers' kind, whatever that is.
        embeddings["LayerNorm"] = nn.LayerNorm(width, eps=keys["layer_norm_eps"])
        self.new = nn.ModuleDict({
            "embeddings": nn.ModuleDict(embeddings),
            "encoder": nn.ModuleDict({
                "layer": nn.ModuleList(GTELayer(keys) for _ in range(keys["num_hidden_layers"]))}),
            "pooler": nn.ModuleDict({"dense": nn.Linear(width, width)})})
        self.classifier = nn.Linear(width, 1)
        self.keys = keys

    def frequencies(self):
        """Of half the columns of a head, as NTKScalingRotaryEmbedding computes them once: its first
        cache is already longer than max_position_embeddings."""
        width = self.keys["hidden_size"] // self.keys["num_attention_heads"]
        exponents = torch.arange(0, width, 2) / width
        base, scaling = self.keys["rope_theta"], self.keys["rope_scaling"]
        if scaling is None:
            return base ** -exponents
        factor, mix = scaling["factor"], scaling.get("mixed_b")
        if mix is None:
            return (base * factor) ** -exponents / factor ** (2 / width)
        numbers = torch.arange(1, width // 2 + 1)
        return base ** -exponents / torch.exp(
            math.log(factor) / (width / 2) ** mix * numbers ** mix)

    def rotated(self, length):
        if self.keys["position_embedding_type"] == "absolute":
            return lambda x: x
        angles = torch.outer(1.0 * torch.arange(length), self.frequencies())
        cosines, sines = (torch.cat([f(angles)] * 2, -1) for f in (torch.cos, torch.sin))

        def rotate(x):
            left, right = x.chunk(2, -1)
            return x * cosines + torch.cat([-right, left], -1) * sines

        return rotate

    def forward(self, ids, types, mask):
        parts, length = self.new["embeddings"], ids.shape[1]
        x = parts["word_embeddings"](ids)
        if "token_type_embeddings" in parts:
            x = x + parts["token_type_embeddings"](types)
        if "position_embeddings" in parts:
            x = x + parts["position_embeddings"](torch.arange(length))
        x = parts["LayerNorm"](x)
        factors = torch.ones(len(ids))
        if self.keys["logn_attention_scale"]:
            factors = mask.sum(1).log() / math.log(self.keys["max_position_embeddings"])
            if self.keys["logn_attention_clip1"]:
                factors = factors.clip(max=1)
        bias = torch.where(mask[:, None, None, :] > 0, 0.0, -torch.inf)
        rotated = self.rotated(length)
        for layer in self.new["encoder"]["layer"]:
            x = layer(x, rotated, factors[:, None, None, None], bias)
        return self.classifier(self.new["pooler"]["dense"](x[:, 0]).tanh())[:, 0]


def sequences_of(first, lengths):
    return [
        [(s * 13 + i * 7 + 1) % (WORDS - first) + first for i in range(n)]
        for s, n in enumerate(lengths)]


def gte(name, keys, weights=PLAIN):
    model = GTEClassifier(keys)
    fill(model, weights)
    lengths = [1, 7, keys["max_position_embeddings"], 19]
    has_types = keys["type_vocab_size"] > 1
    types = [[int(has_types and i > n // 2) for i in range(n)] for n in lengths]

    def logits(ids, kinds, mask):
        return model(
            torch.tensor(ids), torch.tensor(kinds), torch.tensor(mask, dtype=torch.float64))

    made = measured(
        name, keys, model, logits, sequences_of(2, lengths), types, keys["pad_token_id"])
    return made if weights is PLAIN else dict(made, weights=weights)


def jina_name(name):
    """The name of a tensor of transformers' XLM-RoBERTa in files of Jina's implementation."""
    for own, stored in [
            ("embeddings.LayerNorm", "emb_ln"), ("encoder.layer.", "encoder.layers."),
            ("attention.self.query", "mixer.Wqkv"), ("attention.self.key", "mixer.Wqkv"),
            ("attention.self.value", "mixer.Wqkv"), ("attention.output.dense", "mixer.out_proj"),
            ("attention.output.LayerNorm", "norm1"), ("intermediate.dense", "mlp.fc1"),
            ("output.dense", "mlp.fc2"), ("output.LayerNorm", "norm2")]:
        name = name.replace(own, stored)
    return name


def jina(name, keys):
    own = {"auto_map", "architectures", "torch_dtype"}
    plain = {key: value for key, value in keys.items() if key not in own}
    config = transformers.XLMRobertaConfig(**plain, num_labels=1, attn_implementation="sdpa")
    model = transformers.XLMRobertaForSequenceClassification(config).double().eval()
    fill(model)

    def logits(ids, kinds, mask):
        return model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits[:, 0]

    sequences = sequences_of(2, LENGTHS)
    made = measured(
        name, keys, model, logits, sequences, [[0] * n for n in LENGTHS], keys["pad_token_id"])
    stored = {}
    for part in ["query", "key", "value"]:  # the order of the rows
        for own in made["shapes"]:
            if part in own or (part == "query" and ".self." not in own):
                stored.setdefault(jina_name(own), []).append(own)
    return dict(made, stored=stored)


if __name__ == "__main__":
    print(json.dumps(
        [gte(*model) for model in GTES] + [jina(*model) for model in JINAS]))
