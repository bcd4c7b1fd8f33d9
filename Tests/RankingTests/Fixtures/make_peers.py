"""Writes peers.json: values of losses by other libraries, on random lists.

    python make_peers.py > peers.json

Made with allRank 1.4.3 (torch 2.15.0) and Rax 0.4.0 (jax 0.10.2, 64 bits), where they define the
same thing as this library. Each case says by what number the other's
value is to be multiplied, and why, in the comments below. allRank's package imports its data
loading, of which nothing is needed here: what that would import is replaced by stubs.
"""
import json, sys
from unittest.mock import MagicMock

for name in ("torchvision", "torchvision.transforms", "gcsfs"):
    sys.modules[name] = MagicMock()
import torch
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import rax
import allrank.models.losses as allrank

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
L, N = 4, 7
scores = torch.randn(L, N) * 1.5
labels = torch.randint(0, 4, (L, N)).double()
# Distinct labels, where a library draws the order of ties at random.
distinct = torch.stack([torch.randperm(N).double() for _ in range(L)])
cases = []


def add(loss, peer, value, labels, options={}, times=1.0):
    cases.append({"loss": loss, "options": options, "peer": peer, "labels": labels.flatten().tolist(),
                  "value": float(value) * times})


def pairs(y):
    """How many pairs of a list have y_i > y_j, for each list."""
    return (y[:, :, None] > y[:, None, :]).sum((1, 2)).double()


a = "allRank 1.4.3"
# Sums over lists, where this library has the mean. (Its ndcgLoss1 takes all pairs, y_i <= y_j too.)
for scheme, name in (("ndcgLoss2_scheme", "ndcg2"), ("lambdaRank_scheme", "lambdarank"),
                     ("ndcgLoss2PP_scheme", "ndcg2pp")):
    add(name, a, allrank.lambdaLoss(scores, labels, eps=1e-300, weighing_scheme=scheme,
                                    reduction_log="natural"), labels, times=1 / L)
add("listmle", a, allrank.listMLE(scores, distinct, eps=0.0), distinct)
add("softmax", a, allrank.listNet(scores, labels, eps=0.0), labels)
add("ranknet", a, allrank.rankNet(scores, labels), labels)
# Its losses are -nDCG, and work in 32 bits only.
torch.set_default_dtype(torch.float32)
single = scores.float(), labels.float()
add("neuralndcg", a, 1 + allrank.neuralNDCG(*single), labels)
add("neuralndcg", a, 1 + allrank.neuralNDCG_transposed(*single), labels, {"form": "transposed"})
torch.set_default_dtype(torch.float64)

# Rax gives a pairwise loss's sum over pairs on request; this library has the mean over all of them.
r = "Rax 0.4.0"
s, y, z = (jnp.array(x.numpy()) for x in (scores, labels, distinct))
for name, loss in (("ranknet", rax.pairwise_logistic_loss), ("hinge", rax.pairwise_hinge_loss),
                   ("soft_zero_one", rax.pairwise_soft_zero_one_loss)):
    add(name, r, jnp.sum(loss(s, y, reduce_fn=jnp.sum)), labels, times=1 / float(pairs(labels).sum()))
add("listmle", r, rax.listmle_loss(s, z), distinct)
# Rax's gains are labels unless it is told otherwise.
add("unique_softmax", r, rax.unique_softmax_loss(s, y, gain_fn=lambda y: 2.0 ** y - 1), labels)
# Rax takes the target as it is: here as shares of the sum.
shares = y / y.sum(-1, keepdims=True)
add("softmax", r, rax.softmax_loss(s, shares), labels, {"target": "proportional"})
add("poly1", r, rax.poly1_softmax_loss(s, shares, epsilon=2.0), labels,
    {"target": "proportional", "epsilon": 2})
add("mse", r, rax.pointwise_mse_loss(s, y), labels)
add("bce", r, rax.pointwise_sigmoid_loss(s, (y > 0) * 1.0), labels)

print(json.dumps({"lists": L, "items": N, "scores": scores.flatten().tolist(), "cases": cases}))
