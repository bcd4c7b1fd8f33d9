"""Writes csv.json: small tables, damaged at random, and what Python's csv module makes of them.

Run it in this folder: python3 make_csv.py. The reader is strict (`strict=True`): it refuses quotes
that are not closed or not doubled. Empty lines, of which it makes empty rows, are left out.
"""

import csv
import io
import json
import random

random.seed(20)

SEEDS = [
    "query,document,label\nred shoes,\"Shoes, red\",2\nlamp,\"a \"\"small\"\" lamp\",1\n",
    "a,b\r\n\"line\r\nbreak\",2\r\n,\r\n\"\",\"\"\r\n",
    "q,d\rx,19\" monitor\ry,\" padded \"\r",
    "é,ü\n\"日本, 語\",\"\"\"\"\n",
]
PIECES = ["\"", ",", "\n", "\r\n", "\r", "\"\"", " ", "x", "é", ",,", "\n\n"]


def mutant():
    text = random.choice(SEEDS)
    for _ in range(random.randint(0, 4)):
        place = random.randint(0, len(text))
        kind = random.random()
        if kind < 0.5:
            text = text[:place] + random.choice(PIECES) + text[place:]
        elif kind < 0.8:
            text = text[:place] + text[place + random.randint(1, 3):]
        else:
            other = random.randint(0, len(text))
            text = text[:place] + text[min(place, other):max(place, other)] + text[place:]
    return text


def rows(text):
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return [row for row in found if row]


cases = []
for _ in range(1500):
    text = mutant()
    cases.append({"text": text, "rows": rows(text)})
with open("csv.json", "w", encoding="utf-8") as file:
    json.dump(cases, file, ensure_ascii=False, separators=(",", ":"))
