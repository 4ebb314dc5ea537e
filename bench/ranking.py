"""What the ranking reaches: what it learns, how soon, and at what size (R)."""
import concurrent.futures
import contextlib
import http.client
import json
import random
import re
import statistics
import subprocess
import sys
import time

from servers import BenchError, Portal, pinned

LABELS = 60
PLANTED = 3
READERS = 200
READS = 30
VISITS_AT_ONCE = 1000
INGEST_SECONDS = 20
# Sizes of the table that is to be reached.
SIZE = ("1000000", "100000", "20000000")


def measure(bench):
    """The lines of the section."""
    rows = []
    print("R: what is learned, over HTTP", flush=True)
    with contextlib.ExitStack() as stack:
        portal = stack.enter_context(Portal(bench.portal, bench.config, bench.new_folder()))
        site = Site(portal.port)
        new_item = _new_item(site)
        rows += [_planted(site), _next_page(site), new_item]
    with contextlib.ExitStack() as stack:
        print("R: visits that are stored", flush=True)
        portal = stack.enter_context(Portal(bench.portal, bench.config, bench.new_folder()))
        rows.append(_ingest(Site(portal.port)))
    print("R: replay of generated sessions", flush=True)
    rows.insert(1, _replay(bench))
    print("R: a million readers", flush=True)
    rows += _load(bench)
    lines = ["## R: What to read next", "", "`./dev bench R`", "",
             f"* Learned: {READERS} readers of {READS} items each, of which seven in ten have one of "
             f"the reader's {PLANTED} labels, among {LABELS}; a label is learned if it is among the "
             f"first {PLANTED} that the reader's interests name.",
             "* Sessions: `bench/clicks.py` (550,000 clicks) through `portal replay`; what who knew "
             "the rule would have guessed is the oracle.",
             f"* Stored: four clients send {VISITS_AT_ONCE} visits at once, of 100,000 sessions to "
             f"1,000 items with three labels, for {INGEST_SECONDS} s; the server has both cores with "
             "them. Of users each visit changes edges, too.",
             f"* Size: `ranking_load {' '.join(SIZE)}` on one core.",
             "* Not here: the public sets (Kosarak, MIND), which no package registry has.", "",
             "| | measured | must | aim | |", "|---|---|---|---|---|"]
    for name, shown, value, must, aim, larger in rows:
        reaches = (lambda bound: value >= bound) if larger else (lambda bound: value <= bound)
        sign = "≥" if larger else "≤"
        verdict = ("aim met" if reaches(aim) else "must met" if reaches(must) else
                   "**must missed**")
        lines.append(f"| {name} | {shown} | {sign} {must:,g} | {sign} {aim:,g} | {verdict} |")
    return lines


