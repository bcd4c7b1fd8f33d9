#!/usr/bin/env python3
"""Opens more connections to `ltr serve` than there may be, all silent, and measures what that costs.

    Benchmarks/connections.py --program .build/release/ltr --model M

1. as many connections as --max-connections, and 64 more, that send nothing: how long /health takes;
2. 1,100 of them where the server may have 1,024 descriptors: the same, the processor time that the server
   spends in two seconds in which nothing is asked, its descriptors and its memory.

With --check, it fails where /health takes a second or more, or the server computes while nothing is asked.
"""

import argparse
import http.client
import os
import resource
import socket
import subprocess
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/release/ltr")
    parser.add_argument("--model", required=True)
    parser.add_argument("--check", action="store_true", help="fail where it is not good enough")
    return parser.parse_args()


def processor_seconds(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process):
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def health(port, patience=30):
    """The seconds that /health takes; infinite where it has no answer."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/health")
        if connection.getresponse().status != 200:
            return float("inf")
    except OSError:
        return float("inf")
    finally:
        connection.close()
    return time.perf_counter() - start


def measure(options, name, count, used, descriptors, *more):
    """Prints what so many silent connections, behind some that were used, cost; yields what is not
    good enough."""
    server = subprocess.Popen(
        [options.program, "serve", "--model", options.model, "--port", "0", *more],
        stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
    try:
        line = server.stdout.readline()
        if not line:
            print(f"{name}: the server does not start")
            return
        port = int(line.rsplit(":", 1)[1])
        before = memory(server.pid)
        connections = []
        for number in range(used + count):
            client = socket.create_connection(("127.0.0.1", port), timeout=30)
            if number < used:
                client.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(4096)
            connections.append(client)
        time.sleep(1)
        start = processor_seconds(server.pid)
        time.sleep(2)
        spent = processor_seconds(server.pid) - start
        taken = max(health(port) for _ in range(5))
        files = len(os.listdir(f"/proc/{server.pid}/fd"))
        print(f"{name}: /health {taken:.3f} s, {spent:.2f} s of processor time in 2 s, "
              f"{files} descriptors, memory {before:.1f} MB before and {memory(server.pid):.1f} MB with them")
        if not taken < 1:
            yield f"{name}: /health takes {taken:.1f} s"
        if spent > 0.5:
            yield f"{name}: {spent:.2f} s of processor time in 2 s in which nothing is asked"
        for client in connections:
            client.close()
    finally:
        server.terminate()
        server.wait(timeout=90)


def main():
    options = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    found = []
    found += measure(options, "512 used and 64 silent", 64, 512, 4096)
    found += measure(options, "1,100 silent, 1,024 descriptors", 1100, 0, 1024)
    found += measure(options, "1,100 silent, 1,024 descriptors, --max-connections 2000", 1100, 0, 1024,
                     "--max-connections", "2000")
    if found:
        print("NOT GOOD ENOUGH: " + "; ".join(found))
    sys.exit(1 if found and options.check else 0)


if __name__ == "__main__":
    main()
