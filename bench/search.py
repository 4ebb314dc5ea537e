#!/usr/bin/env python3
"""How long a search of two words takes: both whole, and the last one still being typed.

    python3 bench/search.py [--portal BINARY] [--items N] [--questions N]

Invented news, whose words are as frequent as those of a language are (the n-th as 1/n); words are
chosen by how frequent they are, so most questions ask for two that are in a great part of all items.
"""
import argparse
import datetime
import itertools
import json
import pathlib
import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from trial import trial  # noqa: E402

WORDS = [f"w{number}" for number in range(30_000)]
WEIGHTS = list(itertools.accumulate(1 / (number + 3) for number in range(len(WORDS))))


def write_items(file, count):
    words = random.Random(7)
    at = datetime.datetime(2026, 1, 1)
    for number in range(count):
        some = words.choices(WORDS, cum_weights=WEIGHTS, k=80)
        at -= datetime.timedelta(seconds=400)
        file.write(json.dumps({
            "source_id": str(number), "news_type": "news", "title": " ".join(some[:8]),
            "description": " ".join(some[8:20]), "content": " ".join(some[20:]),
            "author": f"Author {number % 200}", "tags": [some[0], some[1]],
            "published_at": at.isoformat() + "Z"}) + "\n")
    file.flush()


def ask(it, count, end):
    words = random.Random(8)
    spans = []
    for _ in range(count):
        first, second = words.choices(WORDS, cum_weights=WEIGHTS, k=2)
        begin = time.perf_counter()
        it.get(f"/v1/search?q={first}+{second}{end}")
        spans.append(1000 * (time.perf_counter() - begin))
    return sorted(spans)


def show(what, spans):
    print(f"{what}: p50 {spans[len(spans) // 2]:.1f} ms, "
          f"p99 {spans[int(len(spans) * .99) - 1]:.1f} ms, longest {spans[-1]:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description="Measures how long a search takes.")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--portal", type=pathlib.Path, default=root / "build/bench/portal")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=500)
    options = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", dir=options.portal.parent) as file:
        write_items(file, options.items)
        begun = time.monotonic()
        with trial(options.portal, ["news"], [file.name]) as it:
            filled = time.monotonic() - begun
            print(f"{options.items} items, in after {filled:.0f} s (goal: p99 20 ms)")
            for what, end in (("whole words", "+"), ("the last one goes on", "")):
                show(what, ask(it, options.questions, end))



if __name__ == "__main__":
    main()
