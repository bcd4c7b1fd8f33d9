#!/usr/bin/env python3
"""Writes modular.json: rerankers of several modules, as sentence-transformers saves them, and what
transformers and plain modules of torch compute of them in float64.

    python make_modular.py > modular.json

Made with torch 2.15.0, transformers 5.24.0 and sentence-transformers 6.2.0 on a CPU, one thread; no
downloads. Weights come from the sequence of numbers below, tensor by tensor in the order of
FOLDER/NAME, so that the file holds none. Of every model it has:

- files: the JSON files of the saved model, by name;
- shapes: the tensors by FOLDER/NAME, those of the encoder by their names alone;
- sequences, types: token ids, one sequence after the other without padding;
- logits: one a sequence; sentence-transformers' own CrossEncoder gives the same in float32;
- folded: the logits of the family's classifier of transformers with the folded head, which are the
  same; null where it cannot compute the head;
- gradients: of the sum of 0.5, -1, 0.75, 1.25, ... times the logits, by every tensor that has one: the
  length, the scalar product with the sequence of numbers, and the values at 0, count / 3 and count - 1.
"""

import contextlib
import json
import os
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling
from tokenizers import Tokenizer, models

torch.set_num_threads(1)
WORDS = 40
LENGTHS = [1, 7, 30, 19]
WEIGHTS = [0.5, -1.0, 0.75, 1.25]

MODERN = dict(
    vocab_size=WORDS, hidden_size=48, num_hidden_layers=4, num_attention_heads=3,
    intermediate_size=40, max_position_embeddings=32, local_attention=8, pad_token_id=0,
    bos_token_id=2, cls_token_id=2, eos_token_id=3, sep_token_id=3)
SMALL = dict(
    vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
    intermediate_size=20, max_position_embeddings=32)


def dense(inputs, outputs, activation, **more):
    return Dense(inputs, outputs, activation_function=activation, **more)


def score(inputs, **more):
    return dense(inputs, 1, torch.nn.Identity(), module_output_name="scores", **more)


# A name, a prefix of classes in transformers, keys of the encoder, the modules after it, and the keys
# of the family's classifier that computes the head, if it can.
MODELS = [
    ("ModernBERT, first token, GELU and a norm", "ModernBert", MODERN, lambda: [
        Pooling(48, "cls"), dense(48, 48, torch.nn.GELU(), bias=False), LayerNorm(48), score(48)],
     {}),
    ("ModernBERT, mean, every bias, ReLU", "ModernBert", dict(
        MODERN, num_hidden_layers=1, attention_bias=True, mlp_bias=True, norm_bias=True), lambda: [
        Pooling(48, "mean"), dense(48, 48, torch.nn.ReLU()), LayerNorm(48), score(48, bias=False)],
     dict(classifier_pooling="mean", classifier_activation="relu", classifier_bias=True)),
    ("ModernBERT, largest values, other widths", "ModernBert", dict(
        MODERN, num_hidden_layers=2), lambda: [
        Pooling(48, "max"), LayerNorm(48), dense(48, 10, torch.nn.SiLU()),
        dense(10, 7, torch.nn.Tanh()), LayerNorm(7), dense(7, 5, torch.nn.Identity()), score(5)],
     None),
    ("BERT, first token, GELU and a norm", "Bert", SMALL, lambda: [
        Pooling(24, "cls"), dense(24, 24, torch.nn.GELU(), bias=False), LayerNorm(24), score(24)],
     None),
    ("ELECTRA, first token, GELU", "Electra", dict(SMALL, embedding_size=8), lambda: [
        Pooling(24, "cls"), dense(24, 24, torch.nn.GELU()), score(24)], {}),
    ("DistilBERT, mean, one layer", "DistilBert", dict(
        vocab_size=WORDS, dim=24, n_layers=1, n_heads=3, hidden_dim=20,
        max_position_embeddings=32), lambda: [Pooling(24, "mean"), score(24)], None),
]
# Where a classifier of transformers has the layers of modules, in their order.
PLACES = {
    "ModernBert": ["head.dense", "head.norm", "classifier"],
    "Electra": ["classifier.dense", "classifier.out_proj"],
}


def sequence_of_numbers():
    state = 2026
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 40) / 2**24 - 0.5


def summary(tensor):
    values = tensor.detach().flatten()
    numbers = sequence_of_numbers()
    direction = torch.tensor([next(numbers) for _ in range(len(values))], dtype=torch.float64)
    places = [0, len(values) // 3, len(values) - 1]
    return [values.norm().item(), values.dot(direction).item(), *(values[i].item() for i in places)]


def saved(prefix, keys, modules, folder):
    """Saves a reranker and gives its weights the numbers' values; returns them by FOLDER/NAME."""
    encoder = folder + "/encoder"
    config = getattr(transformers, prefix + "Config")(**keys)
    getattr(transformers, prefix + "Model")(config).save_pretrained(encoder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + [f"w{i}" for i in range(4, WORDS)]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, "[UNK]"))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=32).save_pretrained(encoder)
    model = folder + "/model"
    CrossEncoder(modules=[Transformer(encoder), *modules]).save_pretrained(model)
    names = sorted(
        os.path.relpath(os.path.join(top, file), model)
        for top, _, files in os.walk(model) for file in files if file == "model.safetensors")
    tensors = {}
    for name in names:
        own = os.path.dirname(name)
        for tensor, values in load_file(f"{model}/{name}").items():
            tensors[f"{own}/{tensor}" if own else tensor] = values
    numbers = sequence_of_numbers()
    for name, values in sorted(tensors.items()):
        middle = 1.0 if name.endswith("orm.weight") else 0.0
        # Files hold float32.
        made = [middle + next(numbers) for _ in range(values.numel())]
        tensors[name] = torch.tensor(made, dtype=torch.float64).float().reshape(values.shape)
    for name in names:
        own = os.path.dirname(name)
        save_file(
            {n.rsplit("/", 1)[-1]: v for n, v in tensors.items() if os.path.dirname(n) == own},
            f"{model}/{name}", {"format": "pt"})
    return model, dict(sorted(tensors.items()))


