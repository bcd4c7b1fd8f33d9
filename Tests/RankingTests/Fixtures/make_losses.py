"""Writes losses.json: values and score gradients of losses with their options, by PyTorch autograd.

    python make_losses.py > losses.json        (made with torch 2.15.0, float64, seed 7)

Each loss is written out here from its published definition, list by list, with matrices of all
pairs: nothing is shared with the library's streaming forms. Lambda weights are detached.
"""
import inspect, itertools, json, math, torch
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
    loss = F.softplus(-o.get("sigma", 1) * d) * (gap if o.get("weighting") == "difference" else 1)
    if o.get("mean") == "lists":
        return ((pairs * loss).sum() / pairs.sum() if pairs.sum() > 0 else s.sum() * 0), torch.tensor(1.0)
    return (pairs * loss).sum(), pairs.sum()


def target_of(y, o):
    target = o.get("target", "softmax")
    t = {"softmax": lambda: torch.softmax(y, 0), "proportional": lambda: y.clamp_min(0),
         "binary": lambda: (y > 0).double()}[target]()
    return t / t.sum() if t.sum() > 0 else t


def softmax(s, y, w, o, top_label):
    return (-(w * target_of(y, o) * torch.log_softmax(s / o.get("temperature", 1), 0)).sum(),
            torch.tensor(1.0))


def listmle(s, y, w, o, top_label):
    order = torch.argsort(-y, stable=True)
    t, v = s[order], w[order]
    terms = v * (torch.logcumsumexp(t.flip(0), 0).flip(0) - t)
    return terms[: o.get("top") or None].sum(), torch.tensor(1.0)


def approxndcg(s, y, w, o, top_label):
    g = w * gains(y)
    if g.sum() == 0:
        return s.sum() * 0 + 1, torch.tensor(1.0)
    return 1 - (g / torch.log2(1 + smooth_ranks(s, o))).sum() / ideal(g, len(s)), torch.tensor(1.0)


def pairs_of(y, w):
    """Which pairs have y_i > y_j, times both weights."""
    return (y[:, None] > y[None, :]).double() * w[:, None] * w[None, :]


def over_pairs(loss, pairs):
    return (pairs * loss).sum(), pairs.sum()


def gap(x):
    return x[:, None] - x[None, :]


def hinge(s, y, w, o, top_label):
    return over_pairs(F.relu(o.get("margin", 1) - gap(s)), pairs_of(y, w))


def exponential(s, y, w, o, top_label):
    x, bend = -gap(s), o.get("straight_from", 30)
    bent = math.exp(bend) * (1 + x - bend)
    return over_pairs(torch.where(x > bend, bent, x.clamp_max(bend).exp()), pairs_of(y, w))


def pairwise_mse(s, y, w, o, top_label):
    return over_pairs((gap(y) - gap(s)) ** 2, pairs_of(y, w))


def margin_mse(s, y, w, o, top_label, t):
    pairs = pairs_of(t if o.get("pairs") == "teacher" else y, w)
    return over_pairs((o.get("scale", 1) * gap(t) - gap(s)) ** 2, pairs)


def teacher_mse(s, y, w, o, top_label, t):
    return (w * (s - o.get("scale", 1) * t) ** 2).sum(), w.sum()


def teacher_ranknet(s, y, w, o, top_label, t):
    pairs = pairs_of(t, w)
    loss = F.softplus(-o.get("sigma", 1) * gap(s)) * (gap(t) if o.get("weighting") == "difference" else 1)
    if o.get("mean") == "lists":
        return ((pairs * loss).sum() / pairs.sum() if pairs.sum() > 0 else s.sum() * 0), torch.tensor(1.0)
    return over_pairs(loss, pairs)


def soft_zero_one(s, y, w, o, top_label):
    return over_pairs(torch.sigmoid(-o.get("sigma", 1) * gap(s)), pairs_of(y, w))


def quantile(s, y, w, o, top_label):
    tau, e = o.get("tau", 0.5), y - s
    x = e ** 2 if o.get("squared") else e.abs()
    return (w * torch.where(e > 0, tau, 1 - tau) * x).sum(), w.sum()


