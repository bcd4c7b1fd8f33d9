"""Writes statistics.json: p-values of t distributions, and tests of paired differences.

    python make_statistics.py > statistics.json            (made with scipy 1.17.1, seed 5)
"""
import json, random
import numpy, scipy.special, scipy.stats

rng = random.Random(5)


def two_sided_p(t, df):
    """By the complement of the incomplete beta function: stats.t.sf is 3e-11 off where t is small
    (for one degree p is 1 - 2 atan(t) / pi)."""
    return float(scipy.special.betaincc(0.5, df / 2, t * t / (df + t * t)))


two_sided = [
    [t, df, two_sided_p(t, df)]
    for df in [1, 2, 3, 5, 10, 29, 30, 99, 300, 1000, 100000]
    for t in [1e-6, 0.01, 0.3, 1, 1.96, 2.5, 4, 8, 20, 37]]
beta = [
    [a, b, x, float(scipy.special.betainc(a, b, x))]
    for a in [0.5, 1, 2.5, 15, 200] for b in [0.5, 1, 3, 40]
    for x in [1e-9, 0.001, 0.2, 0.5, 0.9, 0.999]]
tests = []
for n in [2, 3, 8, 12, 40, 150]:
    for shift in [0, 0.02, 0.1]:
        differences = [rng.choice([0, rng.gauss(shift, 0.2)]) for _ in range(n)]
        if len(set(differences)) == 1:
            differences[0] = 0.25
        t = scipy.stats.ttest_1samp(differences, 0)
        entry = {"differences": differences, "t": float(t.statistic), "p": float(t.pvalue)}
        # Every way to set the signs, where they are few.
        if n <= 12:
            entry["exact"] = float(scipy.stats.permutation_test(
                (numpy.array(differences),), numpy.sum, permutation_type="samples",
                n_resamples=numpy.inf).pvalue)
        else:
            # 1,000,000 draws: standard error below 0.0005.
            signs = numpy.random.default_rng(5).choice([-1, 1], (1_000_000, n))
            sums = numpy.abs(signs @ numpy.array(differences))
            entry["drawn"] = float((sums >= abs(sum(differences)) - 1e-12).mean())
        tests.append(entry)
print(json.dumps({"twoSided": two_sided, "beta": beta, "tests": tests}))
