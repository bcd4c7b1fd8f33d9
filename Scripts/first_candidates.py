"""The first candidates of a run's queries, with their texts, for the scripts that score them."""

import json
from pathlib import Path


def first_candidates(collection, run, queries, depth):
    """By query, in the order of the run, the pairs of the query with its first documents."""
    def records(name):
        with open(Path(collection) / name, encoding="utf-8") as lines:
            return {record["_id"]: record for record in map(json.loads, lines)}

    ranked = {}
    with open(run, encoding="utf-8") as lines:
        for line in lines:
            query, _, document, _, score, *_ = line.split()
            ranked.setdefault(query, []).append((-float(score), document))
    texts, corpus = records("queries.jsonl"), records("corpus.jsonl")
    return [
        [{"query": texts[query]["text"],
          "text": f"{corpus[document].get('title', '')} {corpus[document]['text']}".strip(),
          "query_id": query, "document_id": document}
         for _, document in sorted(ranked[query])[:depth]]
        for query in list(ranked)[:queries]]
