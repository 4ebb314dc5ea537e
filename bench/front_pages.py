#!/usr/bin/env python3
"""Front pages while visits come: what they take, and whether the server grows.

    python3 bench/front_pages.py [--portal BINARY] [--seconds N] [--visits N] [--readers N]

So many visits a second of so many readers to 2,000 items are sent, twenty at once, and one client
asks for front pages of readers who are known, and beside each for the plain list. Prints a line every
30 seconds (resident memory, p50 and p99 of both), and one of all at the end.
"""
import argparse
import json
import pathlib
import random
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from ranking import Site  # noqa: E402
from servers import Portal  # noqa: E402

ITEMS = 2000
AT_ONCE = 20
TOLD_EVERY = 30


def main():
    parser = argparse.ArgumentParser(description="Asks for front pages while visits come.")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--portal", type=pathlib.Path, default=root / "build/bench/portal")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--visits", type=int, default=5000, help="a second")
    parser.add_argument("--readers", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=root / "build") as folder:
        with Portal(options.portal, root / "config/portal.json", folder) as portal:
            run(portal, options)


def run(portal, options):
    source = random.Random(1)
    site = Site(portal.port)
    items = [site.publish(f"Item {number}",
                          [f"a{number % 50}", f"b{number % 7}", f"c{number % 3}"])
             for number in range(ITEMS)]
    ends = time.monotonic() + options.seconds
    sent, known = [0], [1]

    def send():
        mine, reader, number = Site(portal.port), random.Random(2), 0
        begin = time.monotonic()
        while time.monotonic() < ends:
            number += 1
            visits = [{"kind": "view",
                       "item": f"sports/{items[int(len(items) * reader.random() ** 2)]}"}
                      for _ in range(AT_ONCE)]
            user = 1 + reader.randrange(options.readers)
            sent[0] += mine.call("POST", "/v1/visits", {"visits": visits}, user=user)["taken"]
            known.append(user)
            time.sleep(max(0, begin + number * AT_ONCE / options.visits - time.monotonic()))

    sender = threading.Thread(target=send)
    sender.start()
    taken, of_all = {"front": [], "plain": []}, {"front": [], "plain": []}
    told = time.monotonic() + TOLD_EVERY
    personal = asked = 0
    while time.monotonic() < ends:
        user = source.choice(known)
        for kind, path in (("front", "/v1/news/for-me?limit=20"),
                           ("plain", f"/v1/news/all?limit=20&x={source.random()}")):
            begin = time.monotonic()
            page = site.call("GET", path, user=user)
            taken[kind].append((time.monotonic() - begin) * 1000)
            if kind == "front":
                asked += 1
                personal += page["personal"]
        time.sleep(0.005)
        if time.monotonic() >= told:
            told += TOLD_EVERY
            print(line(portal, options, sent[0], taken, asked, personal), flush=True)
            for kind, some in taken.items():
                of_all[kind] += some
                some.clear()
    sender.join()
    print("all:", line(portal, options, sent[0], of_all, asked, personal))


def line(portal, options, sent, taken, asked, personal):
    pages = {}
    for kind, some in taken.items():
        some = sorted(some) or [0]
        pages[kind] = {"p50_ms": round(some[len(some) // 2], 2),
                       "p99_ms": round(some[len(some) * 99 // 100], 2)}
    return json.dumps({"visits": sent, "pages": asked, "personal": personal,
                       "resident_mb": round(portal.resident_bytes() / 2**20), **pages})


if __name__ == "__main__":
    main()
