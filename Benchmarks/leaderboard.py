"""Minutes to a fixed nDCG@10 with the recipe of the quickstart: rows for LEADERBOARD.md.

    python3 Benchmarks/leaderboard.py .build/release/ltr Data/helpdesk
    python3 Benchmarks/leaderboard.py .build/release/ltr path/to/another --mark 0.6

Runs in the project's folder. Every collection (BEIR's layout, with the splits train, dev and test) is
trained on from nothing: indexes are built and searched too, and the clock runs from the start of
`ltr train` to the end of the first evaluation on dev whose fused order reaches the mark.
What was trained is deleted. `--set` passes settings on, such as training.seed=8.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import tempfile
import time

MARKS = {"helpdesk": 0.75}
RECIPE = pathlib.Path("Recipes/01-quickstart.yaml")


def train(program, collection, settings):
    """Returns the events of a run's log, each with its seconds since the start, its metrics, and all seconds."""
    with tempfile.TemporaryDirectory() as folder:
        text = RECIPE.read_text()
        text = text.replace("Data/helpdesk", str(collection))
        text = text.replace("Checkpoints/helpdesk", os.path.join(folder, "helpdesk"))
        recipe = pathlib.Path(folder, "recipe.yaml")
        recipe.write_text(text)
        run = pathlib.Path(folder, "run")
        command = [program, "train", str(recipe), "--output", str(run)]
        for setting in settings:
            command += ["--set", setting]
        start, clock = time.time(), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        total = time.perf_counter() - clock
        events = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        for event in events:
            at = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
            # The log has whole seconds.
            event["seconds"] = max(0, at.timestamp() - start)
        return events, json.loads((run / "metrics.json").read_text()), total


def row(program, collection, mark, settings):
    events, metrics, total = train(program, collection, settings)
    dev = [
        (event["orders"]["fused"]["nDCG@10"], event["seconds"] / 60)
        for event in events
        if event["event"] == "evaluation" and event["split"] == "dev"
    ]
    reached = next((f"{minutes:.1f}" for value, minutes in dev if value >= mark), "not reached")
    test = {name: order["nDCG@10"] for name, order in metrics["test"]["orders"].items()}
    machine = next(event for event in events if event["event"] == "machine")
    cells = [
        machine["program"], machine["processor"], str(machine["cores"]), collection.name,
        f"{mark:.2f}", reached, f"{total / 60:.1f}",
        *(f"{test[name]:.4f}" for name in ("first stage", "bi-encoder", "model", "fused")),
    ]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("collections", nargs="+", type=pathlib.Path)
    parser.add_argument("--mark", type=float, help="nDCG@10 on dev, where MARKS has none")
    parser.add_argument("--set", action="append", default=[], metavar="key.path=value")
    options = parser.parse_args()
    for collection in options.collections:
        mark = options.mark or MARKS.get(collection.name)
        if mark is None:
            parser.error(f"{collection.name} has no mark: give --mark")
        print(row(options.program, collection, mark, options.set), flush=True)


main()
