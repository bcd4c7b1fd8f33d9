#!/usr/bin/env python3
"""Damages indexes of FAISS and searches them with `ltr index search`, which must survive it.

    Benchmarks/mutants.py --program .build/release/ltr --model MODEL [--faiss python] [--count 2500]

Indexes of each type are made by FAISS's Python package (of the interpreter --faiss, where faiss-cpu and
numpy are installed) from the embeddings that the program itself has put into a flat index. Each is first
searched whole. Then mutants of it are made and searched: bits flipped, numbers replaced by extreme ones,
the file truncated, bytes inserted, blocks exchanged; more of them near the beginning, where FAISS keeps
what it trusts. What is made follows from --seed.

With --kind bm25, it is the postings of a BM25 index instead, whose checksums are taken out of index.json.

A mutant may be refused (65) or found good (0), within --seconds and --memory. Anything else is listed,
its file is kept under --keep, and the script fails. At the end it prints counts, the largest memory and
the longest time.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

# Run by the interpreter with faiss: reads the flat index, writes one index for each description.
MAKER = """
import pathlib, sys
import faiss, numpy
folder = pathlib.Path(sys.argv[1])
faiss.omp_set_num_threads(1)
flat = faiss.read_index(str(folder / "plain/index.faiss"))
vectors = flat.reconstruct_n(0, flat.ntotal)
for line in sys.argv[2:]:
    name, description, metric, setting = line.split("|")
    metric = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    index = faiss.index_factory(flat.d, description, metric)
    index.train(vectors)
    if description.startswith("IDMap"):
        index.add_with_ids(vectors, numpy.arange(flat.ntotal))
    else:
        index.add(vectors)
    if setting == "residual":
        index.by_residual = True
        index.use_precomputed_table = 0
        index.precompute_table()
    if setting == "direct":
        index.make_direct_map()
    (folder / name).mkdir()
    faiss.write_index(index, str(folder / name / "index.faiss"))