def ordinal(s, y, w, o, top_label):
    top = o.get("levels", 3)
    grades = torch.arange(1, top + 1).double()
    b = o.get("spacing", 1) * (grades - (top + 1) / 2)
    reaches = (y[:, None] >= grades[None, :]).double()
    loss = F.binary_cross_entropy_with_logits(s[:, None] - b[None, :], reaches, reduction="none")
    return (w[:, None] * loss).sum(), w.sum()


def ranks_by_score(s):
    return torch.argsort(torch.argsort(-s, stable=True), stable=True) + 1.0


def lambda_loss(s, y, w, o, weights, needs_ideal=True):
    """The lambda family: weights [n, n] of (upper, lower), detached."""
    n, k = len(s), o.get("truncation") or len(s)
    if needs_ideal and ideal(gains(y), k) == 0:
        return s.sum() * 0, torch.tensor(1.0)
    rank = ranks_by_score(s.detach())
    weight = weights(rank) * pairs_of(y, w) * (torch.minimum(rank[:, None], rank[None, :]) <= k)
    if o.get("normalize") and s.max() != s.min():
        weight = weight / (0.01 + gap(s).abs())
    weight, sigma = weight.detach(), o.get("sigma", 1)
    total = (weight * F.softplus(-sigma * gap(s))).sum()
    if o.get("normalize"):
        lambdas = 2 * (sigma * weight * torch.sigmoid(-sigma * gap(s))).sum().detach()
        if lambdas > 0:
            total = total * torch.log2(1 + lambdas) / lambdas
    return total / (math.log(2) if o.get("log_base") == "2" else 1), torch.tensor(1.0)


def lambdarank(s, y, w, o, top_label):
    best = ideal(gains(y), o.get("truncation") or len(s))
    return lambda_loss(s, y, w, o, lambda r: (gap(1 / torch.log2(1 + r)) * gap(gains(y))).abs() / best)


def ndcg1(s, y, w, o, top_label):
    g, best = gains(y), ideal(gains(y), o.get("truncation") or len(s))
    return lambda_loss(s, y, w, o, lambda r: (g / torch.log2(1 + r) / best)[:, None].expand(len(s), -1))


def ndcg2_weights(y, r, best):
    d = (r[:, None] - r[None, :]).abs().clamp_min(1)
    return (1 / torch.log2(1 + d) - 1 / torch.log2(2 + d)).abs() * gap(gains(y)).abs() / best


def ndcg2(s, y, w, o, top_label):
    best = ideal(gains(y), o.get("truncation") or len(s))
    return lambda_loss(s, y, w, o, lambda r: ndcg2_weights(y, r, best))


def ndcg2pp(s, y, w, o, top_label):
    best = ideal(gains(y), o.get("truncation") or len(s))
    return lambda_loss(s, y, w, o, lambda r: o.get("mu", 10) * ndcg2_weights(y, r, best)
                       + (gap(1 / torch.log2(1 + r)) * gap(gains(y))).abs() / best)


def arp1(s, y, w, o, top_label):
    return lambda_loss(s, y, w, o, lambda r: y.clamp_min(0)[:, None].expand(len(s), -1), False)


def arp2(s, y, w, o, top_label):
    return lambda_loss(s, y, w, o, lambda r: gap(y).abs(), False)


def swap_changes(measure, y, r):
    """The change of a measure of relevance in ranked order when two items swap: by doing it."""
    n = len(y)
    order = torch.argsort(r)
    relevant = (y[order] > 0).double()
    changes = torch.zeros(n, n)
    for a, b in itertools.combinations(range(n), 2):
        swapped = relevant.clone()
        swapped[[a, b]] = relevant[[b, a]]
        change = abs(measure(relevant) - measure(swapped))
        changes[order[a], order[b]] = changes[order[b], order[a]] = change
    return changes


def average_precision(relevant):
    at = torch.cumsum(relevant, 0) / torch.arange(1, len(relevant) + 1)
    return ((at * relevant).sum() / relevant.sum()).item() if relevant.sum() > 0 else 0.0


def reciprocal_rank(relevant):
    return 1 / (relevant.argmax().item() + 1) if relevant.sum() > 0 else 0.0


