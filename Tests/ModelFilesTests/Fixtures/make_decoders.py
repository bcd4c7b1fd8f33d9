#!/usr/bin/env python3
"""Writes decoders.json and answers.json: what transformers computes in float64 of small decoders.

    python make_decoders.py

Made with torch 2.13.0 and transformers 5.24.0 on a CPU, one thread; no downloads. decoders.json has
classifiers, in the form of families.json (make_families.py), and answers.json language models whose
score is the difference of two tokens' logits at the last token, or one token's:

- config, shapes, sequences: as there;
- positive, negative: the ids of the answers; negative is null where there is one answer;
- logits: the score of each sequence, for models with a cap of logits before it.

Decoders compute norms, softmax and rotations in float32 whatever the model's type is; here these are
in float64 as well.
"""

import json
from pathlib import Path

import make_families
import torch
import transformers
from transformers.models.llama.modeling_llama import LlamaModel, LlamaPreTrainedModel

WIDTH = dict(
    vocab_size=make_families.WORDS, hidden_size=48, num_hidden_layers=5, num_attention_heads=4,
    num_key_value_heads=2, intermediate_size=40, max_position_embeddings=32, pad_token_id=0,
    bos_token_id=1, eos_token_id=2)
ONE = dict(num_hidden_layers=1)
# Weights of the size of the numbers give the gradients of several layers lengths of hundreds, and rounding
# shows in logits. Gemma adds 1 to the weights of norms.
SMALL, SMALL_GEMMA = dict(middle=1.0, spread=0.5), dict(middle=0.0, spread=0.5)
HEADS = dict(head_dim=16)
ROTARY = {"rope_type": "default", "rope_theta": 100.0}
WINDOWS = ["sliding_attention", "full_attention", "sliding_attention", "full_attention",
           "sliding_attention"]
