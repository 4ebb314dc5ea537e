"""The questions of the benchmark. Each is one function that measures portal beside its peers and
returns an Outcome; a new question is one more function and one more entry in QUESTIONS."""
import collections
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import shutil
import time
import urllib.parse

import django_dump
import items
import load
import webhook_targets
from load import Contestant, Sample
from servers import (LOAD_CORE, SERVER_CORE, BenchError, EpollPeer, LyingUpstream, Nginx, Portal,
                     fetch, pinned)

ITEMS_SERVED = 10_000
ITEMS_IMPORTED = 50_000
BODIES_POSTED = 20_000
WARM_UP_SECONDS = 1
BACKUP_CLIENTS = 4
BACKUP_WARM_UP_SECONDS = 0.5
BACKUP_SECONDS = 3
LIES_SECONDS = 1
LIES_BEGIN_SECONDS = 0.2
LIES_TURNS = 10
WORDS_CLIENTS = 8
HANGING_TARGETS = 3
HANGING_TURNS = 3
EVENTS_PER_SECOND = 50
FRONT_PAGE = "/v1/news/all/1/10"


@dataclasses.dataclass
class Goal:
    """What portal must reach beside one peer. A rate is to be at least `must` times the peer's,
    a p99 at most. None: nothing is asked."""
    peer: str
    member: str
    must: float = None
    aim: float = None


@dataclasses.dataclass
class Outcome:
    title: str
    unit: str
    contestants: list           # portal first
    goals: list
    conditions: list            # one sentence each: what exactly was compared
    profile: list = dataclasses.field(default_factory=list)

    def ratio(self, goal):
        peer = next(one for one in self.contestants if one.name == goal.peer)
        return self.contestants[0].median(goal.member) / peer.median(goal.member)

    def reaches(self, goal, bound):
        if bound is None:
            return True
        ratio = self.ratio(goal)
        return ratio >= bound if goal.member == "rate" else ratio <= bound

    def missed(self):
        return [goal for goal in self.goals if not self.reaches(goal, goal.must)]


@dataclasses.dataclass
class Bench:
    """What every question needs to know about this run."""
    portal: pathlib.Path
    peers: pathlib.Path
    config: pathlib.Path
    folder: pathlib.Path        # on the disk that both sides write to; empty at the start
    seconds: int
    rounds: int
    corpus: pathlib.Path = None
    articles: int = 20_000      # of the Django site that is imported
    items: int = 1_000_000      # of P6, beside ITEMS_SERVED
    grown: dict = dataclasses.field(default_factory=dict)   # the folders that P6 has filled

    def __post_init__(self):
        self._numbers = itertools.count(1)

    def new_folder(self):
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    def served_items(self):
        """The corpus if one was named, else invented items."""
        return self.corpus or self.items_file(ITEMS_SERVED)

    def items_file(self, count):
        path = self.folder / f"items-{count}.jsonl"
        if not path.exists():
            items.write_import_file(path, count)
        return path

    def bodies(self):
        path = self.folder / "bodies.jsonl"
        if not path.exists():
            items.write_bodies(path, BODIES_POSTED)
        return path


def front_page(bench):
    with contextlib.ExitStack() as stack:
        portal = _serving_portal(bench, stack)
        head, body = _answer(portal, FRONT_PAGE)
        nginx = stack.enter_context(Nginx.serving_file(bench.new_folder(), FRONT_PAGE, body))
        return _compare_servers(
            bench, stack, (portal, nginx), FRONT_PAGE, f"Front page `GET {FRONT_PAGE}`, hot",
            [Goal(nginx.name, "rate", 1.0, 1.15), Goal(EpollPeer.name, "rate", 0.75, 0.9),
             Goal(nginx.name, "p99_ms", 1.0)],
            [f"{len(json.loads(body)['news'])} items, {len(body):,} bytes of body and {len(head)} "
             "of head.",
             "nginx sends the same body from a static file (`sendfile`, `tcp_nopush`, "
             "`open_file_cache`, `access_log off`, one worker); the bare loop sends the whole "
             "answer, head and body."])


