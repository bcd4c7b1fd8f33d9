"""Writes measures.json: a synthetic graded run with qrels, and trec_eval's values for every query.

    python make_measures.py > measures.json      (made with pytrec-eval-terrier 0.5.11, seed 11)

The run has equal scores, scores that differ only beyond 32 bits, unjudged documents, negative
grades, a query with nothing relevant, one without judgments, and one that is judged only. Ids are
of different lengths and some are not ASCII.
"""
import json, random
import pytrec_eval

rng = random.Random(11)
documents = [f"d{i}" for i in range(60)] + ["é1", "Z", "a", "東京", "d05"]
qrels, run = {}, {}
for number in range(1, 13):
    query = f"q{number}"
    judged = rng.sample(documents, rng.randint(5, 30))
    grades = [0] if number == 4 else [-2, -1, 0, 0, 0, 1, 1, 2, 3, 4]
    qrels[query] = {d: rng.choice(grades) for d in judged}
    found = rng.sample(documents, rng.randint(1, 40))
    run[query] = {d: rng.choice([rng.uniform(-3, 9), float(rng.randint(0, 3))]) for d in found}
    if number % 3 == 0:
        run[query] = {d: 7 + rng.randint(0, 3) * 1e-9 for d in found}
del qrels["q7"]
del run["q9"]

names = {"nDCG@10": "ndcg_cut_10", "nDCG@3": "ndcg_cut_3", "nDCG": "ndcg", "AP": "map",
         "AP@5": "map_cut_5", "RR": "recip_rank", "P@10": "P_10", "P@3": "P_3", "P": "set_P",
         "R@5": "recall_5", "R@100": "recall_100", "R": "set_recall", "Success@1": "success_1",
         "Success@5": "success_5"}
asked = {"ndcg_cut.3,10", "ndcg", "map", "map_cut.5", "recip_rank", "P.3,10", "set_P",
         "recall.5,100", "set_recall", "success.1,5"}
values = pytrec_eval.RelevanceEvaluator(qrels, asked).evaluate(run)
level2 = pytrec_eval.RelevanceEvaluator(qrels, asked, relevance_level=2).evaluate(run)
expected = {q: {n: values[q][t] for n, t in names.items()} for q in values}
for q in level2:
    for n, t in names.items():
        if not n.startswith("nDCG"):
            base, _, cutoff = n.partition("@")
            expected[q][f"{base}(rel=2)" + (f"@{cutoff}" if cutoff else "")] = level2[q][t]
print(json.dumps({"qrels": qrels, "run": run, "expected": expected}, ensure_ascii=False))