def files(model):
    found = {}
    for top, _, names in os.walk(model):
        for name in names:
            path = os.path.relpath(os.path.join(top, name), model)
            if name.endswith(".json") and "token" not in name:
                with open(os.path.join(top, name), encoding="utf-8") as file:
                    found[path] = json.load(file)
    found["config_sentence_transformers.json"].pop("__version__")
    return dict(sorted(found.items()))


def head_scores(rows, modules, weights):
    """The modules after pooling, by functions of torch."""
    functions = {
        "GELU": torch.nn.functional.gelu, "ReLU": torch.relu, "SiLU": torch.nn.functional.silu,
        "Tanh": torch.tanh, "Identity": lambda x: x}
    for number, module in enumerate(modules[1:], 2):
        own = f"{number}_{type(module).__name__}"
        if isinstance(module, LayerNorm):
            rows = torch.nn.functional.layer_norm(
                rows, rows.shape[-1:], weights[own + "/norm.weight"], weights[own + "/norm.bias"],
                1e-5)
        else:
            rows = torch.nn.functional.linear(
                rows, weights[own + "/linear.weight"], weights.get(own + "/linear.bias"))
            rows = functions[type(module.activation_function).__name__](rows)
    return rows[:, 0]


def pooled(states, mode):
    return {"cls": states[:, 0], "mean": states.mean(1), "max": states.max(1).values}[mode]


def folded(prefix, keys, more, modules, weights, scores_of):
    """The logits of the family's classifier."""
    config = getattr(transformers, prefix + "Config")(**keys, **more, num_labels=1)
    config._attn_implementation = "sdpa"
    model = getattr(transformers, prefix + "ForSequenceClassification")(config).double().eval()
    state = model.state_dict()
    base = model.base_model_prefix + "."
    for name, values in weights.items():
        if "/" not in name:
            state[base + name] = values
    shift = None
    for place, (number, module) in zip(PLACES[prefix], enumerate(modules[1:], 2)):
        own = f"{number}_{type(module).__name__}"
        kind = "norm" if isinstance(module, LayerNorm) else "linear"
        weight, bias = (weights.get(f"{own}/{kind}.{part}") for part in ("weight", "bias"))
        assert state[place + ".weight"].shape == weight.shape
        state[place + ".weight"] = weight
        if place + ".bias" in state:
            total = torch.zeros(len(weight), dtype=torch.float64) if bias is None else bias
            state[place + ".bias"] = total if shift is None else total + weight @ shift
            shift = None
        else:
            assert kind == "norm" or bias is None
            shift = bias
    assert shift is None
    model.load_state_dict(state)
    return scores_of(lambda **inputs: model(**inputs).logits[:, 0]).tolist()


def computed(name, prefix, keys, make, classifier, folder):
    model, tensors = saved(prefix, keys, make(), folder)
    modules = make()
    encoder = getattr(transformers, prefix + "Model").from_pretrained(
        model, attn_implementation="sdpa", dtype=torch.float64).eval()
    weights = {n: v.double().requires_grad_(True) for n, v in tensors.items()}
    # Rotations and positions may be trained or not.
    own = dict(encoder.named_parameters())
    for parameter in own.values():
        parameter.requires_grad_(True)
    has_types = getattr(encoder.config, "type_vocab_size", 1) > 1
    sequences = [
        [(s * 13 + i * 7 + 1) % (WORDS - 1) + 1 for i in range(n)] for s, n in enumerate(LENGTHS)]
    types = [[int(has_types and i > n // 2) for i in range(n)] for n in LENGTHS]

    def scores_of(run):
        scores = []
        for ids, kinds in zip(sequences, types):
            more = {"token_type_ids": torch.tensor([kinds])} if has_types else {}
            inputs = dict(
                input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)).long(), **more)
            scores.append(run(**inputs))
        return torch.cat(scores)

    logits = scores_of(lambda **inputs: head_scores(
        pooled(encoder(**inputs).last_hidden_state, modules[0].pooling_mode), modules, weights))
    (logits * torch.tensor(WEIGHTS)).sum().backward()
    theirs = CrossEncoder(model, device="cpu").eval()
    with torch.no_grad():
        found = scores_of(lambda **inputs: theirs(dict(inputs))["scores"][:, 0])
    assert (found - logits).abs().max() < 1e-4, (found, logits)
    plain = None
    if classifier is not None:
        with torch.no_grad():
            plain = folded(prefix, keys, classifier, modules, weights, scores_of)
        assert (torch.tensor(plain, dtype=torch.float64) - logits).abs().max() < 1e-12
    gradients = {
        n: own[n].grad if n in own else weights[n].grad for n in tensors}
    return {
        "name": name, "files": files(model),
        "shapes": {n: list(v.shape) for n, v in tensors.items()},
        "sequences": sequences, "types": types, "logits": logits.tolist(), "folded": plain,
        "gradients": {n: summary(g) for n, g in gradients.items() if g is not None},
    }


made = []
with contextlib.redirect_stdout(sys.stderr):
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            made.append(computed(*model, folder))
print(json.dumps(made))
