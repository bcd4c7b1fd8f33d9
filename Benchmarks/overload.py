"""More load than a server can carry, for serve.py: what of its work reaches clients in time.

Clients ask in closed loops: each sends its next request once the last one is answered. A client that
gets status 429 either waits as long as Retry-After says, or hammers: it asks again after
0.1 s.
"""

import http.client
import json
import os
import statistics
import threading
import time
from contextlib import contextmanager

PAUSE = 0.1


class Client(threading.Thread):
    """Sends one body over and over until it is told to stop."""

    def __init__(self, port, body, documents, honours, phase, once=False):
        super().__init__(daemon=True)
        self.port, self.body, self.documents = port, body, documents
        self.honours, self.phase, self.once = honours, phase, once
        self.responses = []  # (when it came, seconds it took, status)

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        while not self.phase["stop"]:
            start = time.perf_counter()
            try:
                connection.request("POST", "/rerank", self.body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
                status, after = response.status, response.getheader("Retry-After")
            except OSError:
                connection.close()
                status, after = 0, None
            now = time.perf_counter()
            self.responses.append((now, now - start, status))
            if self.once:
                return
            if status != 200:
                wait = float(after) if self.honours and after else PAUSE
                until = now + wait
                while time.perf_counter() < until and not self.phase["stop"]:
                    time.sleep(min(PAUSE, max(0, until - time.perf_counter())))


def body(query, texts):
    return json.dumps({"query": query, "texts": texts, "raw_scores": True}).encode()


def long_texts(collection, count, size=2400):
    """Texts that fill a sequence of 512 tokens, made of the collection's."""
    texts, parts, length = [], [], 0
    while len(texts) < count:
        with open(os.path.join(collection, "corpus.jsonl")) as lines:
            for line in lines:
                record = json.loads(line)
                parts.append(record["text"])
                length += len(record["text"])
                if length >= size:
                    texts.append(" ".join(parts)[:size])
                    parts, length = [], 0
                if len(texts) == count:
                    break
    return texts


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


class Seen:
    """What clients saw in a span of time."""

    def __init__(self, clients, start, end):
        inside = [(c, s, code) for c in clients for at, s, code in c.responses if start <= at < end]
        self.seconds = [s for _, s, code in inside if code == 200]
        self.statuses = {}
        for _, _, code in inside:
            self.statuses[code] = self.statuses.get(code, 0) + 1
        self.rate = sum(c.documents for c, _, code in inside if code == 200) / (end - start)

    def share(self, *codes):
        return sum(self.statuses.get(code, 0) for code in codes) / max(1, sum(self.statuses.values()))

    def line(self, name):
        return (
            f"{name:>12} {self.rate:8.1f} documents/s  p50 {quantile(self.seconds, 0.5):6.2f} s  "
            f"p99 {quantile(self.seconds, 0.99):6.2f} s  429 {self.share(429):5.3f}  "
            f"503/504 {self.share(503, 504):5.3f}  other {1 - self.share(200, 429, 503, 504):5.3f}"
        )


def computed(port):
    """How many documents (sequences) the server has computed so far."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics")
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("ltr_batch_sequences_sum "):
            return float(line.split()[1])
    return float("nan")


def spell(port, bodies, honours, warm, seconds):
    """What clients with these bodies, a client each, see in so many seconds after the first ones."""
    phase = {"stop": False}
    clients = [Client(port, text, count, honours, phase) for text, count in bodies]
    for client in clients:
        client.start()
    time.sleep(warm)
    start = time.perf_counter()
    time.sleep(seconds)
    end = time.perf_counter()
    phase["stop"] = True
    for client in clients:
        client.join()
    return clients, start, end


def overload(serve, options):
    """Loads servers that `serve` starts, prints what clients see, and yields what is not good enough.

    `serve` is a context manager that takes more options of `ltr serve` and gives its port."""
    texts = long_texts(options.collection, 1000)
    query = "which of these documents answers the question"
    long = (body(query, texts[:100]), 100)
    counts = [int(n) for n in options.overload_clients.split(",")]
    for honours in (True, False):
        name = "honour Retry-After" if honours else f"ask again after {PAUSE} s"
        print(f"requests of 100 long documents, {options.overload_timeout} s allowed; clients {name}")
        found = {}
        with serve("--request-timeout", str(options.overload_timeout)) as port:
            for count in counts:
                warm, before = options.overload_timeout / 2, computed(port)
                clients, start, end = spell(
                    port, [long] * count, honours, warm, options.overload_seconds)
                seen = Seen(clients, start, end)
                # Of all that was computed from the first request to the last response.
                answered = sum(c.documents for c in clients for r in c.responses if r[2] == 200)
                share = answered / max(1, computed(port) - before)
                print(seen.line(f"{count} clients") + f"  of the work {share:5.3f}", flush=True)
                if share < 0.9:
                    yield f"of the work for {count} clients that {name}, {share:.3f} reaches them"
                found[count] = seen
        best = max(seen.rate for seen in found.values())
        for count, seen in found.items():
            if not seen.rate >= 0.9 * best:
                yield f"{count} clients that {name} get {seen.rate / max(best, 1e-9):.3f} of the best throughput"
    huge = (body(query, texts), 1000)
    with serve() as port:
        print("six requests of 1,000 long documents at once, default limits")
        phase = {"stop": False}
        clients = [Client(port, *huge, True, phase, once=True) for _ in range(6)]
        start = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        seen = Seen(clients, start, time.perf_counter())
        print(seen.line("6 clients"), flush=True)
        if seen.share(503, 504) > 0:
            yield f"of six requests of 1,000 documents, {seen.share(503, 504):.3f} end in 503 or 504"
    with serve() as port:
        print("one client of 5 documents beside three of 1,000, default limits")
        bodies = [huge] * 3 + [(body(query, texts[:5]), 5)]
        clients, start, end = spell(port, bodies, True, 5, options.overload_seconds)
        small = Seen(clients[3:], start, end)
        print(small.line("small"))
        print(Seen(clients[:3], start, end).line("large"), flush=True)
        if not quantile(small.seconds, 0.5) < 1:
            yield "beside three clients of 1,000 documents, one of 5 has p50 of a second or more"
