#!/usr/bin/env python3
"""Writes whole_model.json: what PyTorch computes of the handwritten test model in float64.

    python make_whole_model.py > whole_model.json

Made with torch 2.15.0 and transformers 5.24.0 on a CPU, one thread; no random numbers, no
downloads. The model is that of Tests/TestSupport/HandwrittenModel.swift, built here from the same
sequence of numbers and run by transformers' BertForSequenceClassification without dropout; losses
are written out from their definitions; the optimizer is torch.optim.AdamW. README.md beside this
file says what the members of whole_model.json are.

On standard error it prints how far the same computation is from these values where PyTorch
does it in float32, and with products in bfloat16: the tolerances of WholeModelTests.swift come
from there.
"""

import json
import sys

import torch
from torch.nn import functional as F
from transformers import BertConfig, BertForSequenceClassification

torch.set_num_threads(1)

TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] how to restore a file trash is ##s open the menu water boil "
    "##ing cat dog , . ? delete ##d").split()
MAXIMUM = 18  # the longest pair in tokens: two of the documents are truncated

# A query and its documents with their grades, as tokens.
LISTS = [
    ("how to restore a file ?", [
        ("open the trash menu , restore the file ##s", 3),
        ("delete ##d file ##s", 1),
        ("boil ##ing water", 0),
        ("the cat is open , the dog is a cat ##s dog . how is the cat ? open the menu", 0),
        ("trash", 2)]),
    ("boil water", [
        ("how to boil water : a cat ##s menu".replace(":", "."), 2),
        ("the dog is boil ##ing", 1),
        ("delete the menu ?", 0)]),
    ("is the dog a cat ?", [
        ("dog , cat", 1),
        ("a dog is a dog . a cat is a cat . the dog is the cat ##s dog , the cat is delete ##d", 3),
        ("open file", 0),
        ("water", 0),
        ("to restore the dog , boil a cat", 2),
        ("menu ##s", 1)]),
    ("delete", [
        ("open the file menu , delete ##d", 1),
        ("trash ##s", 2),
        ("how to restore to", 0),
        ("cat", 0)]),
]

# The lists of each step of the optimizer, by batches whose mean gradients are averaged.
STEPS = [
    {"rate": 1e-2, "batches": [[0, 1]]},
    {"rate": 5e-3, "batches": [[2, 3]]},
    {"rate": 2e-3, "batches": [[0, 1], [2, 3]]},
]
OPTIONS = {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-4, "weight_decay": 0.1, "clip": 1.0}


def sequence_of_numbers():
    state = 2026
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 40) / 2**24 - 0.5


def names_in_order():
    names = ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
             "embeddings.token_type_embeddings.weight", "embeddings.LayerNorm.weight",
             "embeddings.LayerNorm.bias"]
    for layer in range(2):
        parts = ["attention.self.query", "attention.self.key", "attention.self.value",
                 "attention.output.dense", "intermediate.dense", "output.dense",
                 "attention.output.LayerNorm", "output.LayerNorm"]
        names += [f"encoder.layer.{layer}.{part}.{kind}"
                  for part in parts for kind in ("weight", "bias")]
    names = ["bert." + name for name in names + ["pooler.dense.weight", "pooler.dense.bias"]]
    return names + ["classifier.weight", "classifier.bias"]


