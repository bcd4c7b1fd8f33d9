"""Writes measures.json: a synthetic graded run with qrels, and others' values for every query.

    python make_measures.py path/to/ir_measures/bin/gdeval.pl > measures.json

Made with pytrec-eval-terrier 0.5.11 (trec_eval's values), ir_measures 0.4.3 (how measures are
printed, Judged), cwl-eval 1.0.12 (RBP) and the gdeval.pl 1.2a that comes with ir_measures (ERR and
exponential nDCG, five digits), seed 11.

The run has equal scores, scores that differ only beyond 32 bits, unjudged documents, negative
grades, a query with nothing relevant, one without judgments, and one that is judged only. Ids are
of different lengths and some are not ASCII.
"""
import json, random, struct, subprocess, sys, tempfile
import ir_measures, pytrec_eval

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
         "Success@5": "success_5", "Rprec": "Rprec", "Bpref": "bpref", "infAP": "infAP",
         "SetP": "set_P", "SetR": "set_recall", "SetF": "set_F"}
asked = {"ndcg_cut.3,10", "ndcg", "map", "map_cut.5", "recip_rank", "P.3,10", "set_P",
         "recall.5,100", "set_recall", "success.1,5", "Rprec", "bpref", "infAP", "set_F"}


def with_level(name, level):
    base, _, cutoff = name.partition("@")
    return f"{base}(rel={level})" + (f"@{cutoff}" if cutoff else "")


def values(measures=asked, level=1, **options):
    return pytrec_eval.RelevanceEvaluator(
        qrels, measures, relevance_level=level, **options).evaluate(run)


def trec_eval(**options):
    plain, beta = values(**options), values({"set_F.2.5"}, **options)
    expected = {q: {n: plain[q][t] for n, t in names.items()} for q in plain}
    for q in plain:
        expected[q]["SetF(beta=2.5)"] = beta[q]["set_F"]
    for level in [2, 4]:
        found = values(level=level, **options)
        for q in found:
            for n, t in names.items():
                if not n.startswith("nDCG"):
                    expected[q][with_level(n, level)] = found[q][t]
    return expected


def gdeval(depth):
    """Query -> (nDCG, ERR); gdeval wants numbers as ids of queries, and orders by 64-bit scores,
    so queries whose scores differ only beyond 32 bits are left out."""
    usable = [q for q in run if q in qrels and int(q[1:]) % 3 != 0]
    with tempfile.NamedTemporaryFile("w") as judged, tempfile.NamedTemporaryFile("w") as ranked:
        for q in usable:
            judged.writelines(f"{q[1:]} 0 {d} {g}\n" for d, g in qrels[q].items())
            ranked.writelines(f"{q[1:]} Q0 {d} 1 {s!r} x\n" for d, s in run[q].items())
        judged.flush(), ranked.flush()
        lines = subprocess.run(["perl", sys.argv[1], judged.name, ranked.name, str(depth)],
                               capture_output=True, text=True, check=True).stdout.splitlines()
    return {f"q{fields[1]}": [float(x) for x in fields[2:]]
            for fields in (line.split(",") for line in lines[1:])}


by_gdeval = {}
for depth in [3, 20]:
    for q, (ndcg, err) in gdeval(depth).items():
        by_gdeval.setdefault(q, {}).update(
            {f"nDCG(dcg='exp-log2')@{depth}": ndcg, f"ERR@{depth}": err})

def by_ir_measures():
    """RBP and Judged of every query, from scores without ties that stand for trec_eval's order."""
    def key(entry):
        return struct.unpack("f", struct.pack("f", entry[1]))[0], entry[0].encode()
    scores = {q: {d: float(i) for i, (d, _) in enumerate(sorted(run[q].items(), key=key))}
              for q in run if q in qrels}
    names = ["RBP(rel=1)", "RBP(p=0.5,rel=1)", "RBP(p=0.5,rel=2)", "RBP(p=0.95,rel=3)",
             "Judged@1", "Judged@10", "Judged@100"]
    # cwl_eval knows no grades below 0, which count as 0 with it; Judged counts them as they are.
    lifted = {q: {d: max(0, g) for d, g in grades.items()} for q, grades in qrels.items()}
    found = {}
    for name in names:
        judged = qrels if name.startswith("Judged") else lifted
        measure = ir_measures.parse_measure(name)
        for value in ir_measures.iter_calc([measure], judged, scores):
            if value.query_id in scores:
                found.setdefault(value.query_id, {})[name] = value.value
    return found


typed = ["nDCG@10", "nDCG(dcg='exp-log2')@10", "nDCG(dcg='log2')@10", "NDCG", "AP", "MAP", "AP@100",
         "AP(rel=2)@5", "RR", "MRR@10", "RR(rel=3)@10", "P@10", "P(rel=2)@10", "P(rel=1)@10",
         "Precision@3", "R@100", "Recall@5", "R(rel=2)@1000", "Success@5", "Success(rel=2)@1",
         "Rprec", "RPrec(rel=2)", "Bpref", "BPref", "Bpref(rel=2)", "ERR", "ERR@20", "RBP",
         "RBP(p=0.5)", "RBP(p=0.95)@100", "RBP(rel=1)", "RBP(p=0.5,rel=2)@10", "infAP",
         "infAP(rel=2)", "Judged@10", "Judged", "SetP", "SetP(rel=2)", "SetR", "SetR(rel=2)",
         "SetF", "SetF(beta=2.0)", "SetF(rel=2,beta=0.5)"]
print(json.dumps({
    "qrels": qrels, "run": run, "expected": trec_eval(),
    "judgedOnly": trec_eval(judged_docs_only_flag=1), "gdeval": by_gdeval,
    "irMeasures": by_ir_measures(),
    "names": {name: str(ir_measures.parse_measure(name)) for name in typed},
}, ensure_ascii=False))
