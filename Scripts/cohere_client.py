#!/usr/bin/env python3
"""Reranks through `ltr serve` with Cohere's own Python client (pip install cohere).

    Scripts/cohere_client.py PROGRAM MODEL

Compares order and scores with those of `ltr score`, for both versions of the client.
"""

import json
import math
import subprocess
import sys

import cohere

QUERY = "deleted the wrong folder"
DOCUMENTS = [
    "Share a folder with somebody by its link.",
    "Restore a deleted file or folder: open the trash and choose Restore.",
    "Print a page on both sides of the paper.",
    "",
    "Invoices are sent at the end of every month.",
]


def check(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")


def expected(program, model):
    lines = "".join(
        json.dumps({"query": QUERY, "text": text}) + "\n" for text in DOCUMENTS)
    output = subprocess.run(
        [program, "score", "--model", model, "--max-length", "64"], input=lines, text=True,
        capture_output=True, check=True).stdout
    return [1 / (1 + math.exp(-float(line))) for line in output.split()]


def try_client(client, scores, model):
    response = client.rerank(model=model, query=QUERY, documents=DOCUMENTS, top_n=3)
    order = sorted(range(len(scores)), key=lambda i: -scores[i])[:3]
    found = [result.index for result in response.results]
    check(found == order, f"the order {found} is not {order}")
    for result in response.results:
        difference = abs(result.relevance_score - scores[result.index])
        check(difference < 1e-5, f"document {result.index} differs by {difference}")
    check(response.id, "the response has no id")
    check(response.meta.tokens.input_tokens > 0, "the response counts no tokens")
    try:
        client.rerank(model=model, query="", documents=DOCUMENTS)
        sys.exit("FAILED: an empty query is let through")
    except cohere.UnprocessableEntityError as error:
        check("'query' is empty" in str(error.body), f"the reason is {error.body}")


def main():
    program, model = sys.argv[1:3]
    scores = expected(program, model)
    server = subprocess.Popen(
        [program, "serve", "--model", model, "--port", "0", "--precision", "f32",
         "--max-length", "64"], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        for make in (cohere.Client, cohere.ClientV2):
            client = make(api_key="none", base_url=url)
            try_client(client, scores, "rerank-v3.5")
            print(f"cohere {cohere.__version__} {make.__name__}: order and scores as of ltr score")
    finally:
        server.terminate()
        code = server.wait(timeout=30)
    check(code == 0, f"the server ended with {code}")


if __name__ == "__main__":
    main()
