#!/usr/bin/env python3
"""Reranks through `ltr serve` with the clients of other rerank servers, and prints a table of the results.

    Scripts/rerank_clients.py PROGRAM MODEL [--record FILE]

Order and scores are compared with those of `ltr score`. A client that is not installed is skipped, which its row says:
pip install cohere langchain-cohere langchain-community litellm openai infinity-client llama-index-postprocessor-cohere-rerank
llama-index-postprocessor-jinaai-rerank llama-index-postprocessor-tei-rerank cohere-haystack jina-haystack vllm-haystack
huggingface-api-haystack 'rerankers[api]'.
With --record, the requests go through a proxy, and FILE gets the last rerank request of each client that was answered, a line of
JSON each: package, call, route, type, body (Tests/ServingTests/Fixtures/requests.jsonl).
"""

import argparse
import contextlib
import http.server
import importlib.metadata
import io
import json
import logging
import math
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import warnings

QUERY = "deleted the wrong folder"
DOCUMENTS = [
    "Share a folder with somebody by its link.",
    "Restore a deleted file or folder: open the trash and choose Restore.",
    "Print a page on both sides of the paper.",
    "Müller, Köln: “the folder” is gone — 文件夹 🗑",
    "Invoices are sent at the end of every month.",
]
TOP = 3
KEY = "not-a-secret"
MODEL = "reranker"
CLIENTS = []
UNRECORDED = set()


def client(package, route, shape=None, recorded=True):
    """Registers a function of the server's address that gives (index, score) pairs in the order it got them."""
    def register(function):
        if package is None or shape is not None or not recorded:
            UNRECORDED.add(function.__doc__)
        CLIENTS.append((function.__doc__, package, route, shape, function))
        return function
    return register


def check(holds, what):
    if not holds:
        raise AssertionError(what)


# Cohere


def cohere_results(response):
    check(response.id and response.meta.tokens.input_tokens > 0, "no id, or no tokens")
    return [(result.index, result.relevance_score) for result in response.results]


def cohere_refuses(client):
    import cohere
    for body, part in [({"query": "", "documents": DOCUMENTS}, "'query' is empty"), ({"query": "a", "documents": []}, "'documents' is empty")]:
        try:
            client.rerank(model=MODEL, **body)
        except cohere.UnprocessableEntityError as error:
            check(part in str(error.body), f"the reason is {error.body}")
        else:
            raise AssertionError(f"{body} is answered")


@client("cohere", "/v1/rerank")
def cohere_v1(url):
    """cohere.Client"""
    import cohere
    client = cohere.Client(api_key=KEY, base_url=url)
    cohere_refuses(client)
    response = client.rerank(model=MODEL, query=QUERY, documents=DOCUMENTS, top_n=TOP, return_documents=True)
    check(all(result.document.text == DOCUMENTS[result.index] for result in response.results), "documents differ")
    return cohere_results(response)


@client("cohere", "/v1/rerank")
def cohere_v1_objects(url):
    """cohere.Client, documents with rank_fields"""
    import cohere
    documents = [{"id": str(number), "body": text} for number, text in enumerate(DOCUMENTS)]
    return cohere_results(cohere.Client(api_key=KEY, base_url=url).rerank(
        model=MODEL, query=QUERY, documents=documents, rank_fields=["body"], top_n=TOP))


@client("cohere", "/v2/rerank")
def cohere_v2(url):
    """cohere.ClientV2"""
    import cohere
    client = cohere.ClientV2(api_key=KEY, base_url=url)
    cohere_refuses(client)
    return cohere_results(client.rerank(
        model=MODEL, query=QUERY, documents=DOCUMENTS, top_n=TOP, max_tokens_per_doc=4096))


@client("langchain-cohere", "/v2/rerank")
def langchain_cohere(url):
    """CohereRerank"""
    from langchain_cohere import CohereRerank
    ranker = CohereRerank(model=MODEL, cohere_api_key=KEY, base_url=url, top_n=TOP)
    return [(found["index"], found["relevance_score"]) for found in ranker.rerank(DOCUMENTS, QUERY)]


