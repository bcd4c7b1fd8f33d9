#!/usr/bin/env python3
"""Writes families.json and deberta.json: what transformers computes in float64 of small models of
several families.

    python make_families.py > families.json
    python make_families.py DebertaV2 > deberta.json

Made with torch 2.15.0 (deberta.json: 2.13.0) and transformers 5.24.0 on a CPU, one thread; no downloads. Weights come from
the sequence of numbers below, parameter by parameter in the order of their names, so that the file
holds none. Of every model it has:

- config: its config.json, by transformers, or by hand where "old keys" are what is shown;
- shapes: the parameters by name;
- sequences, types: token ids, one sequence after the other without padding;
- logits: one a sequence; padding (the whole as one batch) has been checked to change nothing;
- gradients: of the sum of 0.5, -1, 0.75, 1.25, ... times the logits, by every parameter: the length,
  the scalar product with the sequence of numbers, and the values at 0, count / 3 and count - 1;
- steps: what three steps of torch.optim.AdamW on that sum change of every parameter, in the same form;
- stepped: the logits after the steps;
- weights, of models whose gradients would be so long that rounding shows: what the weights of norms
  are around, and the factor of all numbers.

Numbers are rounded to 10 digits.
"""

import json
import sys

import torch
import transformers

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
WORDS = 40
LENGTHS = [1, 7, 30, 19]
WEIGHTS = [0.5, -1.0, 0.75, 1.25]
# An epsilon of 1e-8 would make a whole step of a gradient that is rounding error, of either sign.
STEPS = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-2)
DECAY = 0.01
PLAIN = dict(middle=1.0, spread=1.0)

MODERN = dict(
    vocab_size=WORDS, hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
    intermediate_size=40, max_position_embeddings=32, local_attention=8, pad_token_id=0,
    bos_token_id=2, cls_token_id=2, eos_token_id=3, sep_token_id=3)
ELECTRA = dict(
    vocab_size=WORDS, hidden_size=48, embedding_size=16, num_hidden_layers=5,
    num_attention_heads=3, intermediate_size=40, max_position_embeddings=32)
DISTIL = dict(
    vocab_size=WORDS, dim=48, n_layers=5, n_heads=3, hidden_dim=40, max_position_embeddings=32)
BERT = dict(
    vocab_size=WORDS, hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
    intermediate_size=40, max_position_embeddings=32)
ROBERTA = dict(
    BERT, max_position_embeddings=34, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5)
# Long enough for the last bucket of distances.
MPNET = dict(BERT, max_position_embeddings=152, pad_token_id=1, layer_norm_eps=1e-5)

# Sequences beyond the distances with a row of their own, and beyond the last bucket.
DEBERTA = dict(
    vocab_size=WORDS, hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
    intermediate_size=40, max_position_embeddings=152, relative_attention=True,
    position_buckets=16, max_relative_positions=-1, pos_att_type=["p2c", "c2p"],
    share_att_key=True, norm_rel_ebd="layer_norm", position_biased_input=False,
    type_vocab_size=0, pad_token_id=0, layer_norm_eps=1e-7)

