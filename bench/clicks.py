#!/usr/bin/env python3
"""Writes generated sessions for `portal replay`, and says what who knew the rule would have guessed.

    python3 bench/clicks.py FILE [--items N] [--sessions N] [--seed N]

From each item one of 20 others is read next, the k-th with weight 1/k (a chain of the first order),
one time in ten any item instead. Sessions have three to eight clicks, begin a second apart, and all
are within a day or so.
"""
import argparse
import itertools
import json
import random

CHOICES = 20
JUMPS = 0.1
PLACES = 10


def main():
    parser = argparse.ArgumentParser(description="Writes generated sessions.")
    parser.add_argument("file")
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = random.Random(options.seed)
    items = range(options.items)
    following = [source.sample([other for other in items if other != item], CHOICES)
                 for item in items]
    weights = list(itertools.accumulate(1 / k for k in range(1, CHOICES + 1)))
    clicks, asked, guessed = [], 0, 0
    for session in range(options.sessions):
        item, read = source.choice(items), []
        for step in range(source.randint(3, 8)):
            if step > 0:
                previous = item
                jumps = source.random() < JUMPS
                item = source.choice(items) if jumps else source.choices(
                    following[previous], cum_weights=weights)[0]
                if item not in read:
                    asked += 1
                    best = [one for one in following[previous] if one not in read][:PLACES]
                    guessed += item in best
            read.append(item)
            clicks.append((1_700_000_000 + session + 10 * step, str(session), str(item)))
    clicks.sort()
    with open(options.file, "w", encoding="utf-8") as file:
        for at, session, item in clicks:
            file.write(json.dumps({"session": session, "item": item, "at": at}) + "\n")
    print(f"{len(clicks)} clicks, {asked} asked for; oracle HR@10={guessed / asked:.4f}")


if __name__ == "__main__":
    main()