# LiteLLM


def litellm_rerank(provider, url, **options):
    import litellm
    litellm.suppress_debug_info = True
    response = litellm.rerank(
        model=f"{provider}/{MODEL}", query=QUERY, documents=DOCUMENTS, top_n=TOP, api_base=url, api_key=KEY, **options)
    for result in response.results:
        if options.get("return_documents", True) and provider != "cohere":
            check(result["document"]["text"] == DOCUMENTS[result["index"]], f"the document is {result.get('document')}")
    return [(result["index"], result["relevance_score"]) for result in response.results]


@client("litellm", "/v2/rerank")
def litellm_cohere(url):
    """litellm, cohere/"""
    return litellm_rerank("cohere", url)


@client("litellm", "/v1/rerank")
def litellm_cohere_v1(url):
    """litellm, cohere/ with the address of version 1"""
    return litellm_rerank("cohere", url + "/v1/rerank")


@client("litellm", "/v1/rerank")
def litellm_jina(url):
    """litellm, jina_ai/"""
    return litellm_rerank("jina_ai", url)


@client("litellm", "/rerank")
def litellm_huggingface(url):
    """litellm, huggingface/"""
    return litellm_rerank("huggingface", url)


@client("litellm", "/rerank")
def litellm_vllm(url):
    """litellm, hosted_vllm/"""
    return litellm_rerank("hosted_vllm", url)


@client("litellm", "/rerank")
def litellm_infinity(url):
    """litellm, infinity/ without documents"""
    return litellm_rerank("infinity", url, return_documents=False)


@client("litellm", "/rerank", shape="infinity")
def litellm_infinity_with_documents(url):
    """litellm, infinity/"""
    return litellm_rerank("infinity", url)


@client("litellm", "/v1/rerank", recorded=False)
def litellm_refusals(url):
    """litellm, errors of every provider"""
    import litellm
    for provider in ["cohere", "jina_ai", "huggingface", "hosted_vllm", "infinity"]:
        try:
            litellm.rerank(model=f"{provider}/{MODEL}", query="", documents=DOCUMENTS, api_base=url, api_key=KEY)
        except Exception as error:
            check("'query' is empty" in str(error), f"{provider}: the reason is {error}")
        else:
            raise AssertionError(f"{provider}: an empty query is answered")
    return litellm_rerank("jina_ai", url)


# LlamaIndex


def llama_index_results(ranker):
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
    nodes = [NodeWithScore(node=TextNode(text=text, id_=str(number)), score=0) for number, text in enumerate(DOCUMENTS)]
    found = ranker.postprocess_nodes(nodes, query_bundle=QueryBundle(QUERY))
    return [(int(node.node.node_id), node.score) for node in found]


@client("llama-index-postprocessor-cohere-rerank", "/v2/rerank")
def llama_index_cohere(url):
    """CohereRerank"""
    from llama_index.postprocessor.cohere_rerank import CohereRerank
    return llama_index_results(CohereRerank(top_n=TOP, model=MODEL, api_key=KEY, base_url=url))


@client("llama-index-postprocessor-jinaai-rerank", "/v1/rerank")
def llama_index_jina(url):
    """JinaRerank"""
    from llama_index.postprocessor.jinaai_rerank import JinaRerank
    return llama_index_results(JinaRerank(top_n=TOP, model=MODEL, api_key=KEY, base_url=url + "/v1"))


@client("llama-index-postprocessor-jinaai-rerank", "/rerank")
def llama_index_jina_root(url):
    """JinaRerank, without /v1"""
    from llama_index.postprocessor.jinaai_rerank import JinaRerank
    return llama_index_results(JinaRerank(top_n=TOP, model=MODEL, api_key=KEY, base_url=url))


@client("llama-index-postprocessor-tei-rerank", "/rerank")
def llama_index_tei(url):
    """TextEmbeddingInference"""
    from llama_index.postprocessor.tei_rerank import TextEmbeddingInference
    return llama_index_results(TextEmbeddingInference(top_n=TOP, base_url=url))


# Haystack