"""

# Name, description of FAISS, metric, setting.
INDEXES = [
    ("flat-ip", "Flat", "IP", ""),
    ("flat-l2", "Flat", "L2", ""),
    ("sq8", "SQ8", "IP", ""),
    ("sq6", "SQ6", "L2", ""),
    ("sqfp16", "SQfp16", "IP", ""),
    ("pq8", "PQ8", "L2", ""),
    ("pq8-ip", "PQ8", "IP", ""),
    ("pq8x4fs", "PQ16x4fs", "L2", ""),
    ("lsh", "LSHrt", "L2", ""),
    ("hnsw", "HNSW8", "IP", ""),
    ("hnsw-l2", "HNSW16,Flat", "L2", ""),
    ("hnsw-sq", "HNSW8,SQ8", "L2", ""),
    ("hnsw-pq", "HNSW8,PQ8", "L2", ""),
    ("nsg", "NSG8,Flat", "L2", ""),
    ("ivf-flat", "IVF4,Flat", "IP", ""),
    ("ivf-direct", "IVF4,Flat", "L2", "direct"),
    ("ivf-sparse", "IVF100,Flat", "L2", ""),
    ("ivf-sq", "IVF4,SQ8", "L2", ""),
    ("ivf-pq", "IVF4,PQ8", "L2", ""),
    ("ivf-pqr", "IVF4,PQ8+4", "L2", ""),
    ("ivf-pqfs", "IVF4,PQ16x4fs", "L2", "residual"),
    ("ivf-hnsw", "IVF8_HNSW8,Flat", "L2", ""),
    ("imi", "IMI2x3,PQ8", "L2", ""),
    ("opq-ivf", "OPQ8,IVF4,PQ8", "L2", ""),
    ("pca", "PCA16,Flat", "IP", ""),
    ("pca-norm", "PCAWR16,L2norm,HNSW8", "L2", ""),
    ("itq", "ITQ16,LSH", "L2", ""),
    ("idmap", "IDMap,Flat", "IP", ""),
    ("idmap2", "IDMap2,HNSW8", "L2", ""),
    ("refine", "PQ8,RFlat", "L2", ""),
    ("refine-ivf", "IVF4,PQ8,RFlat", "L2", ""),
]

# The four letters of a part's type.
PART = re.compile(rb"I(?:x|H|N|v|w|P|m)[A-Za-z][A-Za-z0-9]|il(?:ar|bl)|rrot|LTra|PCAm|P[cC]am|Viqt|VNrm")

WORDS = "file trash restore menu water boil cat dog open folder delete copy paste print save".split()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/release/ltr")
    parser.add_argument("--model", required=True, help="an encoder to make embeddings")
    parser.add_argument("--faiss", default="python3", help="an interpreter with faiss-cpu and numpy")
    parser.add_argument("--kind", default="dense", choices=["dense", "bm25"])
    parser.add_argument("--only", help="only the index of this name")
    parser.add_argument("--documents", type=int, default=256)
    parser.add_argument("--count", type=int, default=2500, help="how many mutants, all in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--memory", type=int, default=512, help="the most resident memory, in MiB")
    parser.add_argument("--keep", help="a folder for the files that did harm")
    return parser.parse_args()


def write_collection(folder, documents, chooser):
    folder.mkdir()
    with open(folder / "corpus.jsonl", "w") as file:
        for number in range(documents):
            text = " ".join(chooser.choices(WORDS, k=8))
            file.write(json.dumps({"_id": f"d{number}", "text": text}) + "\n")
    with open(folder / "queries.jsonl", "w") as file:
        for number in range(4):
            text = " ".join(chooser.choices(WORDS, k=3))
            file.write(json.dumps({"_id": f"q{number}", "text": text}) + "\n")


def mutant(whole, chooser):
    """A damaged copy, and what was done to it."""
    data = bytearray(whole)
    head = min(len(data), 400)
    parts = [match.start() for match in PART.finditer(whole)]

    def place(size):
        # Most of them where the file or a part of it begins or ends, where what is trusted lies.
        limit = max(len(data) - size, 0)
        where = chooser.random()
        if where < 0.2:
            return chooser.randint(0, min(head, limit))
        if where < 0.4 and parts:
            return min(max(chooser.choice(parts) + chooser.randint(-80, 80), 0), limit)
        if where < 0.6:
            return max(0, limit - chooser.randint(0, 200))
        return chooser.randint(0, limit)

    kind = chooser.choice(["bit", "byte", "int32", "int64", "int32", "int64", "cut", "insert", "swap"])
    if kind == "bit":
        at = place(1)
        data[at] ^= 1 << chooser.randint(0, 7)
    elif kind == "byte":
        at = place(1)
        data[at] = chooser.choice([0, 1, 0x7F, 0x80, 0xFF])
    elif kind in ("int32", "int64"):
        size = 4 if kind == "int32" else 8
        at = place(size)
        bits = 8 * size - 1
        small = chooser.randint(2, 1 << chooser.randint(2, bits - 1))
        value = chooser.choice([0, 1, -1, -2, 2**bits - 1, -(2**bits), small, 1 << 20, 1 << 30])
        if chooser.random() < 0.5:
            old = int.from_bytes(data[at : at + size], "little", signed=True)
            value = chooser.choice([old + 1, old - 1, old * 2, -old])
        value &= (1 << 8 * size) - 1
        data[at : at + size] = value.to_bytes(size, "little")
    elif kind == "cut":
        at = place(1)
        del data[at:]
    elif kind == "insert":
        at = place(1)
        data[at:at] = chooser.randbytes(chooser.choice([1, 4, 8, 100]))
    else:
        size = chooser.choice([4, 8, 16, 64])
        at, other = place(size), place(size)
        first, second = data[at : at + size], data[other : other + size]
        data[at : at + size], data[other : other + size] = second, first
    return bytes(data), f"{kind} at {at}"


class Trial:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def search(self, index, output):
        """Exit status (negative for a signal), peak memory in KiB, seconds, and what was said."""
        options = self.options
        command = [options.program, "index", "search", "--index", str(index)]
        command += ["--collection", str(self.folder / "shop"), "--depth", "20", "--output", output]
        if options.kind == "dense":
            command += ["--model", options.model]
        start = time.monotonic()
        errors = tempfile.TemporaryFile()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        peak = code = None
        while code is None:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                code, peak = os.waitstatus_to_exitcode(status), usage.ru_maxrss
            elif time.monotonic() - start > options.seconds:
                process.kill()
                _, _, usage = os.wait4(process.pid, 0)
                code, peak = "timeout", usage.ru_maxrss
            else:
                time.sleep(0.004)
        process.returncode = 0
        errors.seek(0)
        return code, peak, time.monotonic() - start, errors.read().decode(errors="replace")

    def mutate(self, number, name, file, seed):
        chooser = random.Random(seed)
        whole = file.read_bytes()
        data, what = mutant(whole, chooser)
        own = self.folder / f"mutant-{number}"
        shutil.copytree(file.parent, own)
        (own / file.name).write_bytes(data)
        result = self.search(own, str(self.folder / f"{number}.run"))
        code, peak = result[0], result[1]
        harm = code not in (0, 65) or peak > self.options.memory << 10
        if harm and self.options.keep:
            kept = pathlib.Path(self.options.keep) / f"{name}-{number}"
            shutil.copytree(own, kept, dirs_exist_ok=True)
        shutil.rmtree(own)
        (self.folder / f"{number}.run").unlink(missing_ok=True)
        return name, what, data == whole, harm, result


def make_dense(options, folder):
    subprocess.run(
        [options.program, "index", "build", "--kind", "dense", "--collection", folder / "shop",
         "--model", options.model, "--output", folder / "plain"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wanted = [entry for entry in INDEXES if options.only in (None, entry[0])]
    made = []
    for entry in wanted:
        # FAISS may crash or never end where it builds a graph of few vectors (NSG).
        try:
            subprocess.run(
                [options.faiss, "-c", MAKER, folder, "|".join(entry)],
                check=True, stderr=subprocess.DEVNULL, timeout=60)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{entry[0]:<12} not made: FAISS itself failed ({type(error).__name__})", flush=True)
            continue
        shutil.copy(folder / "plain/ids.txt", folder / entry[0] / "ids.txt")
        made.append((entry[0], folder / entry[0] / "index.faiss"))
    if not made:
        sys.exit(f"none of the indexes could be made: does {options.faiss} have faiss-cpu and numpy?")
    return made


def make_bm25(options, folder):
    subprocess.run(
        [options.program, "index", "build", "--collection", folder / "shop", "--output",
         folder / "words"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    manifest = json.loads((folder / "words/index.json").read_text())
    entries = manifest["options"].items()
    manifest["options"] = {k: v for k, v in entries if not k.startswith("checksum of ")}
    (folder / "words/index.json").write_text(json.dumps(manifest))
    return [("words", folder / "words/postings.glass")]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_collection(folder / "shop", options.documents, random.Random(options.seed))
        make = make_dense if options.kind == "dense" else make_bm25
        files = make(options, folder)
        trial = Trial(options, folder)
        refused = []
        for name, file in files:
            code, peak, seconds, errors = trial.search(file.parent, str(folder / "whole.run"))
            (folder / "whole.run").unlink(missing_ok=True)
            print(f"{name:12} {file.stat().st_size:9} bytes, whole: {code}, {peak >> 10} MiB")
            if code != 0:
                refused.append(f"{name}, whole: {code}: {errors}")
        results = collections.defaultdict(collections.Counter)
        worst, harms = {"memory": (0, ""), "seconds": (0, "")}, []
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            tasks = [
                pool.submit(trial.mutate, n, *files[n % len(files)], f"{options.seed}/{n}")
                for n in range(options.count)
            ]
            for task in concurrent.futures.as_completed(tasks):
                name, what, is_whole, harm, (code, peak, seconds, errors) = task.result()
                results[name]["unchanged" if is_whole else code] += 1
                worst["memory"] = max(worst["memory"], (peak, f"{name}: {what}"))
                worst["seconds"] = max(worst["seconds"], (seconds, f"{name}: {what}"))
                if harm:
                    harms.append(f"{name}: {what}: {code}, {peak >> 10} MiB: {errors[:200]}")
    total = collections.Counter()
    for name, counts in sorted(results.items()):
        total += counts
        print(f"{name:12} " + ", ".join(f"{k}: {v}" for k, v in sorted(counts.items(), key=str)))
    print(f"all {sum(total.values()):8} " + ", ".join(f"{k}: {v}" for k, v in total.items()))
    peak, what = worst["memory"]
    print(f"most memory: {peak >> 10} MiB ({what})")
    print(f"longest: {worst['seconds'][0]:.2f} s ({worst['seconds'][1]})")
    print(f"harm done: {len(harms)}")
    for line in harms + refused:
        print(f"  {line}")
    sys.exit(1 if harms or refused else 0)


if __name__ == "__main__":
    main()
