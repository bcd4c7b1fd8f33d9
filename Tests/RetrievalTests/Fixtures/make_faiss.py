"""Writes the indexes that DenseOpeningTests reads, with the Python package of FAISS.

    pip install faiss-cpu numpy
    python make_faiss.py

The files here are those of faiss-cpu 1.15.1 and numpy 2.4.6. `faiss.json` holds the vectors, queries
and, by numpy in 64 bits, the five nearest vectors of each query with their products and distances.
"""

import json
import pathlib

import faiss
import numpy

folder = pathlib.Path(__file__).parent
random = numpy.random.default_rng(5)
vectors = random.standard_normal((60, 8)).astype("float32").round(3)
queries = random.standard_normal((5, 8)).astype("float32").round(3)
wide, asked = vectors.astype("float64"), queries.astype("float64")

faiss.omp_set_num_threads(1)
kinds = [
    ("flat", "Flat", faiss.METRIC_INNER_PRODUCT),
    ("hnsw", "HNSW8", faiss.METRIC_L2),
    ("ivf", "IVF2,Flat", faiss.METRIC_INNER_PRODUCT),
    ("idmap", "IDMap,Flat", faiss.METRIC_INNER_PRODUCT),
    ("l1", "Flat", faiss.METRIC_L1),
]
for name, description, metric in kinds:
    index = faiss.index_factory(8, description, metric)
    index.train(vectors)
    if name == "idmap":
        index.add_with_ids(vectors, numpy.arange(60) + 1000)
    else:
        index.add(vectors)
    faiss.write_index(index, str(folder / f"{name}.faiss"))


def nearest(scores):
    order = numpy.argsort(-scores, axis=1, kind="stable")[:, :5]
    return {
        "numbers": order.tolist(),
        "scores": numpy.take_along_axis(scores, order, axis=1).tolist(),
    }


expected = {
    "vectors": wide.ravel().tolist(),
    "queries": asked.ravel().tolist(),
    "products": nearest(asked @ wide.T),
    "distances": nearest(-((asked[:, None] - wide[None]) ** 2).sum(-1)),
}
(folder / "faiss.json").write_text(json.dumps(expected) + "\n")