def one_item(bench):
    with contextlib.ExitStack() as stack:
        portal = _serving_portal(bench, stack)
        path = _typical_item(portal)
        head, body = _answer(portal, path)
        nginx = stack.enter_context(Nginx.returning(bench.new_folder(), body))
        return _compare_servers(
            bench, stack, (portal, nginx), path, "One item `GET /v1/news/sports/{id}`, hot",
            [Goal(nginx.name, "rate", 0.75, 0.9), Goal(EpollPeer.name, "rate", None, 0.9),
             Goal(nginx.name, "p99_ms", 1.2)],
            [f"{len(body):,} bytes of body and {len(head)} of head.",
             "nginx answers the same body from memory (`return 200`, `access_log off`, one "
             "worker); the bare loop sends the whole answer, head and body."])


def durable_create(bench):
    bodies = bench.bodies()
    ours, peer = Contestant("portal"), Contestant("raw SQLite")

    def post(seconds, watch=None):
        folder = bench.new_folder()
        with Portal(bench.portal, bench.config, folder) as server:
            lines = watch(server) if watch else None
            sample = load.post_load(bench.peers / "post_load", server, "/v1/news/sports", bodies,
                                    WARM_UP_SECONDS, seconds)
            if lines:
                return lines()
        shutil.rmtree(folder)
        return sample

    def append():
        folder = bench.new_folder()
        sample = load.run_peer([bench.peers / "sqlite_append", bodies, folder, WARM_UP_SECONDS,
                                bench.seconds])
        shutil.rmtree(folder)
        return sample

    _alternate(bench.rounds, [(ours, lambda: post(bench.seconds)), (peer, append)])
    outcome = Outcome(
        "Durable create `POST /v1/news/sports`, 64 clients", "events/s", [ours, peer],
        [Goal(peer.name, "rate", 0.35, 0.6)],
        [f"{load.CONNECTIONS} keep-alive connections, each posts an article and waits for its 201; "
         "open mode, a new data folder each round.",
         "The peer (bench/raw_store.hpp) writes the same values with prepared statements: the "
         "`events` table with its unique index in one file (FULL), the articles view with its "
         "indexes and tags in another (NORMAL), batches of 64, one transaction on each per batch; "
         "it speaks no HTTP, parses no JSON, hashes nothing, has one thread.",
         "Both on core 0, the clients on core 1, both on the same disk."])
    if outcome.missed():
        outcome.profile = post(bench.seconds, lambda server: _record(bench, server))
    return outcome


def create_beside_backup(bench):
    bodies = bench.bodies()
    beside, alone = Contestant("portal, beside a full backup"), Contestant("portal, alone")
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:
        portal = Portal(bench.portal, bench.config, bench.new_folder())
        portal.import_news(bench.items_file(ITEMS_IMPORTED))
        stack.enter_context(portal)

        def post():
            return load.post_load(bench.peers / "post_load", portal, "/v1/news/sports", bodies,
                                  BACKUP_WARM_UP_SECONDS, BACKUP_SECONDS, BACKUP_CLIENTS)

        def post_beside():
            with portal.backed_up(bench.new_folder() / f"backup{next(numbers)}"):
                return post()

        _alternate(bench.rounds, [(beside, post_beside), (alone, post)])
    return Outcome(
        "Durable create beside a backup", "events/s", [beside, alone],
        [Goal(alone.name, "p99_ms", 2), Goal(alone.name, "rate", 0.8)],
        [f"{BACKUP_CLIENTS} clients, each posts an article and waits for its 201; "
         f"{ITEMS_IMPORTED:,} articles are there before, and more with each round.",
         "A full backup to a folder of its own on the same disk, which takes longer than is "
         "measured. The server and the backup in it are on core 0, the clients on core 1."])


