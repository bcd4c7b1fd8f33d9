"""Writes losses.json: values and score gradients of losses with their options, by PyTorch autograd.

    python make_losses.py > losses.json        (made with torch 2.15.0, float64, seed 7)

Each loss is written out here from its published definition, list by list, with matrices of all
pairs: nothing is shared with the library's streaming forms. Lambda weights are detached.
"""
import itertools, json, math, torch
from torch.nn import functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
sizes = [1, 2, 5, 9, 14]
scores = torch.randn(sum(sizes)) * 1.5
labels = torch.randint(0, 4, (sum(sizes),)).double()
labels[3:8] = torch.tensor([0.0, 2.5, -1.0, 0.0, 2.5])
item_weights = torch.rand(sum(sizes)) * 2 + 0.1
list_weights = torch.rand(len(sizes)) + 0.5
mask = torch.ones(sum(sizes), dtype=torch.bool)
mask[[4, 9, 20]] = False
bounds = [0] + list(itertools.accumulate(sizes))


def gains(y):
    return 2 ** y.clamp_min(0) - 1


def ideal(g, k):
    top = torch.sort(g, descending=True)[0][:k]
    return (top / torch.log2(torch.arange(len(top)) + 2.0)).sum()


def bce(s, y, w, o, top_label):
    if o.get("labels") == "graded":
        t = (y / (o.get("max_label") or top_label)).clamp(0, 1)
    else:
        t = (y > o.get("threshold", 0)).double()
    e = o.get("label_smoothing", 0)
    t = t * (1 - e) + e / 2
    loss = F.binary_cross_entropy_with_logits(
        s, t, reduction="none", pos_weight=torch.tensor(float(o.get("pos_weight", 1))))
    return (w * loss).sum(), w.sum()


def mse(s, y, w, o, top_label):
    x = torch.sigmoid(s) if o.get("activation") == "sigmoid" else s
    kind = o.get("error", "squared")
    loss = {"squared": lambda: F.mse_loss(x, y, reduction="none"),
            "l1": lambda: F.l1_loss(x, y, reduction="none"),
            "smooth_l1": lambda: F.smooth_l1_loss(x, y, reduction="none", beta=o.get("beta", 1))}[kind]()
    return (w * loss).sum(), w.sum()


def ranknet(s, y, w, o, top_label):
    d, gap = s[:, None] - s[None, :], y[:, None] - y[None, :]
    pairs = (gap > 0).double() * w[:, None] * w[None, :]
    loss = F.softplus(-o.get("sigma", 1) * d) * (gap if o.get("weight") == "difference" else 1)
    if o.get("mean") == "lists":
        return ((pairs * loss).sum() / pairs.sum() if pairs.sum() > 0 else s.sum() * 0), torch.tensor(1.0)
    return (pairs * loss).sum(), pairs.sum()


def softmax(s, y, w, o, top_label):
    target = o.get("target", "softmax")
    t = {"softmax": lambda: torch.softmax(y, 0), "proportional": lambda: y.clamp_min(0),
         "binary": lambda: (y > 0).double()}[target]()
    t = t / t.sum() if t.sum() > 0 else t
    return -(w * t * torch.log_softmax(s / o.get("temperature", 1), 0)).sum(), torch.tensor(1.0)


def listmle(s, y, w, o, top_label):
    order = torch.argsort(-y, stable=True)
    t, v = s[order], w[order]
    terms = v * (torch.logcumsumexp(t.flip(0), 0).flip(0) - t)
    return terms[: o.get("top") or None].sum(), torch.tensor(1.0)


def lambdarank(s, y, w, o, top_label):
    n, k = len(s), o.get("truncation") or len(s)
    rank = torch.argsort(torch.argsort(-s, stable=True), stable=True) + 1.0
    d, g, best = 1 / torch.log2(1 + rank), gains(y), ideal(gains(y), k)
    if best == 0:
        return s.sum() * 0, torch.tensor(1.0)
    diff = s[:, None] - s[None, :]
    weight = ((d[:, None] - d[None, :]) * (g[:, None] - g[None, :])).abs() / best
    weight = weight * (y[:, None] > y[None, :]) * (torch.minimum(rank[:, None], rank[None, :]) <= k)
    weight = weight * w[:, None] * w[None, :]
    if o.get("normalize") and s.max() != s.min():
        weight = weight / (0.01 + diff.abs())
    weight, sigma = weight.detach(), o.get("sigma", 1)
    total = (weight * F.softplus(-sigma * diff)).sum()
    if o.get("normalize"):
        lambdas = 2 * (sigma * weight * torch.sigmoid(-sigma * diff)).sum().detach()
        if lambdas > 0:
            total = total * torch.log2(1 + lambdas) / lambdas
    return total / (math.log(2) if o.get("log_base") == "2" else 1), torch.tensor(1.0)


def approxndcg(s, y, w, o, top_label):
    g = w * gains(y)
    if g.sum() == 0:
        return s.sum() * 0 + 1, torch.tensor(1.0)
    rank = 0.5 + torch.sigmoid(o.get("alpha", 10) * (s[None, :] - s[:, None])).sum(1)
    return 1 - (g / torch.log2(1 + rank)).sum() / ideal(g, len(s)), torch.tensor(1.0)


cases = {
    bce: [{}, {"threshold": 1.5}, {"pos_weight": 3}, {"label_smoothing": 0.1}, {"labels": "graded"},
          {"labels": "graded", "max_label": 4, "pos_weight": 0.5, "label_smoothing": 0.2}],
    mse: [{}, {"activation": "sigmoid"}, {"error": "l1"}, {"error": "smooth_l1"},
          {"error": "smooth_l1", "beta": 0.3, "activation": "sigmoid"}],
    ranknet: [{}, {"sigma": 2.5}, {"weight": "difference"}, {"mean": "lists"},
              {"weight": "difference", "mean": "lists", "sigma": 0.5}],
    softmax: [{}, {"temperature": 0.5}, {"target": "proportional"}, {"target": "binary", "temperature": 2}],
    listmle: [{}, {"top": 3}],
    lambdarank: [{}, {"sigma": 2}, {"truncation": 3}, {"normalize": True}, {"log_base": "2"},
                 {"normalize": True, "truncation": 4, "sigma": 1.5, "log_base": "2"}],
    approxndcg: [{}, {"alpha": 1}],
}
out = {"offsets": bounds, "scores": scores.tolist(), "labels": labels.tolist(),
       "itemWeights": item_weights.tolist(), "listWeights": list_weights.tolist(),
       "mask": mask.tolist(), "cases": []}
for function, options in cases.items():
    for o, weighted in itertools.product(options, (False, True)):
        s = scores.clone().requires_grad_()
        sums, masses = 0, 0
        for l, (a, b) in enumerate(zip(bounds, bounds[1:])):
            keep = mask[a:b] if weighted else torch.ones(b - a, dtype=torch.bool)
            if not keep.any():
                continue
            w = item_weights[a:b][keep] if weighted else torch.ones(int(keep.sum()))
            top_label = (labels[mask] if weighted else labels).max()
            part, mass = function(s[a:b][keep], labels[a:b][keep], w, o, top_label)
            sums = sums + part * (list_weights[l] if weighted else 1)
            masses = masses + mass * (list_weights[l] if weighted else 1)
        value = sums / masses
        value.backward()
        out["cases"].append({"loss": function.__name__, "options": o, "weighted": weighted,
                             "value": value.item(), "gradient": s.grad.tolist()})
print(json.dumps(out))