MODELS = [
    ("Qwen3", "Qwen3", dict(WIDTH, **HEADS, rope_parameters=ROTARY)),
    ("Qwen3, one layer, YaRN, biases, one head of keys", "Qwen3", dict(
        WIDTH, **ONE, head_dim=8, attention_bias=True, rms_norm_eps=1e-3,
        rope_parameters={
            "rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "beta_fast": 4.0,
            "beta_slow": 1.0, "original_max_position_embeddings": 16}) | dict(num_key_value_heads=1)),
    ("Qwen2", "Qwen2", dict(WIDTH, rope_parameters=ROTARY), SMALL),
    ("Qwen2, windows, linear positions", "Qwen2", dict(
        WIDTH, use_sliding_window=True, sliding_window=6, max_window_layers=2,
        rope_parameters=dict(ROTARY, rope_type="linear", factor=2.5)) | dict(num_hidden_layers=4),
        SMALL),
    ("Qwen2, one layer, dynamic positions", "Qwen2", dict(
        WIDTH, **ONE, rope_parameters=dict(ROTARY, rope_type="dynamic", factor=2.0))),
    ("Llama, Llama 3's positions", "Llama", dict(
        WIDTH, rope_parameters={
            "rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 64}), SMALL),
    ("Llama, one layer, every bias, three heads", "Llama", dict(
        WIDTH, **ONE, attention_bias=True, mlp_bias=True, hidden_act="gelu_pytorch_tanh",
        rope_parameters=ROTARY) | dict(num_attention_heads=3, num_key_value_heads=3)),
    ("Gemma", "Gemma", dict(WIDTH, **HEADS, rope_parameters=ROTARY), SMALL_GEMMA),
    ("Gemma, one layer, one head of keys", "Gemma", dict(
        WIDTH, **ONE, **HEADS, rope_parameters=ROTARY) | dict(num_key_value_heads=1)),
    ("Gemma 2, windows, bounded scores", "Gemma2", dict(
        WIDTH, **HEADS, sliding_window=6, query_pre_attn_scalar=20, attn_logit_softcapping=5.0,
        rope_parameters=ROTARY), SMALL_GEMMA),
    ("Gemma 2, one layer", "Gemma2", dict(
        WIDTH, **ONE, **HEADS, sliding_window=9, attn_logit_softcapping=2.0,
        layer_types=["full_attention"], rope_parameters=ROTARY)),
    ("Gemma 3, windows, linear positions", "Gemma3Text", dict(
        WIDTH, **HEADS, sliding_window=6, query_pre_attn_scalar=16, layer_types=WINDOWS,
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 300.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}), SMALL_GEMMA),
    ("Gemma 3, one layer", "Gemma3Text", dict(
        WIDTH, **ONE, **HEADS, layer_types=["full_attention"], rope_parameters={
            "full_attention": ROTARY, "sliding_attention": ROTARY})),
    ("Llama in both directions", "LlamaBidirectional", dict(WIDTH, rope_parameters=ROTARY)),
]
LANGUAGE = [
    ("Qwen3, tied", "Qwen3", dict(
        WIDTH, **HEADS, rope_parameters=ROTARY, tie_word_embeddings=True), 9, 21),
    ("Qwen2, an output layer of its own", "Qwen2", dict(
        WIDTH, rope_parameters=ROTARY, tie_word_embeddings=False), 0, 39),
    ("Gemma, one answer", "Gemma", dict(
        WIDTH, **ONE, **HEADS, rope_parameters=ROTARY), 7, None),
    ("Gemma 2, bounded logits", "Gemma2", dict(
        WIDTH, **ONE, **HEADS, rope_parameters=ROTARY), 3, 5),
]


class LlamaBidirectionalConfig(transformers.LlamaConfig):
    model_type = "llama_bidirec"


class LlamaBidirectionalForSequenceClassification(LlamaPreTrainedModel):
    """As nvidia/llama-nemotron-rerank-1b-v2 has it: full attention, and the mean of all tokens."""

    config_class = LlamaBidirectionalConfig

    def __init__(self, config):
        LlamaPreTrainedModel.__init__(self, config)
        self.model = LlamaModel(config)
        self.score = torch.nn.Linear(config.hidden_size, 1, bias=False)
        self.post_init()

    def forward(self, input_ids, attention_mask):
        hidden = (1 - attention_mask.double())[:, None, None, :].expand(
            -1, 1, input_ids.shape[1], -1) * -1e300
        x = self.model(input_ids, attention_mask=hidden).last_hidden_state
        share = attention_mask.double() / attention_mask.double().sum(1, keepdim=True)
        logits = self.score((x * share[..., None]).sum(1))
        return transformers.modeling_outputs.SequenceClassifierOutput(logits=logits)


def in_doubles():
    """From here on, what transformers computes in float32 is in float64."""
    transformers.LlamaBidirectionalConfig = LlamaBidirectionalConfig
    transformers.LlamaBidirectionalForSequenceClassification = (
        LlamaBidirectionalForSequenceClassification)
    torch.float32 = torch.float = torch.float64
    torch.Tensor.float = torch.Tensor.double


def fill(model, weights=make_families.PLAIN):
    """As in make_families, whose `float` no longer rounds."""
    numbers = make_families.sequence_of_numbers()
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            values = make_families.values_of(name, parameter, numbers, weights)
            # Files hold float32.
            values = torch.from_numpy(values.numpy().astype("float32").astype("float64"))
            parameter.copy_(values.reshape(parameter.shape))


def answered(name, prefix, keys, positive, negative):
    config = getattr(transformers, prefix + "Config")(**keys, attn_implementation="eager")
    members = json.loads(config.to_json_string())
    model = getattr(transformers, prefix + "ForCausalLM")(config).double().eval()
    members["architectures"] = [prefix + "ForCausalLM"]
    fill(model)
    sequences = [
        [(s * 13 + i * 7 + 1) % (make_families.WORDS - 1) + 1 for i in range(n)]
        for s, n in enumerate(make_families.LENGTHS)]
    with torch.no_grad():
        rows = [model.model(torch.tensor([s])).last_hidden_state[0, -1] for s in sequences]
        logits = torch.stack([model.lm_head(row) for row in rows])
        seen = torch.stack([model(torch.tensor([s])).logits[0, -1] for s in sequences])
    cap = members.get("final_logit_softcapping")
    assert ((cap * torch.tanh(logits / cap) if cap else logits) - seen).abs().max() < 1e-9
    scores = logits[:, positive] - (0 if negative is None else logits[:, negative])
    return {
        "name": name, "config": members, "positive": positive, "negative": negative,
        "shapes": {n: list(p.shape) for n, p in sorted(model.named_parameters())},
        "sequences": sequences, "logits": make_families.rounded(scores.tolist()),
    }


if __name__ == "__main__":
    in_doubles()
    make_families.fill = fill
    folder = Path(__file__).parent
    classifiers = [make_families.computed(*model) for model in MODELS]
    (folder / "decoders.json").write_text(json.dumps(classifiers) + "\n")
    (folder / "answers.json").write_text(json.dumps([answered(*m) for m in LANGUAGE]) + "\n")