def news_import(bench):
    file = bench.items_file(ITEMS_IMPORTED)
    count = _line_count(file)
    ours, peer = Contestant("portal"), Contestant("raw SQLite")
    both_cores = Contestant("portal, both cores")

    def import_all(core):
        folder = bench.new_folder()
        portal = Portal(bench.portal, bench.config, folder)
        with load.Watch() as watch:
            seconds = portal.import_news(file, core)
        portal.verify()
        shutil.rmtree(folder)
        return watch.complete(Sample(count / seconds), count)

    def insert():
        folder = bench.new_folder()
        sample = load.run_peer([bench.peers / "sqlite_import", file, folder])
        shutil.rmtree(folder)
        return sample

    _alternate(bench.rounds, [(ours, lambda: import_all(SERVER_CORE)), (peer, insert),
                              (both_cores, lambda: import_all(None))])
    outcome = Outcome(
        "Import of JSON lines `portal import news`", "items/s", [ours, peer, both_cores],
        [Goal(peer.name, "rate", 0.3, 0.5)],
        [f"{count:,} items; the whole run of the command counts, from process start to exit; "
         "`portal verify` then says that the log is whole and the views equal it (not timed).",
         "The peer (bench/raw_store.hpp) has the rows parsed in memory before its clock starts: "
         "512 rows a transaction, events and source ids with FULL, the view with its indexes and "
         "tags with NORMAL, one pair of files for all types.",
         "Both on core 0 and on the same disk; the line \u201cboth cores\u201d is the same import "
         "without the pinning and counts for nothing."])
    if outcome.missed():
        portal = Portal(bench.portal, bench.config, bench.new_folder())
        outcome.profile = load.profile(
            ["--", *pinned(SERVER_CORE, portal.import_command(file))], bench.folder)()
    return outcome


def django_import(bench):
    dump, mapping = bench.folder / "site.jsonl", bench.folder / "mapping.json"
    rows = django_dump.write(bench.articles, dump, mapping)
    written, dry, again = (Contestant(f"portal{what}") for what in
                           ("", ", dry run", ", the same again"))
    peer = Contestant("Python's json and sqlite3")
    peaks = {}

    def import_site(contestant, portal, *flags):
        with load.Watch() as watch:
            seconds, peak = portal.import_django(dump, mapping, *flags)
        peaks[contestant.name] = max(peak, peaks.get(contestant.name, 0))
        contestant.samples.append(watch.complete(Sample(rows / seconds), rows))

    def copy():
        file = bench.new_folder() / "rows.db"
        with load.Watch() as watch:
            begin = time.monotonic()
            django_dump.copy_rows(dump, file)
            seconds = time.monotonic() - begin
        peer.samples.append(watch.complete(Sample(rows / seconds)))
        file.unlink()

    for _ in range(bench.rounds):
        folder = bench.new_folder()
        portal = Portal(bench.portal, bench.config, folder)
        import_site(dry, portal, "--dry-run")
        import_site(written, portal)
        import_site(again, portal)
        portal.verify()
        shutil.rmtree(folder)
        copy()
    told = ", ".join(f"{peak:,.0f} MiB ({name})" for name, peak in peaks.items())
    return Outcome(
        "Import of a Django dump `portal import django`", "rows/s", [written, peer, dry, again],
        [Goal(peer.name, "rate")],
        [f"{rows:,} rows, {dump.stat().st_size / 1e6:,.0f} MB: {bench.articles:,} articles with "
         f"{django_dump.OLDER_STATES} older states each (`--articles N` for more).",
         f"Peak memory: {told}; 256 MiB are allowed, and 10,000 rows/s are asked for.",
         "The peer reads each line with Python's json and puts it into one table of SQLite, 1,000 "
         "rows a transaction: no mapping, no history, no HTML looked at, no hash chain, no view.",
         "Both cores for both. `portal verify` then says that the logs are whole and the views equal "
         "them (not timed)."])


