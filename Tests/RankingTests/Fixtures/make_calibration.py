"""Writes calibration.json: Platt's map by scikit-learn, a temperature by SciPy, both with Platt's targets.

    python make_calibration.py > calibration.json

Made with scikit-learn 1.9.1 and SciPy 1.17.1.
"""

import json

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit
from sklearn.calibration import _sigmoid_calibration
from sklearn.metrics import brier_score_loss, log_loss


def case(name, scores, labels):
    scores, labels = np.asarray(scores, float), np.asarray(labels, bool)
    a, b = _sigmoid_calibration(scores, labels)
    positives, negatives = labels.sum(), (~labels).sum()
    targets = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    # The gradient of the cross entropy by the slope is 0 at the temperature's inverse.
    def gradient(slope):
        return np.sum(scores * (expit(slope * scores) - targets))

    slope = brentq(gradient, -100, 100, xtol=1e-14, rtol=1e-14)
    # scikit-learn stops early: the last digits come from Newton's method on the same function.
    x = np.array([-a, -b])
    for _ in range(50):
        p = expit(x[0] * scores + x[1])
        g = np.array([np.sum(scores * (p - targets)), np.sum(p - targets)])
        w = p * (1 - p)
        h = np.array([[np.sum(w * scores**2), np.sum(w * scores)], [np.sum(w * scores), np.sum(w)]])
        x = x - np.linalg.solve(h, g)
    assert np.allclose(x, [-a, -b], rtol=1e-3, atol=1e-3), (x, a, b)
    probabilities = expit(x[0] * scores + x[1])
    return {
        "name": name,
        "scores": scores.tolist(),
        "relevant": labels.tolist(),
        "sklearn": [-a, -b],
        "platt": x.tolist(),
        "temperature_slope": slope,
        "log_loss": log_loss(labels, probabilities),
        "brier": brier_score_loss(labels, probabilities),
    }


index = np.arange(200)
scores = 3 * np.sin(index) + index % 7 - 3
labels = np.sin(5 * index) + scores / 3 > 1
print(
    json.dumps(
        {
            "cases": [
                case("mixed", scores, labels),
                case("shifted", 0.2 * scores + 4, labels),
                case("separable", [-3.0, -2.0, -1.5, 2.0, 2.5], [0, 0, 0, 1, 1]),
                case("one relevant", [0.1, -0.2, 0.3, 5.0, 1.0, -4.0], [0, 0, 0, 1, 0, 0]),
            ]
        }
    )
)