def handwritten(dtype):
    config = BertConfig(
        vocab_size=len(TOKENS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=24, num_labels=1)
    model = BertForSequenceClassification(config).to(dtype).eval()
    own, numbers = dict(model.named_parameters()), sequence_of_numbers()
    assert set(own) == set(names_in_order())
    with torch.no_grad():
        for name in names_in_order():
            middle = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            # The program's weights are float32: the sum is rounded once, as there.
            values = [(torch.tensor(middle + next(numbers))) for _ in range(own[name].numel())]
            own[name].copy_(torch.stack(values).float().to(dtype).reshape(own[name].shape))
    return model


def text(tokens):
    return tokens.replace(" ##", "")


def pair(query, document):
    """Ids and types of [CLS] query [SEP] document [SEP]; the document, always the longer one where
    a pair is too long, is truncated."""
    query, document = ([TOKENS.index(t) for t in part.split()] for part in (query, document))
    room = MAXIMUM - 3 - len(query)
    if len(document) > room:
        assert room > len(query)
    document = document[:room]
    return ([2] + query + [3] + document + [3], [0] * (len(query) + 2) + [1] * (len(document) + 1))


def scores(model, query, documents):
    logits = []
    for document, _ in documents:
        ids, types = pair(query, document)
        logits.append(model(
            input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits[0, 0])
    return torch.stack(logits)


def gap(x):
    return x[:, None] - x[None, :]


def gains(y):
    return 2 ** y - 1


def ideal(y):
    g = gains(y).sort(descending=True)[0]
    return (g / torch.log2(torch.arange(len(g)) + 2.0)).sum()


def mean(values):
    return torch.stack(values).mean()


def bce(s, y):
    return F.binary_cross_entropy_with_logits(torch.cat(s), (torch.cat(y) > 0).to(s[0].dtype))


def mse(s, y):
    return ((torch.cat(s) - torch.cat(y)) ** 2).mean()


def ranknet(s, y):
    """The mean over all pairs of the batch with y_i > y_j."""
    losses = [F.softplus(-gap(a))[gap(b) > 0] for a, b in zip(s, y)]
    return torch.cat(losses).mean()


def softmax(s, y):
    return mean([-(torch.softmax(b, 0) * torch.log_softmax(a, 0)).sum() for a, b in zip(s, y)])


def listmle(s, y):
    def one(a, b):
        t = a[torch.argsort(-b, stable=True)]
        return (torch.logcumsumexp(t.flip(0), 0).flip(0) - t).sum()
    return mean([one(a, b) for a, b in zip(s, y)])


def lambdarank(s, y):
    def one(a, b):
        rank = torch.argsort(torch.argsort(-a.detach(), stable=True), stable=True) + 1.0
        weights = (gap(1 / torch.log2(1 + rank)) * gap(gains(b))).abs() / ideal(b)
        return (weights * (gap(b) > 0) * F.softplus(-gap(a))).sum()
    return mean([one(a, b) for a, b in zip(s, y)])


def approxndcg(s, y):
    def one(a, b):
        rank = 0.5 + torch.sigmoid(-10 * gap(a)).sum(1)
        return 1 - (gains(b) / torch.log2(1 + rank)).sum() / ideal(b)
    return mean([one(a, b) for a, b in zip(s, y)])


LOSSES = {f.__name__: f for f in (bce, mse, ranknet, softmax, listmle, lambdarank, approxndcg)}


def evaluated(model, loss, numbers):
    """The loss of some lists and its scores, which keep their gradient."""
    dtype = next(model.parameters()).dtype
    s = [scores(model, *LISTS[i]).to(dtype) for i in numbers]
    for values in s:
        values.retain_grad()
    y = [torch.tensor([float(grade) for _, grade in LISTS[i][1]], dtype=dtype) for i in numbers]
    return loss(s, y), s


def places(count):
    return [0, count // 3, count - 1]


def summary(tensor):
    """The length, the scalar product with a sequence of numbers from -0.5 to 0.5, three values."""
    values = tensor.detach().double().flatten()
    numbers = sequence_of_numbers()
    direction = torch.tensor([next(numbers) for _ in range(len(values))], dtype=torch.float64)
    return [values.norm().item(), values.dot(direction).item(),
            *(values[i].item() for i in places(len(values)))]


def reference(dtype, autocast=False):
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        return computed(dtype)


def computed(dtype):
    torch.set_default_dtype(dtype if dtype == torch.float64 else torch.float32)
    everything = range(len(LISTS))
    model = handwritten(dtype)
    result = {"losses": {}, "steps": []}
    for name, loss in LOSSES.items():
        model.zero_grad()
        value, s = evaluated(model, loss, everything)
        value.backward()
        result["losses"][name] = {
            "value": value.item(),
            "score_gradient": [x for values in s for x in values.grad.tolist()],
            "gradients": {name: summary(p.grad) for name, p in model.named_parameters()},
        }
    result["logits"] = [x for values in s for x in values.tolist()]

    parameters = dict(model.named_parameters())
    spared = [p for n, p in parameters.items() if n.endswith("bias") or "LayerNorm" in n]
    others = [p for n, p in parameters.items() if not (n.endswith("bias") or "LayerNorm" in n)]
    optimizer = torch.optim.AdamW(
        [{"params": others, "weight_decay": OPTIONS["weight_decay"]},
         {"params": spared, "weight_decay": 0.0}],
        lr=0.0, betas=(OPTIONS["beta1"], OPTIONS["beta2"]), eps=OPTIONS["epsilon"])
    for step in STEPS:
        optimizer.zero_grad()
        values = []
        for batch in step["batches"]:
            value, _ = evaluated(model, softmax, batch)
            (value / len(step["batches"])).backward()
            values.append(value.item())
        norm = torch.stack([p.grad.norm() for p in parameters.values()]).norm()
        for p in parameters.values():
            p.grad *= min(1.0, OPTIONS["clip"] / norm.item())
        for group in optimizer.param_groups:
            group["lr"] = step["rate"]
        optimizer.step()
        with torch.no_grad():
            after = [x for i in everything for x in scores(model, *LISTS[i]).tolist()]
        result["steps"].append({
            **step, "losses": values, "norm": norm.item(), "scores_after": after,
            "parameters": {name: summary(p) for name, p in parameters.items()},
        })
    return result


def deviations(found, expected):
    """How far values are from the reference, in the units of WholeModelTests.swift."""
    def worst(a, b):
        return max(abs(x - y) for x, y in zip(a, b))

    lines = {"logits": worst(found["logits"], expected["logits"])}
    for name, loss in expected["losses"].items():
        other = found["losses"][name]
        longest = max(values[0] for values in loss["gradients"].values())
        lines[name] = {
            "value": abs(other["value"] - loss["value"]) / abs(loss["value"]),
            "score gradient": worst(other["score_gradient"], loss["score_gradient"]),
            "gradients, by the longest": max(
                worst(other["gradients"][n], values) for n, values in loss["gradients"].items())
            / longest,
            "by their own length": max(
                worst(other["gradients"][n], values) / values[0]
                for n, values in loss["gradients"].items() if values[0] > 1e-6),
        }
    for number, (step, other) in enumerate(zip(expected["steps"], found["steps"]), 1):
        lines[f"step {number}"] = {
            "norm": abs(other["norm"] - step["norm"]) / step["norm"],
            "scores": worst(other["scores_after"], step["scores_after"]),
            "parameters": max(
                worst(other["parameters"][n], values) for n, values in step["parameters"].items()),
            "parameters but key biases and the score's": max(
                worst(other["parameters"][n], values) for n, values in step["parameters"].items()
                if not n.endswith("key.bias") and n != "classifier.bias"),
        }
    return lines


expected = reference(torch.float64)
for name, found in [("float32", reference(torch.float32)),
                    ("bfloat16", reference(torch.float32, autocast=True))]:
    print(name, json.dumps(deviations(found, expected), indent=1), file=sys.stderr)
print(json.dumps({
    "maximum_length": MAXIMUM,
    "lists": [{
        "query": text(query), "documents": [text(d) for d, _ in documents],
        "labels": [grade for _, grade in documents],
        "ids": [pair(query, d)[0] for d, _ in documents],
        "types": [pair(query, d)[1] for d, _ in documents],
    } for query, documents in LISTS],
    "options": OPTIONS,
    **expected,
}))