def proxied_page(bench):
    """Both proxies before the same upstream, which shares the core of the load."""
    with contextlib.ExitStack() as stack:
        body = json.dumps({"page": "x" * 10_000}).encode()
        answer = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                  b"\r\n" % len(body)) + body
        upstream = stack.enter_context(EpollPeer(bench.peers / "epoll_peer", bench.new_folder(),
                                                 answer, LOAD_CORE))
        path = "/articles/"
        setting = f"legacy.upstream=http://127.0.0.1:{upstream.port}"
        portal = stack.enter_context(
            Portal(bench.portal, bench.config, bench.new_folder(), setting))
        comparing = stack.enter_context(Portal(
            bench.portal, bench.config, bench.new_folder(), setting,
            "gateway.routes=" + json.dumps([{
                "name": "articles", "path": path, "mode": "shadow",
                "compare": {"percent": 100}}])))
        comparing.name = "portal, comparing"
        nginx = stack.enter_context(Nginx.passing_to(bench.new_folder(), upstream))
        servers = (portal, nginx, comparing)
        for server in servers:
            if _answer(server, path)[1] != body:
                raise BenchError(f"{server.name} does not pass on the upstream's bytes.")
        contestants = [Contestant(server.name) for server in servers]

        def measure(server):
            load.wrk(server, path, WARM_UP_SECONDS)
            return load.wrk(server, path, bench.seconds)

        _alternate(bench.rounds, [(contestant, lambda server=server: measure(server))
                                  for contestant, server in zip(contestants, servers)])
        outcome = Outcome(
            "A page through the proxy", "requests/s", contestants,
            [Goal(nginx.name, "rate", 0.8, 1.0)],
            [f"{len(body):,} bytes of body; the upstream is the bare loop, on core 1 beside "
             f"`wrk -t1 -c{load.CONNECTIONS} --latency`, the proxies on core 0.",
             "nginx keeps its connections to the upstream (`keepalive 64`) and buffers, as portal "
             "does; one worker, `access_log off`.",
             "\u201cComparing\u201d is the same route in shadow mode, every answer offered to the "
             "comparison."])
        if outcome.missed():
            lines = _record(bench, portal)
            load.wrk(portal, path, bench.seconds)
            outcome.profile = lines()
        return outcome


def native_beside_lies(bench):
    """The same item of the same server, while 32 clients ask through it for lies, or for truth."""
    with contextlib.ExitStack() as stack:
        def upstream(does):
            return stack.enter_context(LyingUpstream(bench.new_folder(), does))

        places = [{"name": name, "prefix": prefix, "url": f"http://127.0.0.1:{behind.port}"}
                  for name, prefix, behind in (("liar", "/lies", upstream("lie")),
                                               ("honest", "/truth", upstream("tell")))]
        portal = Portal(bench.portal, bench.config, bench.new_folder(),
                        "legacy.upstreams=" + json.dumps(places))
        portal.import_news(bench.served_items())
        stack.enter_context(portal)
        path = _typical_item(portal)
        _answer(portal, path)
        log = bench.new_folder() / "answers.log"

        def clients(asked):
            return stack.enter_context(
                LyingUpstream(bench.new_folder(), "ask", portal.port, asked))

        lies, truth = clients("/lies/"), clients("/truth/")
        time.sleep(LIES_BEGIN_SECONDS)
        for asking in (lies, truth):
            asking.pause()
            # The stack stops them with a signal that a paused process would not hear.
            stack.callback(asking.resume)

        def measure(asking=None):
            with asking.resumed() if asking else contextlib.nullcontext():
                time.sleep(LIES_BEGIN_SECONDS)
                return load.fixed_rate(portal, path, LIES_SECONDS, log)

        lied_to, told_truth = Contestant("portal, lied to"), Contestant("portal, told the truth")
        alone = Contestant("portal, nothing is passed on")
        # The noise of a machine lasts for seconds, and a p99 hears all of it: so they take turns
        # often, for a short while each.
        load.wrk(portal, path, WARM_UP_SECONDS)
        _alternate(bench.rounds * LIES_TURNS, [(lied_to, lambda: measure(lies)),
                                               (told_truth, lambda: measure(truth)),
                                               (alone, measure)])
        return Outcome(
            "A native item beside a lying monolith", "requests/s", [lied_to, told_truth, alone],
            [Goal(told_truth.name, "p99_ms", 1.1), Goal(told_truth.name, "rate", 0.9)],
            [f"`h2load --h1 -c{load.CONNECTIONS}` asks {load.RATE:,} times a second, which is far "
             "below what the server can: at its limit a p99 tells how long the queue is.",
             "bench/lying_upstream.py is silent, slow, cuts, resets and smuggles in turn, or answers "
             "with 10 KB as it should; 32 clients ask for either through portal, a connection for "
             "each request. All of it runs on core 1, beside the load, at idle priority.",
             "What passing on costs by itself is between the last two. Any answer but 200 to the "
             "native item makes the run void."])