def map(s, y, w, o, top_label):
    return lambda_loss(s, y, w, o, lambda r: swap_changes(average_precision, y, r), False)


def mrr(s, y, w, o, top_label):
    return lambda_loss(s, y, w, o, lambda r: swap_changes(reciprocal_rank, y, r), False)


def poly1(s, y, w, o, top_label):
    t, x = w * target_of(y, o), s / o.get("temperature", 1)
    return (-(t * torch.log_softmax(x, 0)).sum()
            + o.get("epsilon", 1) * (t * (1 - torch.softmax(x, 0))).sum()), torch.tensor(1.0)


def lce(s, y, w, o, top_label):
    x, p = s / o.get("temperature", 1), y > 0
    if not p.any() or p.all():
        return s.sum() * 0, torch.tensor(1.0)
    terms = [-w[i] * torch.log_softmax(torch.cat([x[i:i + 1], x[~p]]), 0)[0] for i in p.nonzero()[:, 0]]
    return sum(terms) / w[p].sum(), torch.tensor(1.0)


def plistmle(s, y, w, o, top_label):
    n, order = len(s), torch.argsort(-y, stable=True)
    if n == 1:
        return s.sum() * 0, torch.tensor(1.0)
    weights = 2.0 ** (n - torch.arange(1, n + 1)) - 1
    t, v = s[order], w[order] * weights / weights.sum()
    return (v * (torch.logcumsumexp(t.flip(0), 0).flip(0) - t)).sum(), torch.tensor(1.0)


def rank_distil(s, y, w, o, top_label, t):
    order = torch.argsort(-t, stable=True)
    x, k = s[order] / o.get("temperature", 1), min(o.get("top", 10) or len(s), len(s))
    terms = [w[order[i]] * -torch.log_softmax(x[i:], 0)[0] for i in range(k)]
    return sum(terms) / k, torch.tensor(1.0)


def kl(s, y, w, o, top_label, t):
    p = torch.log_softmax(t / o.get("teacher_temperature", 1), 0)
    q = torch.log_softmax(s / o.get("temperature", 1), 0)
    return (w * p.exp() * (p - q)).sum(), torch.tensor(1.0)


def smooth_ranks(s, o):
    return 0.5 + torch.sigmoid(o.get("alpha", 10) * (s[None, :] - s[:, None])).sum(1)


def approxmrr(s, y, w, o, top_label):
    best = (y == y.max()) & (y > 0)
    if not best.any():
        return s.sum() * 0 + 1, torch.tensor(1.0)
    return 1 - (w / smooth_ranks(s, o))[best].sum() / w[best].sum(), torch.tensor(1.0)


def adr_mse(s, y, w, o, top_label):
    rank = 0.5 + (y[None, :] > y[:, None]).sum(1) + (y[None, :] == y[:, None]).sum(1) / 2
    return (w / torch.log2(1 + rank) * (rank - smooth_ranks(s, o)) ** 2).sum(), torch.tensor(1.0)


def mixed(x):
    """SplitMix64's finalizer, which the library draws from."""
    m = 2 ** 64 - 1
    x = (x + 0x9E3779B97F4A7C15) & m
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & m
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & m
    return x ^ (x >> 31)


def uniforms(key, n):
    return torch.tensor([(mixed((key + i) % 2 ** 64) >> 11) * 2.0 ** -53 for i in range(n)])


def open_uniforms(key, n):
    return torch.tensor([((mixed((key + i) % 2 ** 64) >> 12) + 0.5) * 2.0 ** -52 for i in range(n)])


def draw_of(o, number):
    return mixed(o.get("seed", 0)) ^ mixed(mixed(number))


def gumbel_approxndcg(s, y, w, o, top_label, number):
    samples, key = o.get("samples", 8), draw_of(o, number)
    total = 0
    for sample in range(samples):
        u = open_uniforms(mixed((key + sample) % 2 ** 64), len(s))
        total = total + approxndcg(s - o.get("beta", 1) * torch.log(-torch.log(u)), y, w, o, top_label)[0]
    return total / samples, torch.tensor(1.0)