# A name, a class of transformers, and the keys that differ from its defaults.
MODELS = [
    ("ModernBERT, first token, no biases", "ModernBert", MODERN),
    ("ModernBERT, mean, every bias, layers in no order, an odd window", "ModernBert", dict(
        MODERN, hidden_size=24, num_attention_heads=4, num_hidden_layers=4, local_attention=7,
        layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": 900.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}},
        classifier_pooling="mean", attention_bias=True, mlp_bias=True, norm_bias=True,
        classifier_bias=True, norm_eps=1e-3, hidden_activation="gelu_pytorch_tanh",
        classifier_activation="relu")),
    ("ModernBERT, one layer, SiLU", "ModernBert", dict(
        MODERN, num_hidden_layers=1, hidden_activation="silu", classifier_activation="silu")),
    ("ModernBERT, old keys", "ModernBert", dict(
        MODERN, num_hidden_layers=4, local_attention=4, classifier_pooling="mean")),
    ("ELECTRA, narrow embeddings", "Electra", ELECTRA),
    ("ELECTRA, one layer, embeddings as wide as layers", "Electra", dict(
        ELECTRA, embedding_size=48, num_hidden_layers=1, type_vocab_size=1, hidden_act="relu",
        layer_norm_eps=1e-3)),
    ("DistilBERT", "DistilBert", DISTIL),
    ("DistilBERT, one layer, positions of sines, ReLU", "DistilBert", dict(
        DISTIL, n_layers=1, sinusoidal_pos_embds=True, activation="relu")),
    # With most other widths the tokens of these are nearly equal in the last layer, and gradients of
    # queries are differences of nearly equal numbers.
    ("BERT", "Bert", dict(BERT, intermediate_size=36)),
    ("BERT, one layer, one token type, ReLU", "Bert", dict(
        BERT, num_hidden_layers=1, type_vocab_size=1, hidden_act="relu", layer_norm_eps=1e-3)),
    ("XLM-RoBERTa", "XLMRoberta", dict(ROBERTA, intermediate_size=20)),
    ("RoBERTa, one layer, GELU by tanh", "Roberta", dict(
        ROBERTA, num_hidden_layers=1, hidden_act="gelu_new", layer_norm_eps=1e-3)),
    ("CamemBERT, one layer, ReLU", "Camembert", dict(
        ROBERTA, num_hidden_layers=1, hidden_act="relu")),
    ("MPNet", "MPNet", MPNET),
    ("MPNet, one layer, ReLU", "MPNet", dict(
        MPNET, num_hidden_layers=1, hidden_act="relu", layer_norm_eps=1e-3)),
]
DEBERTAS = [
    ("DeBERTa, both products with positions, shared projections", "DebertaV2", DEBERTA),
    ("DeBERTa, both, as a text, separate projections, distances, no norm", "DebertaV2", dict(
        DEBERTA, pos_att_type="p2c|c2p", share_att_key=False, position_buckets=-1,
        max_relative_positions=40, norm_rel_ebd="none")),
    ("DeBERTa, c2p, shared", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=1, pos_att_type="c2p", pooler_hidden_act="tanh")),
    ("DeBERTa, c2p, separate, distances up to the last position", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=2, pos_att_type=["c2p"], share_att_key=False,
        position_buckets=-1)),
    ("DeBERTa, p2c, shared, distances, ReLU", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=1, pos_att_type=["p2c"], position_buckets=-1,
        max_relative_positions=20, hidden_act="relu", layer_norm_eps=1e-3)),
    ("DeBERTa, p2c, separate, buckets up to a maximum, types", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=2, pos_att_type="p2c", share_att_key=False,
        position_buckets=8, max_relative_positions=50, type_vocab_size=2)),
    ("DeBERTa, no products with positions, positions in the embeddings", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=2, relative_attention=False, pos_att_type=None,
        position_biased_input=True, norm_rel_ebd="none", type_vocab_size=2)),
    ("DeBERTa, narrow embeddings, positions, buckets up to 512", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=2, embedding_size=16, position_biased_input=True,
        position_buckets=200, max_relative_positions=512, pooler_hidden_act="relu")),
    ("DeBERTa, convolution", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=2, conv_kernel_size=3, conv_act="gelu")),
    ("DeBERTa, one layer, wide convolution, tanh", "DebertaV2", dict(
        DEBERTA, num_hidden_layers=1, conv_kernel_size=5)),
]
OWN_ATTENTION = ["MPNet", "DebertaV2"]
OLD = {
    "global_attn_every_n_layers": 2, "global_rope_theta": 700.0, "local_rope_theta": 30.0,
    "position_embedding_type": "sans_pos", "reference_compile": None,
}


def sequence_of_numbers():
    state = 2026
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 40) / 2**24 - 0.5


def configuration(name, prefix, keys):
    """The configuration, and the members of the file that states it."""
    kind = getattr(transformers, prefix + "Config")
    keys = dict(keys, num_labels=1, attn_implementation="eager")
    if "old keys" not in name:
        config = kind(**keys)
        return config, json.loads(config.to_json_string())
    config = kind(**keys, **{k: v for k, v in OLD.items() if v is not None})
    members = json.loads(config.to_json_string())
    assert members["layer_types"] == ["full_attention", "sliding_attention"] * 2
    assert members["rope_parameters"]["full_attention"]["rope_theta"] == 700
    del members["layer_types"], members["rope_parameters"]
    return config, dict(members, **OLD)