def feed_beside_list(bench):
    """The same items of the same server, in two forms."""
    with contextlib.ExitStack() as stack:
        portal = _serving_portal(bench, stack, "site.address=https://example.org")
        turns, sizes = [], []
        for name, path in (("portal, feed", "/feeds/all.rss"), ("portal, list", "/v1/news/all/1/50")):
            sizes.append(len(_answer(portal, path)[1]))
            turns.append((Contestant(name), lambda path=path: _wrk_warm(bench, portal, path,
                                                                        load.CONNECTIONS)))
        _alternate(bench.rounds, turns)
        feed, plain = (contestant for contestant, _ in turns)
        return Outcome(
            "A feed `GET /feeds/all.rss`, hot", "requests/s", [feed, plain],
            [Goal(plain.name, "rate", 0.9, 1.0), Goal(plain.name, "p99_ms", 1.1)],
            [f"The same 50 items as `GET /v1/news/all/1/50`: {sizes[0]:,} bytes of body beside "
             f"{sizes[1]:,}.",
             f"`wrk -t1 -c{load.CONNECTIONS} --latency` on core 1, the server on core 0."])


def webhook_beside_hanging(bench):
    """Two servers with a target that takes everything; one of them has others, which hang."""
    with contextlib.ExitStack() as stack:
        bodies = itertools.cycle(bench.bodies().read_text(encoding="utf-8").splitlines())
        hanging = [stack.enter_context(webhook_targets.HangingTarget())
                   for _ in range(HANGING_TARGETS)]
        turns = []
        for name, others in (("portal, beside hanging targets", hanging), ("portal, alone", [])):
            portal = stack.enter_context(Portal(bench.portal, bench.config, bench.new_folder(),
                                                'webhooks.allow=["127.0.0.1"]'))
            target = stack.enter_context(webhook_targets.Target())
            for one in [target, *others]:
                webhook_targets.register(portal, one.url)
            turns.append((Contestant(name), lambda portal=portal, target=target:
                          webhook_targets.measure(portal, target, bodies, bench.seconds,
                                                  EVENTS_PER_SECOND)))
        # Until those that hang have been waited for, and rest.
        for _, turn in turns:
            turn()
        _alternate(bench.rounds * HANGING_TURNS, turns)
        if not all(one.taken for one in hanging):
            raise BenchError("A target that hangs was never asked.")
        beside, alone = (contestant for contestant, _ in turns)
        return Outcome(
            "A webhook beside targets that hang", "events/s", [beside, alone],
            [Goal(alone.name, "p99_ms", 1.1)],
            [f"From the 201 of an item until the target had it; {EVENTS_PER_SECOND} items a second.",
             f"{HANGING_TARGETS} other webhooks for the same items take connections and never "
             "answer.", "The server on core 0; clients and targets are one Python process."])


def _item_path(_, item):
    return f"/v1/news/sports/{item['id']}"


def _list_path(_, item):
    return "/v1/news/sports/1/10"


