"""Scores pairs with llama.cpp, from a GGUF file that ltr export wrote.

    python Scripts/llama-scores.py FILE.gguf < pairs.jsonl

Reads lines of {"query": …, "text": …} and prints a score for each, in order, as ltr score does. Needs
`pip install xllamacpp`, which brings llama.cpp's server along. Flash attention is off: it rounds keys and
values to 16 bits.
"""

import json
import os
import sys

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.embedding = True
parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = 512
parameters.n_parallel = 1
parameters.cpuparams.n_threads = int(os.environ.get("THREADS", "1"))
parameters.flash_attn_type = 0
server = xllamacpp.Server(parameters)

pairs = [json.loads(line) for line in sys.stdin]
start = 0
while start < len(pairs):
    query = pairs[start]["query"]
    end = start
    while end < len(pairs) and pairs[end]["query"] == query:
        end += 1
    documents = [pair["text"] for pair in pairs[start:end]]
    answer = server.handle_rerank({"query": query, "documents": documents})
    scores = {result["index"]: result["relevance_score"] for result in answer["results"]}
    for index in range(len(documents)):
        print(f"{scores[index]:.9g}")
    start = end