class Site:
    """A server that is asked by one client, as whom it is told."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None, user=None, good=(200, 201, 202, 204)):
        fields = {}
        if user:
            fields["Cookie"] = f"user_id={user}"
        data = None
        if body is not None:
            fields["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, body=data, headers=fields)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in good:
            raise BenchError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None

    def publish(self, title, tags):
        item = {"title": title, "content": "Text.", "author": "A", "tags": tags,
                "status": "published"}
        return self.call("POST", "/v1/news/sports", item)["news"]["id"]

    def front_page(self, user):
        return self.call("GET", "/v1/news/for-me?limit=100&fields=id", user=user)


def _planted(site):
    source = random.Random(1)
    labels = [f"label{number}" for number in range(LABELS)]
    of_label = {label: [] for label in labels}
    for number in range(600):
        tags = source.sample(labels, 2)
        item = site.publish(f"Item {number}", tags)
        for tag in tags:
            of_label[tag].append(item)
    every = [item for items in of_label.values() for item in items]
    found = 0
    for reader in range(1, READERS + 1):
        planted = source.sample(labels, PLANTED)
        visits = []
        for _ in range(READS):
            mine = of_label[source.choice(planted)]
            item = source.choice(mine if source.random() < 0.7 else every)
            visits.append({"kind": "view", "item": f"sports/{item}"})
        site.call("POST", "/v1/visits", {"visits": visits}, user=reader)
        interests = site.call("GET", f"/v1/recommendation/user/{reader}")
        found += len({one["id"] for one in interests[:PLANTED]} & set(planted))
    share = found / (READERS * PLANTED)
    return "planted labels among a reader's first three, after 30 reads", f"{share:.3f}", share, \
        0.90, 0.97, True


def _next_page(site):
    """Whoever has read an item is not offered it on the page that is asked for next."""
    source = random.Random(2)
    changed, asked = 0, 0
    for reader in range(1, READERS + 1):
        before = site.front_page(reader)
        if not before["personal"]:
            raise BenchError("a reader who is known got the plain page")
        item = source.choice(before["news"])["id"]
        site.call("GET", f"/v1/news/sports/{item}", user=reader)
        after = site.front_page(reader)
        asked += 1
        changed += after["personal"] and item not in [one["id"] for one in after["news"]]
    share = changed / asked
    return f"of {asked} readers, whose very next page knew a visit", f"{share:.3f}", share, 1, 1, \
        True


def _new_item(site):
    """For readers who have read something, while no item has so many visits that it stands above."""
    taken = []
    first = site.publish("First", ["first"])
    for number in range(50):
        reader = READERS + 1 + number
        site.call("POST", "/v1/visits", user=reader,
                  body={"visits": [{"kind": "view", "item": f"sports/{first}"}]})
        begin = time.monotonic()
        item = site.publish(f"New {number}", [f"new{number}"])
        while item not in [one["id"] for one in site.front_page(reader)["news"]]:
            if time.monotonic() - begin > 10:
                raise BenchError("a new item is on no page after ten seconds")
        taken.append(time.monotonic() - begin)
    longest = max(taken)
    return "a new item is on a page, from the POST on, the longest of 50", \
        f"{longest * 1000:.0f} ms (median {statistics.median(taken) * 1000:.0f})", longest, 1, \
        0.05, False


def _ingest(site):
    source = random.Random(3)
    items = [site.publish(f"Item {number}", [f"a{number % 50}", f"b{number % 7}", f"c{number % 3}"])
             for number in range(1000)]

    def body():
        visits = [{"kind": "view", "item": f"sports/{source.choice(items)}"}
                  for _ in range(VISITS_AT_ONCE)]
        return visits

    bodies = [json.dumps({"session": f"s{source.randrange(100_000)}", "visits": body()}).encode()
              for _ in range(400)]
    rates = {}
    for kind in ("session", "user"):
        ends = time.monotonic() + INGEST_SECONDS

        def send(worker, kind=kind, ends=ends):
            mine = Site(site.port)
            stored, number = 0, worker
            while time.monotonic() < ends:
                user = 1 + (number * 7919) % 100_000 if kind == "user" else None
                stored += mine.call("POST", "/v1/visits", bodies[number % len(bodies)],
                                    user=user)["taken"]
                number += 4
            return stored

        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            stored = sum(pool.map(send, range(4)))
        rates[kind] = stored / (time.monotonic() - begin)
    return "visits stored in a second (of sessions)", \
        f"{rates['session']:,.0f} (of users {rates['user']:,.0f})", rates["session"], 50_000, \
        100_000, True


def _replay(bench):
    file = bench.new_folder() / "clicks.jsonl"
    made = subprocess.run([sys.executable, "-B", __file__.replace("ranking.py", "clicks.py"), file],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    oracle = float(re.search(r"HR@10=([0-9.]+)", made)[1])
    said = subprocess.run([bench.portal, "replay", file, "--config", bench.config], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    ours = float(re.search(r"^portal .*HR@10=([0-9.]+)", said, re.MULTILINE)[1])
    return "next click of generated sessions, share of the oracle's HR@10", \
        f"{ours / oracle:.3f} ({ours:.4f} of {oracle:.4f})", ours / oracle, 0.85, 0.95, True


def _load(bench):
    file = bench.new_folder() / "snapshot"
    said = subprocess.run(pinned("0-1", [bench.peers / "ranking_load", *SIZE, file]), check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    it = json.loads(said)
    beside = it["beside_5000_us"]
    memory = it["resident_bytes"] / 2**30
    return [
        ("visits learned in memory in a second", f"{it['visits_per_s']:,.0f}", it["visits_per_s"],
         200_000, 500_000, True),
        ("the first 20, beside 5,000 visits a second, p50",
         f"{beside['p50'] / 1000:.3f} ms", beside["p50"] / 1000, 0.2, 0.06, False),
        ("the same, p99", f"{beside['p99'] / 1000:.3f} ms", beside["p99"] / 1000, 1, 0.3, False),
        ("resident memory, GB", f"{memory:.2f}", memory, 2, 1, False),
        ("a start reads the ranking of 20,000,000 visits, s",
         f"{it['read_s']:.1f} ({it['file_bytes'] / 2**30:.2f} GB, written in {it['write_s']:.1f})",
         it["read_s"], 20, 5, False)]
