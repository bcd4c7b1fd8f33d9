"""Measures `ltr evaluate` and pytrec_eval on a run of a million lines with ten measures, in turn.

    python evaluate.py path/to/ltr [lines] [repetitions]

Both are whole processes that read the same files: 1,000 documents a query, 50 of them judged with
grades from 0 to 3, from a fixed seed. pytrec_eval's process reads them as its documentation shows, and
computes the same measures. Prints the seconds of every repetition, the medians and their ratio, and
fails where the two disagree by more than 1e-6, what trec_eval's 32-bit scores and printing leave.
"""
import json, pathlib, random, statistics, subprocess, sys, tempfile, time

program, lines = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
repetitions = int(sys.argv[3]) if len(sys.argv) > 3 else 3
measures = {"nDCG@10": "ndcg_cut_10", "nDCG@100": "ndcg_cut_100", "nDCG": "ndcg", "AP": "map",
            "RR": "recip_rank", "P@10": "P_10", "R@100": "recall_100", "R@1000": "recall_1000",
            "Success@5": "success_5", "Rprec": "Rprec"}
peer = """
import json, sys, pytrec_eval
qrels = pytrec_eval.parse_qrel(open(sys.argv[1]))
run = pytrec_eval.parse_run(open(sys.argv[2]))
asked = {"ndcg_cut.10,100", "ndcg", "map", "recip_rank", "P.10", "recall.100,1000", "success.5", "Rprec"}
found = pytrec_eval.RelevanceEvaluator(qrels, asked).evaluate(run)
names = json.loads(sys.argv[3])
print(json.dumps({n: sum(q[n] for q in found.values()) / len(found) for n in names}))
"""


def timed(command):
    start = time.perf_counter()
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return time.perf_counter() - start, json.loads(out)


with tempfile.TemporaryDirectory() as folder:
    qrels, run = pathlib.Path(folder, "qrels"), pathlib.Path(folder, "run")
    rng = random.Random(7)
    with open(qrels, "w") as judged, open(run, "w") as ranked:
        for query in range(max(1, lines // 1000)):
            documents = rng.sample(range(10_000_000), 1000)
            for document in rng.sample(documents, 40) + rng.sample(range(10_000_000), 10):
                judged.write(f"{query} 0 d{document} {rng.randint(0, 3)}\n")
            for rank, document in enumerate(documents):
                ranked.write(f"{query} Q0 d{document} {rank + 1} {30 - rank / 40:.4f} bench\n")
    seconds = {"ltr": [], "pytrec_eval": []}
    for _ in range(repetitions):
        time_ltr, ours = timed([program, "evaluate", "--qrels", qrels, "--run", run, "--json",
                                "--measures", " ".join(measures)])
        time_peer, theirs = timed([sys.executable, "-c", peer, qrels, run,
                                   json.dumps(list(measures.values()))])
        seconds["ltr"].append(time_ltr)
        seconds["pytrec_eval"].append(time_peer)
        for name, other in measures.items():
            found, expected = ours["runs"][0]["measures"][name], theirs[other]
            if abs(found - expected) > 1e-6:
                sys.exit(f"{name}: {found}, pytrec_eval {expected}")
median = {name: statistics.median(values) for name, values in seconds.items()}
print(json.dumps({"lines": lines, "seconds": seconds, "medians": median,
                  "ratio": median["pytrec_eval"] / median["ltr"]}, indent=1))