def xendcg(s, y, w, o, top_label, number):
    phi = 2 ** y.clamp_min(0) - uniforms(draw_of(o, number), len(s))
    return -(w * phi / phi.sum() * torch.log_softmax(s, 0)).sum(), torch.tensor(1.0)


def neural_sort(s, tau):
    """NeuralSort as in the paper's listing, rows are ranks."""
    n = len(s)
    a = gap(s).abs().sum(1)
    scaling = n + 1 - 2 * torch.arange(1, n + 1).double()
    return torch.softmax((scaling[:, None] * s[None, :] - a[None, :]) / tau, 1)


def relaxed_ndcg(matrix, y, w, o):
    k, g = o.get("truncation") or len(y), w * gains(y)
    discounts = 1 / torch.log2(torch.arange(len(y)) + 2.0)
    return 1 - ((matrix @ g) * discounts)[:k].sum() / ideal(g, k)


def pirank(s, y, w, o, top_label):
    if gains(y).sum() == 0:
        return s.sum() * 0 + 1, torch.tensor(1.0)
    return relaxed_ndcg(neural_sort(s, o.get("tau", 1)), y, w, o), torch.tensor(1.0)


def neuralndcg(s, y, w, o, top_label):
    if gains(y).sum() == 0:
        return s.sum() * 0 + 1, torch.tensor(1.0)
    p = neural_sort(s, o.get("tau", 1))
    axes = (1, 0) if o.get("form") == "transposed" else (0, 1)
    for _ in range(o.get("iterations", 50)):
        for axis in axes:
            p = p / p.sum(axis, keepdim=True)
    return relaxed_ndcg(p, y, w, o), torch.tensor(1.0)


def unique_softmax(s, y, w, o, top_label):
    lesser = y[None, :] < y[:, None]
    own = torch.eye(len(s), dtype=torch.bool)
    scores = s[None, :].expand(len(s), -1).masked_fill(~(lesser | own), -math.inf)
    g = w * (2 ** y.clamp(0, o.get("max_label", 64)) - 1)
    return (g * (torch.logsumexp(scores, 1) - s)).sum(), torch.tensor(1.0)


def cosine(s, y, w, o, top_label):
    t = gains(y) if o.get("labels") == "gains" else y
    if o.get("centered"):
        s, t = s - s[0].detach(), t - t[0]
        s, t = s - (w * s).sum() / w.sum(), t - (w * t).sum() / w.sum()
    lengths = ((w * s * s).sum() * (w * t * t).sum()).sqrt()
    if lengths == 0:
        return s.sum() * 0, torch.tensor(1.0)
    return (1 - (w * s * t).sum() / lengths) / 2, torch.tensor(1.0)


def infonce(lists, o):
    """Of the whole batch: lists of (s, y, w, list weight)."""
    total, mass, c = 0, 0, o.get("scale", 1)
    for l, (s, y, w, v) in enumerate(lists):
        mass += v
        others = [x[0] for m, x in enumerate(lists) if m != l] if o.get("in_batch", True) else []
        negatives = torch.cat([s[y <= 0]] + others)
        p = (y > 0).nonzero()[:, 0]
        if len(p) and len(negatives):
            terms = [-w[i] * torch.log_softmax(c * torch.cat([s[i:i + 1], negatives]), 0)[0] for i in p]
            total = total + v * sum(terms) / w[p].sum()
    return total / mass