def is_factor(name):
    return name.endswith(("orm.weight", "_ln.weight"))


def values_of(name, parameter, numbers, weights):
    middle = weights["middle"] if is_factor(name) else 0.0
    return torch.tensor(
        [middle + weights["spread"] * next(numbers) for _ in range(parameter.numel())])


def fill(model, weights=PLAIN):
    numbers = sequence_of_numbers()
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            # Files hold float32.
            values = values_of(name, parameter, numbers, weights)
            parameter.copy_(values.float().double().reshape(parameter.shape))


def rounded(values):
    return [float(f"{value:.10g}") for value in values]


def summary(tensor):
    values = tensor.detach().flatten()
    numbers = sequence_of_numbers()
    direction = torch.tensor([next(numbers) for _ in range(len(values))])
    places = [0, len(values) // 3, len(values) - 1]
    return rounded(
        [values.norm().item(), values.dot(direction).item(), *(values[i].item() for i in places)])


def computed(name, prefix, keys, weights=PLAIN):
    config, members = configuration(name, prefix, keys)
    # float32 softmax is part of the eager attention of some, sdpa computes all in float64. Others have
    # only their own, in the precision of the model, and sdpa has no bounds of scores, as Gemma 2 needs.
    if prefix not in OWN_ATTENTION + ["Gemma2"]:
        config._attn_implementation = "sdpa"
    model = getattr(transformers, prefix + "ForSequenceClassification")(config).double().eval()
    # Rotations and positions of sines are made in float32 and may be trained or not.
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    fill(model, weights)
    has_types = getattr(config, "type_vocab_size", 1) > 1
    # Without the padding token, whose row transformers does not train and whose position it skips.
    first = config.pad_token_id + 1
    lengths = [1, 7, 150, 19] if prefix in OWN_ATTENTION else LENGTHS
    sequences = [
        [(s * 13 + i * 7 + 1) % (WORDS - first) + first for i in range(n)]
        for s, n in enumerate(lengths)]
    types = [[int(has_types and i > n // 2) for i in range(n)] for n in lengths]

    def logits(ids, kinds, mask):
        more = {"token_type_ids": torch.tensor(kinds)} if has_types else {}
        return model(
            input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask), **more).logits[:, 0]

    made = measured(name, members, model, logits, sequences, types, config.pad_token_id)
    return made if weights is PLAIN else dict(made, weights=weights)


def measured(name, members, model, logits, sequences, types, padding):
    """What is stated of a model, whose logits are a function of ids, types and a mask."""
    def scores():
        return torch.cat([logits([s], [t], [[1] * len(s)]) for s, t in zip(sequences, types)])

    lengths = [len(s) for s in sequences]
    longest = max(lengths)
    padded = logits(
        [s + [padding] * (longest - len(s)) for s in sequences],
        [t + [0] * (longest - len(t)) for t in types],
        [[1] * n + [0] * (longest - n) for n in lengths])
    found = scores()
    assert (padded - found).abs().max() < 1e-9, (padded, found)
    parameters = dict(sorted(model.named_parameters()))
    before = {n: p.detach().clone() for n, p in parameters.items()}
    optimizer = torch.optim.AdamW([
        dict(params=[p for p in parameters.values() if p.dim() > 1], weight_decay=DECAY),
        dict(params=[p for p in parameters.values() if p.dim() == 1], weight_decay=0.0),
    ], **STEPS)
    gradients = {}
    for step in range(3):
        optimizer.zero_grad()
        (scores() * torch.tensor(WEIGHTS)).sum().backward()
        if step == 0:
            gradients = {n: summary(p.grad) for n, p in parameters.items()}
        optimizer.step()
    return {
        "name": name, "config": members,
        "shapes": {n: list(p.shape) for n, p in parameters.items()},
        "sequences": sequences, "types": types, "logits": rounded(found.tolist()),
        "gradients": gradients,
        "steps": {n: summary(p - before[n]) for n, p in parameters.items()},
        "stepped": rounded(scores().tolist()),
    }


if __name__ == "__main__":
    models = DEBERTAS if sys.argv[1:] == ["DebertaV2"] else MODELS
    print(json.dumps([computed(*model) for model in models]))
