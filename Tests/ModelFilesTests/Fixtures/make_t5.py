#!/usr/bin/env python3
"""Writes t5.json and t5-answers.json: what transformers computes in float64 of small T5, mT5 and
umT5.

    python make_t5.py

Made with torch 2.13.0 and transformers 5.24.0 on a CPU, one thread; no downloads. t5.json is in the
form of families.json (make_families.py): a linear layer `score` reads the decoder's state at its first
step, or `classifier` the encoder's state of the first token. t5-answers.json is in the form of
answers.json (make_decoders.py), of language models whose score is the difference of two tokens' logits
at the first step, or one token's, as `generate` returns them.

T5 computes norms and softmax in float32 whatever the model's type is; here these are in float64 as
well. Buckets of distances are float32's, in which some are borderline.
"""

import json
from pathlib import Path

import make_decoders
import make_families
import torch
import transformers

WIDTH = dict(
    vocab_size=make_families.WORDS, d_model=48, num_heads=3, d_kv=10, d_ff=40, num_layers=2,
    relative_attention_num_buckets=8, relative_attention_max_distance=20, pad_token_id=0,
    eos_token_id=1, decoder_start_token_id=0, num_labels=1)
ONE = dict(num_layers=1, num_decoder_layers=1)
# Scores have no factor: larger weights would make attention a choice of one token.
SMALL = dict(middle=1.0, spread=0.5)
MODELS = [
    ("T5", "T5", dict(WIDTH, num_decoder_layers=1)),
    ("T5, one layer, more layers in the decoder, wide heads, SiLU", "T5", dict(
        WIDTH, num_layers=1, num_decoder_layers=3, d_kv=24, feed_forward_proj="silu",
        layer_norm_epsilon=1e-3, decoder_start_token_id=3)),
    ("T5, one layer, gated GELU", "T5", dict(
        WIDTH, **ONE, feed_forward_proj="gated-gelu", relative_attention_num_buckets=32,
        relative_attention_max_distance=128)),
    ("mT5", "MT5", dict(WIDTH)),
    ("umT5, gated SiLU", "UMT5", dict(WIDTH, feed_forward_proj="gated-silu")),
    ("T5, an encoder alone", "T5", dict(WIDTH, is_encoder_decoder=False)),
]
LANGUAGE = [
    ("T5, tied", "T5", dict(WIDTH), 9, 21, None),
    ("T5 1.1, an output layer of its own", "T5", dict(
        WIDTH, **ONE, feed_forward_proj="gated-gelu"), 6, 39, "old"),
    ("T5 1.1 as transformers 5 saves it, one answer", "T5", dict(WIDTH, **ONE), 7, None, "new"),
    ("mT5, an output layer of its own", "MT5", dict(WIDTH, **ONE), 3, 5, "old"),
]


def classes(prefix):
    model = getattr(transformers, prefix + "Model")
    encoder = getattr(transformers, prefix + "EncoderModel")

    class FirstStep(model):
        def __init__(self, config):
            super().__init__(config)
            self.score = torch.nn.Linear(config.d_model, 1, bias=False)

        def forward(self, input_ids, attention_mask):
            start = torch.full((len(input_ids), 1), self.config.decoder_start_token_id)
            states = super().forward(
                input_ids=input_ids, attention_mask=attention_mask, decoder_input_ids=start)
            return self.score(states.last_hidden_state[:, 0])

    class FirstToken(encoder):
        def __init__(self, config):
            super().__init__(config)
            self.classifier = torch.nn.Linear(config.d_model, 1)

        def forward(self, input_ids, attention_mask):
            states = super().forward(input_ids=input_ids, attention_mask=attention_mask)
            return self.classifier(states.last_hidden_state[:, 0])

    return FirstStep, FirstToken


def buckets_in_floats():
    """Keeps the buckets of distances in float32, whatever a `float` has become."""
    floats = torch.Tensor.float
    for module in ["t5", "mt5", "umt5"]:
        models = getattr(transformers.models, module)
        attention = getattr(
            getattr(models, f"modeling_{module}"), dict(t5="T5", mt5="MT5", umt5="UMT5")[module]
            + "Attention")
        plain = attention._relative_position_bucket

        def bucket(*arguments, plain=plain, **keys):
            own, torch.Tensor.float = torch.Tensor.float, floats
            try:
                return plain(*arguments, **keys)
            finally:
                torch.Tensor.float = own

        own = module == "umt5"
        attention._relative_position_bucket = bucket if own else staticmethod(bucket)


def computed(name, prefix, keys):
    config = getattr(transformers, prefix + "Config")(**keys, attn_implementation="eager")
    members = json.loads(config.to_json_string())
    kinds = classes(prefix)
    model = kinds[0 if config.is_encoder_decoder else 1](config).double().eval()
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    make_families.fill(model, SMALL)
    lengths = [1, 7, 150, 19]
    sequences = [
        [(s * 13 + i * 7 + 1) % (make_families.WORDS - 1) + 1 for i in range(n)]
        for s, n in enumerate(lengths)]

    def logits(ids, kinds, mask):
        return model(torch.tensor(ids), torch.tensor(mask))[:, 0]

    types = [[0] * n for n in lengths]
    found = make_families.measured(name, members, model, logits, sequences, types, 0)
    return dict(found, weights=SMALL)


def answered(name, prefix, keys, positive, negative, own):
    config = getattr(transformers, prefix + "Config")(**keys, attn_implementation="eager")
    kind = prefix + "ForConditionalGeneration"
    model = getattr(transformers, kind)(config).double().eval()
    members = dict(json.loads(config.to_json_string()), architectures=[kind])
    if own:
        model.lm_head = torch.nn.Linear(config.d_model, config.vocab_size, bias=False)
        config.scale_decoder_outputs = False
        if own == "old":
            members = dict(members, tie_word_embeddings=False)
            del members["dense_act_fn"], members["is_gated_act"]
            members.pop("scale_decoder_outputs", None)
        else:
            members = dict(members, scale_decoder_outputs=False)
    make_families.fill(model)
    sequences = [
        [(s * 13 + i * 7 + 1) % (make_families.WORDS - 1) + 1 for i in range(n)]
        for s, n in enumerate(make_families.LENGTHS)]
    model.generation_config.suppress_tokens = None
    with torch.no_grad():
        logits = torch.stack([
            model.generate(
                torch.tensor([s]), max_new_tokens=1, do_sample=False, output_scores=True,
                output_logits=True, return_dict_in_generate=True).logits[0][0]
            for s in sequences])
    scores = logits[:, positive] - (0 if negative is None else logits[:, negative])
    return {
        "name": name, "config": members, "positive": positive, "negative": negative,
        "shapes": {n: list(p.shape) for n, p in sorted(model.named_parameters())},
        "sequences": sequences, "logits": make_families.rounded(scores.tolist()),
    }


if __name__ == "__main__":
    buckets_in_floats()
    make_decoders.in_doubles()
    make_families.fill = make_decoders.fill
    folder = Path(__file__).parent
    found = [computed(*model) for model in MODELS]
    (folder / "t5.json").write_text(json.dumps(found) + "\n")
    (folder / "t5-answers.json").write_text(json.dumps([answered(*m) for m in LANGUAGE]) + "\n")