def _keyset_path(_, item):
    return f"/v1/news/sports?limit=10&cursor={item['next']}"


def _page_path(sports, _):
    # Nine tenths down the list: page 30,000 of 333,333, page 300 of 3,333.
    return f"/v1/news/sports/{max(1, sports * 9 // 100)}/10"


def _tag_path(_, item):
    return "/v1/news/tags/" + item["tags"][0]


def _name_path(_, item):
    return "/v1/search?q=" + items.name_of(item["number"])


def _words_path(_, item):
    return "/v1/search?q=" + "+".join(item["title"].split()[:2])


def _growth(title, path_of, goal=(1.5, 1.1), clients=load.CONNECTIONS, condition=""):
    """A question that is asked at bench.items and at ITEMS_SERVED, each time of the view."""
    def ask(bench):
        with contextlib.ExitStack() as stack:
            turns, paths = [], []
            for count in (bench.items, ITEMS_SERVED):
                portal = stack.enter_context(_grown_portal(bench, count))
                paths.append(path_of(_sports_in(count), _middle_item(portal, count)))
                _answer(portal, paths[-1])
                turns.append((Contestant(f"portal, {count:,} items"),
                              lambda portal=portal, path=paths[-1]:
                              _wrk_warm(bench, portal, path, clients)))
            _alternate(bench.rounds, turns)
            many, few = (contestant for contestant, _ in turns)
            return Outcome(
                f"{title} at {bench.items:,} items", "requests/s", [many, few],
                [Goal(few.name, "p99_ms", *goal)],
                [f"`{paths[0]}` and `{paths[1]}`, answered without the response cache "
                 "(`orchestrator.cache_bytes_max` 0).",
                 f"`wrk -t1 -c{clients} --latency` on core 1, the servers on core 0 by turns.",
                 *([condition] if condition else []), "`--items N` for another number of items."])
    return ask


@contextlib.contextmanager
def _grown_portal(bench, count):
    """With so many items, all of which a search finds. Filled once for all rows."""
    is_new = count not in bench.grown
    folder = bench.grown.setdefault(count, bench.folder / f"grown-{count}")
    portal = Portal(bench.portal, bench.config, folder, "orchestrator.cache_bytes_max=0")
    file = bench.items_file(count)
    if is_new:
        portal.import_news(file)
    with portal:
        _wait_until_found(portal, _last_items(file))
        yield portal


def _middle_item(portal, count):
    """The first item that there is, as the import had it, with an id and a place in the middle."""
    page = _answer(portal, f"/v1/news/sports?limit=10&fields=id,published_at&to={_middle_time(count)}")
    answer = json.loads(page[1])
    return {**next(items.items(1)), "number": count // 2, "id": answer["news"][0]["id"],
            "next": answer["next"]}