def haystack_results(ranker):
    from haystack import Document
    documents = [Document(id=str(number), content=text) for number, text in enumerate(DOCUMENTS)]
    return [(int(found.id), found.score) for found in ranker.run(query=QUERY, documents=documents, top_k=TOP)["documents"]]


@client("cohere-haystack", "/v2/rerank")
def haystack_cohere(url):
    """CohereRanker"""
    from haystack.utils import Secret
    from haystack_integrations.components.rankers.cohere import CohereRanker
    return haystack_results(CohereRanker(model=MODEL, api_key=Secret.from_token(KEY), api_base_url=url))


@client("jina-haystack", "/v1/rerank")
def haystack_jina(url):
    """JinaRanker"""
    from haystack.utils import Secret
    from haystack_integrations.components.rankers.jina import JinaRanker
    return haystack_results(JinaRanker(model=MODEL, api_key=Secret.from_token(KEY), base_url=url + "/v1/rerank"))


@client("vllm-haystack", "/v1/rerank")
def haystack_vllm(url):
    """VLLMRanker, with keys of vLLM's"""
    from haystack.utils import Secret
    from haystack_integrations.components.rankers.vllm import VLLMRanker
    return haystack_results(VLLMRanker(
        model=MODEL, api_key=Secret.from_token(KEY), api_base_url=url + "/v1",
        extra_parameters={"use_activation": True, "truncate_prompt_tokens": -1}))


@client("huggingface-api-haystack", "/rerank")
def haystack_tei(url):
    """HuggingFaceTEIRanker"""
    from haystack.utils import Secret
    from haystack_integrations.components.rankers.huggingface_api import HuggingFaceTEIRanker, TruncationDirection
    ranker = HuggingFaceTEIRanker(url=url, token=Secret.from_token(KEY), max_retries=0)
    from haystack import Document
    documents = [Document(id=str(number), content=text) for number, text in enumerate(DOCUMENTS)]
    try:
        ranker.run(query=QUERY, documents=documents, truncation_direction=TruncationDirection.LEFT)
    except RuntimeError as error:
        check("truncated on the right" in str(error), f"the reason is {error}")
    else:
        raise AssertionError("texts are truncated on the left")
    found = ranker.run(query=QUERY, documents=documents, top_k=TOP, truncation_direction=TruncationDirection.RIGHT)
    return [(int(document.id), document.score) for document in found["documents"]]


# rerankers (answer.ai)


def rerankers_results(provider, url):
    from rerankers import Reranker
    ranker = Reranker(MODEL, model_type=provider, api_key=KEY, url=url, verbose=0)
    found = ranker.rank(QUERY, DOCUMENTS, doc_ids=list(range(len(DOCUMENTS))))
    return [(result.doc_id, result.score) for result in found.results][:TOP]


@client("rerankers", "/v1/rerank")
def rerankers_cohere(url):
    """Reranker, cohere"""
    return rerankers_results("cohere", url + "/v1/rerank")


@client("rerankers", "/v1/rerank")
def rerankers_jina(url):
    """Reranker, jina"""
    return rerankers_results("jina", url + "/v1/rerank")


@client("rerankers", "/rerank")
def rerankers_tei(url):
    """Reranker, text-embeddings-inference"""
    return rerankers_results("text-embeddings-inference", url + "/rerank")


# Infinity


@client("infinity-client", "/rerank")
def infinity(url):
    """infinity_client"""
    from infinity_client import Client
    from infinity_client.api.default import health, models, rerank
    from infinity_client.models import HTTPValidationError, RerankInput, ReRankResult
    client = Client(base_url=url)
    check(models.sync(client=client).data[0].id, "no model")
    health.sync(client=client)
    refused = rerank.sync(client=client, body=RerankInput(query="", documents=DOCUMENTS))
    check(isinstance(refused, HTTPValidationError) and "'query' is empty" in refused.detail[0].msg, f"an empty query gives {refused}")
    result = rerank.sync(client=client, body=RerankInput(
        query=QUERY, documents=DOCUMENTS, top_n=TOP, return_documents=True, model=MODEL))
    check(isinstance(result, ReRankResult) and result.object_ == "rerank", f"the result is {result}")
    check(all(found.document == DOCUMENTS[found.index] for found in result.results), "documents differ")
    return [(found.index, found.relevance_score) for found in result.results]


