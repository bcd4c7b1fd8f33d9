#!/usr/bin/env python3
"""Loads `ltr serve` on this machine and compares it with `ltr bench rerank`.

    Benchmarks/serve.py --program .build/release/ltr --model M --collection C --run RUN

The collection is in BEIR's layout. A number of requests is sent, each with the candidates of one of
the run's first five queries, in the order of their ids, as `ltr bench rerank` does it:

1. one after the other by one client: the latency of a lonely request;
2. by several clients at once: throughput, and the quantiles of the latency.

Memory is read from /metrics: after the first requests, and at the end.

With --overload, it sends more than the server can do instead: clients that ask in closed loops, six
requests of 1,000 documents, and small requests beside large ones (overload.py). No run is needed.

With --check, it fails where a response is not 200, p99 is three times the median or more, throughput is
below 0.9 of `ltr bench rerank`, memory grows by more than a tenth, or the server does not end with 0;
under overload, where less than 0.9 of the best throughput, or of what was computed, reaches clients in
time, requests of 1,000 documents end in 503 or 504, or small ones have a median of a second or more.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from overload import overload, quantile


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/release/ltr")
    parser.add_argument("--model", required=True)
    parser.add_argument("--collection", required=True)
    parser.add_argument("--run")
    parser.add_argument("--depth", type=int, default=100)
    parser.add_argument("--max-length", type=int, help="256; under overload what the model has")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--lonely", type=int, default=15, help="requests of the lonely client")
    parser.add_argument("--requests", type=int, default=60, help="requests of all clients together")
    parser.add_argument("--no-bench", action="store_true", help="only load the server")
    parser.add_argument("--check", action="store_true", help="fail where it is not good enough")
    parser.add_argument("--overload", action="store_true", help="send more than the server can do")
    parser.add_argument("--overload-clients", default="1,2,6,12,24")
    parser.add_argument("--overload-timeout", type=float, default=10, help="--request-timeout of the server")
    parser.add_argument("--overload-seconds", type=float, default=40, help="for each number of clients")
    options = parser.parse_args()
    if not options.overload:
        if options.run is None:
            parser.error("--run is needed, except with --overload")
        options.max_length = options.max_length or 256
    return options


def bodies(options):
    """The requests' bodies, and how many documents each has."""
    run = {}
    with open(options.run) as lines:
        for line in lines:
            query, _, document, *_ = line.split()
            run.setdefault(query, []).append(document)
    chosen = sorted(run)[:5]
    wanted = {document for query in chosen for document in run[query][:options.depth]}
    texts, queries = {}, {}
    with open(options.collection + "/corpus.jsonl") as lines:
        for line in lines:
            record = json.loads(line)
            if record["_id"] in wanted:
                texts[record["_id"]] = (record.get("title", "") + " " + record["text"]).strip()
    with open(options.collection + "/queries.jsonl") as lines:
        for line in lines:
            record = json.loads(line)
            if record["_id"] in chosen:
                queries[record["_id"]] = record["text"]
    result = []
    for query in chosen:
        documents = [texts[d] for d in run[query][:options.depth] if d in texts]
        body = json.dumps({"query": queries[query], "texts": documents, "raw_scores": True})
        result.append((body.encode(), len(documents)))
    return result


def ask(connection, body):
    """The seconds of one request, and its status."""
    start = time.perf_counter()
    connection.request("POST", "/rerank", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return time.perf_counter() - start, response.status


def memory(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics")
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("process_resident_memory_bytes "):
            return float(line.split()[1]) / 2**20
    return float("nan")


def load(port, requests, clients, count):
    """Latencies by status, and documents a second."""
    lock, latencies = threading.Lock(), {}
    state = {"next": 0, "documents": 0}

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                number = state["next"]
                if number >= count:
                    return
                state["next"] += 1
            body, documents = requests[number % len(requests)]
            seconds, status = ask(connection, body)
            with lock:
                latencies.setdefault(status, []).append(seconds)
                state["documents"] += documents if status == 200 else 0

    start = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, state["documents"] / (time.perf_counter() - start)


def bench(options):
    output = subprocess.run(
        [options.program, "bench", "rerank", "--model", options.model, "--collection",
         options.collection, "--run", options.run, "--depth", str(options.depth), "--max-length",
         str(options.max_length), "--precision", options.precision, "--json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def complaints(code, latencies, start, end, share):
    """What is not good enough."""
    good = latencies.get(200, [])
    others = sorted(status for status in latencies if status != 200)
    if others or not good:
        yield f"not all responses are 200: {others}"
    if good and quantile(good, 0.99) >= 3 * statistics.median(good):
        yield "p99 is three times the median or more"
    if share is not None and share < 0.9:
        yield f"throughput is {share:.3f} of that of ltr bench rerank"
    if not end <= 1.1 * start:
        yield f"memory grows from {start:.1f} to {end:.1f} MB"
    if code != 0:
        yield f"the server ended with {code}"


@contextmanager
def served(options, *more):
    """The port of a server that ends with the block."""
    command = [options.program, "serve", "--model", options.model, "--port", "0", "--precision",
               options.precision, *more]
    if options.max_length:
        command += ["--max-length", str(options.max_length)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline().rsplit(":", 1)[1])
    finally:
        server.terminate()
        if server.wait(timeout=90) != 0:
            sys.exit(f"the server ended with {server.returncode}")


def main():
    options = arguments()
    if options.overload:
        found = list(overload(lambda *more: served(options, *more), options))
        if found:
            print("NOT GOOD ENOUGH: " + "; ".join(found))
        sys.exit(1 if found and options.check else 0)
    requests = bodies(options)
    before = None if options.no_bench else bench(options)
    server = subprocess.Popen(
        [options.program, "serve", "--model", options.model, "--port", "0", "--max-length",
         str(options.max_length), "--precision", options.precision],
        stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        load(port, requests, 1, len(requests))
        lonely, _ = load(port, requests, 1, options.lonely)
        start = memory(port)
        latencies, throughput = load(port, requests, options.clients, options.requests)
        end = memory(port)
    finally:
        server.terminate()
        code = server.wait(timeout=60)
    print(f"server ended with {code}")
    good = latencies.get(200, [])
    for status, values in sorted(latencies.items()):
        print(f"status {status}: {len(values)} responses")
    median = statistics.median(good) if good else float("nan")
    print(f"lonely request: {statistics.median(lonely[200]) * 1000:.1f} ms")
    print(f"{options.clients} clients: {throughput:.1f} documents a second")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        value = quantile(good, share) if good else float("nan")
        print(f"  {name} {value * 1000:.1f} ms, {value / median:.2f} of the median")
    print(f"memory: {start:.1f} MB at the start, {end:.1f} MB at the end")
    share = None
    if before:
        after = bench(options)
        rate = max(before["pairs_per_second"], after["pairs_per_second"])
        fastest = min(before["median_ms"], after["median_ms"])
        print(f"ltr bench rerank: {rate:.1f} pairs a second, {fastest:.1f} ms")
        share = throughput / rate
        print(f"  throughput of the server: {share:.3f} of it")
        print(f"  latency of the server: {statistics.median(lonely[200]) * 1000 / fastest:.3f} of it")
    if options.check:
        found = list(complaints(code, latencies, start, end, share))
        if found:
            sys.exit("FAILED: " + "; ".join(found))


if __name__ == "__main__":
    main()
