#!/usr/bin/env python3
"""Many embargoes that end at the same moment: how long until all can be read, and what others feel.

    python3 bench/embargoes.py [--portal BINARY] [--articles N]

So many articles of one type are published under an embargo until one moment. A reader asks for one
item again and again meanwhile, another how many are published. Prints one line of JSON.
"""
import argparse
import datetime
import json
import pathlib
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from ranking import Site  # noqa: E402
from servers import Portal  # noqa: E402

AT_ONCE = 100
NOTICE = 20


def main():
    parser = argparse.ArgumentParser(description="Measures embargoes that end together.")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--portal", type=pathlib.Path, default=root / "build/bench/portal")
    parser.add_argument("--articles", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=root / "build") as folder:
        with Portal(options.portal, root / "config/portal.json", folder) as portal:
            print(json.dumps(run(Site(portal.port), options.articles)))


def run(site, articles):
    item = site.publish("Public", ["a"])
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
        seconds=NOTICE + articles / 250)
    ends = ends.replace(microsecond=0)
    until = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    for first in range(0, articles, AT_ONCE):
        commands = [{"command": "create", "title": f"Embargoed {number}", "content": "Text.",
                     "author": "A", "tags": [f"t{number % 20}"], "status": "published",
                     "embargo_until": until}
                    for number in range(first, min(first + AT_ONCE, articles))]
        site.call("POST", "/v1/news/sports/batch", {"commands": commands})
    if datetime.datetime.now(datetime.timezone.utc) > ends - datetime.timedelta(seconds=3):
        raise SystemExit("The machine is too slow to write them before the embargo ends.")
    taken, stop = [], threading.Event()

    def read():
        mine = Site(site.port)
        while not stop.is_set():
            begin = time.monotonic()
            mine.call("GET", f"/v1/news/sports/{item}?x={begin}")
            taken.append((time.time(), (time.monotonic() - begin) * 1000))
            time.sleep(0.002)

    reader = threading.Thread(target=read)
    reader.start()
    first = last = None
    early = 0
    while last is None:
        shown = site.call("GET", "/v1/news/sports?limit=1&count=1&fields=id")["count"] - 1
        now = time.time()
        if now < ends.timestamp():
            early = max(early, shown)
        if shown > 0 and first is None:
            first = now - ends.timestamp()
        if shown == articles:
            last = now - ends.timestamp()
        if now > ends.timestamp() + 120:
            raise SystemExit(f"After two minutes {shown} of {articles} are shown.")
        time.sleep(0.02)
    stop.set()
    reader.join()

    def p99(some):
        some = sorted(some) or [0]
        return round(some[len(some) * 99 // 100], 2)

    before = [ms for at, ms in taken if at < ends.timestamp() - 1]
    while_it_ends = [ms for at, ms in taken if at >= ends.timestamp()]
    return {"articles": articles, "shown_before": early, "first_s": round(first, 3),
            "last_s": round(last, 3), "item_p99_ms_before": p99(before),
            "item_p99_ms_meanwhile": p99(while_it_ends)}


if __name__ == "__main__":
    main()