cases = {
    bce: [{}, {"threshold": 1.5}, {"pos_weight": 3}, {"label_smoothing": 0.1}, {"labels": "graded"},
          {"labels": "graded", "max_label": 4, "pos_weight": 0.5, "label_smoothing": 0.2}],
    mse: [{}, {"activation": "sigmoid"}, {"error": "l1"}, {"error": "smooth_l1"},
          {"error": "smooth_l1", "beta": 0.3, "activation": "sigmoid"}],
    ordinal: [{}, {"levels": 2}, {"levels": 5, "spacing": 0.5}],
    quantile: [{}, {"tau": 0.9}, {"tau": 0.2, "squared": True}],
    ranknet: [{}, {"sigma": 2.5}, {"weighting": "difference"}, {"mean": "lists"},
              {"weighting": "difference", "mean": "lists", "sigma": 0.5}],
    hinge: [{}, {"margin": 0.25}],
    exponential: [{}, {"straight_from": 0.5}],
    pairwise_mse: [{}],
    margin_mse: [{}, {"pairs": "teacher", "scale": 0.5}],
    soft_zero_one: [{}, {"sigma": 3}],
    softmax: [{}, {"temperature": 0.5}, {"target": "proportional"}, {"target": "binary", "temperature": 2}],
    lce: [{}, {"temperature": 0.5}],
    infonce: [{}, {"in_batch": False}, {"scale": 2}],
    listmle: [{}, {"top": 3}],
    plistmle: [{}],
    lambdarank: [{}, {"sigma": 2}, {"truncation": 3}, {"normalize": True}, {"log_base": "2"},
                 {"normalize": True, "truncation": 4, "sigma": 1.5, "log_base": "2"}],
    ndcg1: [{}, {"truncation": 3, "sigma": 2}, {"normalize": True}],
    ndcg2: [{}, {"truncation": 3, "sigma": 2}, {"normalize": True}],
    ndcg2pp: [{}, {"mu": 2, "log_base": "2"}],
    arp1: [{}, {"truncation": 4}],
    arp2: [{}, {"truncation": 4, "normalize": True}],
    map: [{}, {"truncation": 3}],
    mrr: [{}, {"sigma": 2}],
    approxndcg: [{}, {"alpha": 1}],
    approxmrr: [{}, {"alpha": 1}],
    gumbel_approxndcg: [{}, {"samples": 3, "beta": 0.2, "alpha": 2, "seed": 5}],
    neuralndcg: [{}, {"tau": 0.3, "iterations": 3}, {"form": "transposed", "iterations": 2, "truncation": 4}],
    pirank: [{}, {"tau": 0.2, "truncation": 3}],
    adr_mse: [{}, {"alpha": 1}],
    unique_softmax: [{}, {"max_label": 2}],
    poly1: [{}, {"epsilon": 3, "temperature": 0.5, "target": "binary"}],
    xendcg: [{}, {"seed": 9}],
    kl: [{}, {"temperature": 2, "teacher_temperature": 0.5}],
    rank_distil: [{}, {"top": 3, "temperature": 0.5}],
    cosine: [{}, {"labels": "gains"}, {"centered": True}, {"labels": "gains", "centered": True}],
    teacher_mse: [{}, {"scale": 0.5}],
    teacher_ranknet: [{}, {"sigma": 2.5}, {"weighting": "difference"}, {"mean": "lists"},
                      {"weighting": "difference", "mean": "lists", "sigma": 0.5}],
}
teachers = labels + torch.randn(sum(sizes))
out = {"offsets": bounds, "scores": scores.tolist(), "labels": labels.tolist(),
       "teachers": teachers.tolist(),
       "itemWeights": item_weights.tolist(), "listWeights": list_weights.tolist(),
       "mask": mask.tolist(), "cases": []}
for function, options in cases.items():
    for o, weighted in itertools.product(options, (False, True)):
        s = scores.clone().requires_grad_()
        sums, masses, lists = 0, 0, []
        more = {"t", "number"} & set(inspect.signature(function).parameters)
        for l, (a, b) in enumerate(zip(bounds, bounds[1:])):
            keep = mask[a:b] if weighted else torch.ones(b - a, dtype=torch.bool)
            if not keep.any():
                continue
            w = item_weights[a:b][keep] if weighted else torch.ones(int(keep.sum()))
            v = list_weights[l] if weighted else 1
            top_label = (labels[mask] if weighted else labels).max()
            if function is infonce:
                lists.append((s[a:b][keep], labels[a:b][keep], w, v))
                continue
            given = {"t": teachers[a:b][keep], "number": l}
            part, mass = function(
                s[a:b][keep], labels[a:b][keep], w, o, top_label, **{k: given[k] for k in more})
            sums, masses = sums + part * v, masses + mass * v
        value = infonce(lists, o) if lists else sums / masses
        value.backward()
        out["cases"].append({"loss": function.__name__, "options": o, "weighted": weighted,
                             "value": value.item(), "gradient": s.grad.tolist()})
print(json.dumps(out))
