#!/usr/bin/env python3
"""Says how well the order of scores in bf16 and int8 agrees with that in f32, model by model.

    python3 Scripts/check_precision.py --ltr .build/release/ltr --collection DIR --run RUN MODEL …

Every model scores the first candidates of a run's queries with `ltr score` in each precision. Kendall's τ (b,
for scores that are equal) is taken over each query's candidates, and its mean over queries is printed, with the
largest difference of scores as a share of f32's standard deviation. Fails where τ is below 0.99 in bf16 or 0.96 in
int8. A model needs training: scores of a random head are nearly alike, and their order says nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from first_candidates import first_candidates

BOUNDS = {"bf16": 0.99, "int8": 0.96}


def scores(options, model, precision, pairs):
    given = "".join(json.dumps(pair) + "\n" for query in pairs for pair in query)
    command = [options.ltr, "score", "--model", model, "--precision", precision]
    if options.max_length:
        command += ["--max-length", str(options.max_length)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{model}: {done.stderr.strip()}")
    values = iter(map(float, done.stdout.split()))
    return [[next(values) for _ in query] for query in pairs]


def tau(first, second):
    """Kendall's τ-b of two lists of scores; None where one of them has all scores equal."""
    agreement = ties_first = ties_second = 0
    count = len(first)
    for i in range(count):
        for j in range(i):
            a, b = first[i] - first[j], second[i] - second[j]
            agreement += ((a > 0) - (a < 0)) * ((b > 0) - (b < 0))
            ties_first += a == 0
            ties_second += b == 0
    pairs = count * (count - 1) // 2
    below = (pairs - ties_first) * (pairs - ties_second)
    return agreement / below ** 0.5 if below else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--ltr", default="ltr")
    parser.add_argument("--collection", type=Path, required=True, help="a collection in BEIR's layout")
    parser.add_argument("--run", type=Path, required=True, help="a run of the collection")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--max-length", type=int)
    options = parser.parse_args()
    pairs = first_candidates(options.collection, options.run, options.queries, options.depth)
    print(f"{'model':40} {'precision':>9} {'pairs':>6} {'deviation':>10} {'difference':>10} {'tau':>7}")
    passed = True
    for model in options.models:
        exact = scores(options, model, "f32", pairs)
        flat = [score for query in exact for score in query]
        deviation = statistics.pstdev(flat)
        for precision, bound in BOUNDS.items():
            found = scores(options, model, precision, pairs)
            taus = [t for t in map(tau, exact, found) if t is not None]
            mean = statistics.mean(taus) if taus else 0
            largest = max(abs(a - b) for a, b in zip(flat, (s for q in found for s in q), strict=True))
            passed = passed and mean >= bound
            share = largest / deviation if deviation else float("nan")
            print(f"{model:40} {precision:>9} {len(flat):6} {deviation:10.4f} {share:10.4f} {mean:7.4f}", flush=True)
    sys.exit(0 if passed else 1)


main()