def _middle_time(count):
    return next(itertools.islice(items.items(count), count // 2, None))["published_at"]


def _last_items(path):
    """Of each type."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in collections.deque(file, len(items.TYPES))]


def _sports_in(count):
    return len(range(0, count, len(items.TYPES)))


def _wrk_warm(bench, server, path, clients):
    load.wrk(server, path, WARM_UP_SECONDS, clients)
    return load.wrk(server, path, bench.seconds, clients)


def _wait_until_found(portal, wanted):
    """The index of the search is made behind the import."""
    ends = time.monotonic() + 1800
    for item in wanted:
        phrase = urllib.parse.quote(f'"{item["title"]}"')
        while not json.loads(_answer(portal, "/v1/search?q=" + phrase)[1])["news"]:
            if time.monotonic() > ends:
                raise BenchError(f"{portal.name} has not made its search index in half an hour.")
            time.sleep(0.5)


QUESTIONS = {"P1": front_page, "P2": one_item, "P4": durable_create,
             "P4-backup": create_beside_backup,
             "P6-item": _growth("One item", _item_path),
             "P6-list": _growth("The first page of a list", _list_path),
             "P6-keyset": _growth("A page in the middle by its cursor", _keyset_path),
             "P6-page": _growth("A deep page by its number", _page_path),
             "P6-tag": _growth("The list of a tag", _tag_path),
             "P6-search": _growth("A search for a name", _name_path,
                                  condition=f"{items.ITEMS_OF_A_NAME} items have it."),
             # What is found grows with the items, so a ratio asks nothing; bench/search.py says how
             # long it takes.
             "P6-words": _growth("A search for two frequent words", _words_path, (None, None),
                                 WORDS_CLIENTS, "About one in a thousand items has both."),
             "P7": news_import, "P-django": django_import, "P12": proxied_page,
             "P12-lies": native_beside_lies, "P13-feed": feed_beside_list,
             "P13-webhooks": webhook_beside_hanging}


def _serving_portal(bench, stack, *settings):
    """A portal with ITEMS_SERVED items; stops when the stack unwinds."""
    portal = Portal(bench.portal, bench.config, bench.new_folder(), *settings)
    portal.import_news(bench.served_items())
    return stack.enter_context(portal)


def _line_count(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def _answer(server, path):
    status, head, body = fetch(server.port, path)
    if status != 200:
        raise BenchError(f"{server.name} answered {path} with {status}: {body[:300]!r}")
    return head, body


def _typical_item(portal):
    """The path of the sports item whose answer is nearest to 750 bytes; none with a dollar sign,
    which nginx cannot hold in a literal."""
    _, page = _answer(portal, "/v1/news/sports/1/100")
    paths = [f"/v1/news/sports/{item['id']}" for item in json.loads(page)["news"]]
    bodies = {path: _answer(portal, path)[1] for path in paths}
    return min((path for path in paths if b"$" not in bodies[path]),
               key=lambda path: abs(len(bodies[path]) - 750))


def _compare_servers(bench, stack, servers, path, title, goals, conditions):
    portal = servers[0]
    epoll = stack.enter_context(
        EpollPeer(bench.peers / "epoll_peer", bench.new_folder(), b"".join(_answer(portal, path))))
    servers = [*servers, epoll]
    for server in servers:
        if _answer(server, path)[1] != _answer(portal, path)[1]:
            raise BenchError(f"{server.name} does not answer with portal's bytes.")
    contestants = [Contestant(server.name) for server in servers]

    def measure(server):
        load.wrk(server, path, WARM_UP_SECONDS)
        return load.wrk(server, path, bench.seconds)

    _alternate(bench.rounds, [(contestant, lambda server=server: measure(server))
                              for contestant, server in zip(contestants, servers)])
    outcome = Outcome(title, "requests/s", contestants, goals, conditions + [
        f"`wrk -t1 -c{load.CONNECTIONS} --latency` on core 1, every server on core 0; "
        f"{_line_count(bench.served_items()):,} items imported before; {WARM_UP_SECONDS} s of "
        "load before each round is not counted."])
    if outcome.missed():
        lines = _record(bench, portal)
        load.wrk(portal, path, bench.seconds)
        outcome.profile = lines()
    return outcome


def _record(bench, server):
    return load.profile(["-p", server.pid, "--", "sleep", bench.seconds], bench.folder)


def _alternate(rounds, turns):
    """Round by round, each time beginning with another contestant, so that none always runs in
    the same neighbour's wake. A round that others disturbed is repeated; the quietest counts."""
    for number in range(rounds):
        shift = number % len(turns)
        for contestant, measure in turns[shift:] + turns[:shift]:
            attempts = []
            while not attempts or (attempts[-1].others > load.QUIET and len(attempts) < 3):
                attempts.append(measure())
                os.sync()  # what one side left unwritten must not slow the next down
            contestant.samples.append(min(attempts, key=lambda sample: sample.others))
            print(f"  round {number + 1}: {contestant.name}: "
                  f"{contestant.samples[-1].rate:,.0f}/s (others used "
                  f"{contestant.samples[-1].others:.0%} of a core)", flush=True)