@client("langchain-community", "/rerank")
def langchain_infinity(url):
    """InfinityRerank"""
    from infinity_client import Client
    from langchain_community.document_compressors.infinity_rerank import InfinityRerank
    ranker = InfinityRerank(client=Client(base_url=url), model=MODEL, top_n=TOP)
    return [(found["index"], found["relevance_score"]) for found in ranker.rerank(DOCUMENTS, QUERY)]


@client("langchain-community", "/v1/rerank")
def langchain_jina(url):
    """JinaRerank"""
    from langchain_community.document_compressors import jina_rerank
    jina_rerank.JINA_API_URL = url + "/v1/rerank"
    ranker = jina_rerank.JinaRerank(model=MODEL, jina_api_key=KEY, top_n=TOP)
    return [(found["index"], found["relevance_score"]) for found in ranker.rerank(DOCUMENTS, QUERY)]


# Servers whose clients are a few lines of HTTP in other programs


def post(url, body, headers=None):
    request = urllib.request.Request(url, json.dumps(body).encode(), headers or {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def best(scores):
    return sorted(enumerate(scores), key=lambda pair: -pair[1])[:TOP]


@client("openai", "/v1/models")
def openai_models(url):
    """OpenAI, models and POST /v1/score"""
    import openai
    client = openai.OpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0)
    check([model.id for model in client.models.list()], "no model")
    try:
        client.embeddings.create(model=MODEL, input="a")
    except openai.NotFoundError as error:
        check("/v1/rerank" in error.body["message"], f"the reason is {error.body}")
    else:
        raise AssertionError("embeddings are answered")
    response = client.post("/score", cast_to=object, body={"model": MODEL, "text_1": QUERY, "text_2": DOCUMENTS})
    return best([item["score"] for item in response["data"]])


@client(None, "/score")
def vllm_score(url):
    """vLLM's examples/…/score (text_1, text_2)"""
    response = post(url + "/score", {"model": MODEL, "text_1": QUERY, "text_2": DOCUMENTS}, {
        "User-Agent": "Test Client", "Content-Type": "application/json"})
    return best([item["score"] for item in response["data"]])


@client(None, "/reranking")
def llama_server(url):
    """llama.cpp's tests/unit/test_rerank"""
    for documents in [[], None, 123, [1, 2, 3]]:
        try:
            post(url + "/rerank", {"query": QUERY, "documents": documents})
        except urllib.error.HTTPError as error:
            check(error.code == 400 and "error" in json.load(error), f"{documents} gives {error.code}")
        else:
            raise AssertionError(f"{documents} is answered")
    found = post(url + "/rerank", {"query": QUERY, "texts": DOCUMENTS, "top_n": 2})
    check(len(found) == 2 and found[0]["score"], f"texts give {found}")
    response = post(url + "/reranking", {"query": QUERY, "documents": DOCUMENTS, "top_n": TOP})
    check(response["usage"]["prompt_tokens"] == response["usage"]["total_tokens"], "tokens differ")
    return [(found["index"], found["relevance_score"]) for found in response["results"]]


@client(None, "/rerank")
def weaviate(url):
    """Weaviate's modules/reranker-transformers/clients"""
    with urllib.request.urlopen(url + "/.well-known/ready") as response:
        check(response.status == 204, f"ready is {response.status}")
    with urllib.request.urlopen(url + "/meta") as response:
        check(isinstance(json.load(response), dict), "meta is no object")
    body = json.dumps({"query": QUERY, "documents": DOCUMENTS, "property": ""}).encode()
    address = url.removeprefix("http://")
    import http.client
    connection = http.client.HTTPConnection(address)
    # Go's client sends no Content-Type unless it is told to.
    connection.request("POST", "/rerank", body, {"Content-Length": str(len(body))})
    answer = json.load(connection.getresponse())
    check([pair["document"] for pair in answer["scores"]] == DOCUMENTS, "documents are not in their order")
    return best([pair["score"] for pair in answer["scores"]])


# The table


def expected(program, model):
    lines = "".join(json.dumps({"query": QUERY, "text": text}) + "\n" for text in DOCUMENTS)
    output = subprocess.run(
        [program, "score", "--model", model, "--max-length", "64", "--precision", "f32"], input=lines, text=True,
        capture_output=True, check=True).stdout
    return [1 / (1 + math.exp(-float(line))) for line in output.split()]


def compare(found, scores):
    order = [index for index, _ in best(scores)]
    check([index for index, _ in found] == order, f"the order {[index for index, _ in found]} is not {order}")
    difference = max(abs(score - scores[index]) for index, score in found)
    check(difference < 1e-5, f"scores differ by {difference}")
    return f"order and scores as of ltr score (largest difference {difference:.0e})"


class Recorder(http.server.BaseHTTPRequestHandler):
    """Passes requests on and keeps each client's last rerank request that is answered."""
    protocol_version = "HTTP/1.1"
    upstream, client, call = "", "", ""
    kept = {}

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = urllib.request.Request(self.upstream + self.path, body or None, dict(self.headers.items()), method=self.command)
        if "Content-Type" not in self.headers:
            request.add_unredirected_header("Content-type", "application/json")
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        content = answer.read()
        if self.command == "POST" and answer.status == 200 and self.path.endswith("rerank") and self.call not in UNRECORDED:
            self.kept[self.client, self.call] = {
                "client": self.client, "call": self.call, "path": self.path, "type": self.headers.get("Content-Type"),
                "body": body.decode()}
        self.send_response(answer.status)
        for key, value in answer.headers.items():
            if key.lower() not in ("connection", "transfer-encoding"):
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = forward

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(program, model, shape):
    options = ["--shape", shape] if shape else []
    server = subprocess.Popen(
        [program, "serve", "--model", model, "--port", "0", "--precision", "f32", "--max-length", "64", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    if not line:
        raise AssertionError(server.stderr.read().strip().splitlines()[0])
    # Warnings and notes must not fill the pipe.
    threading.Thread(target=server.stderr.read, daemon=True).start()
    try:
        yield line.split()[-1]
    finally:
        server.terminate()
        check(server.wait(timeout=30) == 0, f"the server ended with {server.returncode}")


@contextlib.contextmanager
def recording(url, file):
    if file is None:
        yield url
        return
    Recorder.upstream = url
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()


def version(package):
    return importlib.metadata.version(package) if package else "-"


def run(rows, url, scores):
    failures = 0
    for name, package, route, shape, function in rows:
        Recorder.client, Recorder.call = package, name
        number = "-"
        try:
            number = version(package)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                found = function(url)
            result = compare(found, scores)
        except (ImportError, importlib.metadata.PackageNotFoundError):
            result = "SKIPPED: not installed"
        except Exception as error:
            failures += 1
            result = f"FAILED: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
        option = f", --shape {shape}" if shape else ""
        print(f"| {package or '(HTTP)'} | {number} | {name} | {route}{option} | {result} |", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--record", type=argparse.FileType("w", encoding="utf-8"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    os.environ.update(HAYSTACK_TELEMETRY_ENABLED="False", LITELLM_LOCAL_MODEL_COST_MAP="True", TQDM_DISABLE="1")
    scores = expected(options.program, options.model)
    print("| client | version | what | route | result |\n| --- | --- | --- | --- | --- |")
    failures = 0
    for wanted in dict.fromkeys(shape for _, _, _, shape, _ in CLIENTS):
        rows = [row for row in CLIENTS if row[3] == wanted]
        try:
            with serving(options.program, options.model, wanted) as url, recording(url, options.record) as address:
                failures += run(rows, address, scores)
        except AssertionError as error:
            failures += len(rows)
            print(f"| - | - | {', '.join(row[0] for row in rows)} | - | FAILED: {error} |")
    if options.record:
        options.record.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in Recorder.kept.values())
    sys.exit(f"{failures} of {len(CLIENTS)} clients failed" if failures else 0)


if __name__ == "__main__":
    main()
