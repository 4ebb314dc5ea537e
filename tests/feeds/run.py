"""Feeds, sitemaps and items of the built server, as others' programs read them: run.py PORTAL

feedparser reads RSS and Atom as feed readers do, lxml reads them as XML without mercy, and schemas.py
says what is written down of each form. Exit 1 if something does not hold, 77 (skipped) if the readers
are not there (Debian: python3-feedparser, python3-lxml, python3-jsonschema).
"""

import datetime
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

try:
    import feedparser
    import jsonschema  # noqa: F401
    import lxml.etree

    import schemas
    import shapes
    import sitemaps
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SITE = "https://news.example"
ITEMS = 55
SHOWN = 50
PATIENCE = 60
TITLES = ["Rowers ]]> win <b>& \"more\"", "Emoji \U0001f600\U0001f3f3️‍\U0001f308 \U0001d518",
          "שלום, עולם ‏(2)", "Übergröße und Łódź", "&amp; is not &lt;"]
OLDER = ["2024-02-29T23:59:59.999Z", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z"]
HTML = ('<p>See <a href="/more?a=1&amp;b=2">more</a>, <a href="#below">below</a> and '
        '<a href="https://elsewhere.example/x">else</a>.</p>'
        '<p><img src="/v1/media/7/640.webp" alt="5 &gt; 4"></p><p>]]&gt;</p>')


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Portal:
    sitemap_urls = 30

    def __init__(self, program, folder):
        self.port, operations = free_port(), free_port()
        config = pathlib.Path(folder) / "config.json"
        config.write_text(json.dumps({
            "security": {"mode": "open"},
            "data": {"folder": str(pathlib.Path(folder) / "data")},
            "site": {"address": SITE, "name": "The <Example>", "language": "en",
                     "copyright": "© The Example", "description": "News & more",
                     "page": "/{type}/{id}-{slug}", "access": "paid", "paid_part": ".paid",
                     "robots": {"disallow": ["/intern/"], "blocked": ["GPTBot", "CCBot"],
                                "content_signal": "search=yes, ai-train=no",
                                "license": SITE + "/license.xml"}},
            "orchestrator": {"sitemap_urls": self.sitemap_urls},
            "news": {"author_lists": True},
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "operations": {"listen": f"127.0.0.1:{operations}"}}), encoding="utf-8")
        self.process = subprocess.Popen([program, "--config", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.get("/")
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def ask(self, request):
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.headers, answer.read()

    def address(self, target):
        return f"http://127.0.0.1:{self.port}{target}"

    def get(self, target, **fields):
        return self.ask(urllib.request.Request(self.address(target), headers=fields))

    def status(self, target):
        try:
            self.get(target)
            return 200
        except urllib.error.HTTPError as refused:
            return refused.code

    def post(self, target, body):
        request = urllib.request.Request(self.address(target), json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        return json.loads(self.ask(request)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(PATIENCE) != 0:
            raise AssertionError("portal did not end well")


def check(holds, sentence):
    if not holds:
        raise AssertionError(sentence)


def equal(one, other, what):
    check(one == other, f"{what}: {one!r} is not {other!r}")


def write_items(portal):
    """Newest last; gives them newest first, as they were answered."""
    items = []
    for number in range(ITEMS):
        body = {"title": f"{TITLES[number % len(TITLES)]} {number}", "author": "Ann & Bea",
                "content": HTML, "content_format": "html", "tags": ["cup", "a/b & c"]}
        if number % 3 == 0:
            body |= {"content": "One <line>\nand another\n\n& a paragraph",
                     "content_format": "text", "description": "In short: <this>"}
        if number == ITEMS - 1:
            body["images"] = [{"media": 7, "alt": "Two <boats>", "credit": "Cem", "role": "lead"}]
        if number < len(OLDER):
            body["published_at"] = OLDER[number]
        if number == ITEMS - 2:
            body["language"] = "he"
        items.insert(0, portal.post("/v1/news/sports", body)["news"])
    portal.post("/v1/news/sports", {"title": "Draft that nobody sees", "content": "x",
                                    "author": "Ann & Bea", "tags": ["cup"], "status": "draft"})
    politics = portal.post("/v1/news/politics", {"title": "Of another type", "content": "x",
                                                 "author": "Bea", "published_at": OLDER[1]})["news"]
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    portal.post("/v1/news/sports", {"title": "Embargo that nobody sees", "content": "x",
                                    "author": "Ann & Bea", "tags": ["cup"],
                                    "embargo_until": later.isoformat().replace("+00:00", "Z")})
    return items, politics


def check_feed(portal, target, items):
    fields, body = portal.get(target)
    tree = lxml.etree.fromstring(body)
    if target.endswith(".atom"):
        schemas.check_atom(tree)
    check(b"nobody sees" not in body, f"{target} shows what is not public")
    equal(fields["ETag"][0], '"', "the ETag")
    read = feedparser.parse(body, response_headers={"content-type": fields["Content-Type"]})
    equal(read.bozo, 0, f"{target}, as feedparser complains")
    equal(read.version, "rss20" if target.endswith("rss") else "atom10", "the version")
    equal([one.title for one in read.entries], [one["title"] for one in items[:SHOWN]],
          f"the titles of {target}")
    ids = [one.id for one in read.entries]
    equal(len(set(ids)), SHOWN, "ids are different")
    check(read.feed.title.startswith("The <Example>"), read.feed.title)
    self_link = [one.href for one in read.feed.links if one.rel == "self"]
    equal(self_link, [SITE + target], "the feed's own address")
    for entry, item in zip(read.entries, items):
        check_entry(entry, item)
    known = feedparser.parse(portal.address(target)).etag
    again = feedparser.parse(portal.address(target), etag=known)
    equal(again.status, 304, "an unchanged feed")


def check_entry(entry, item):
    check(entry.link.startswith(f"{SITE}/sports/{item['id']}-"), entry.link)
    equal(entry.author, "Ann & Bea", "the author")
    equal([tag.term for tag in entry.tags], item["tags"], "the tags")
    published = item["published_at"][:19]
    equal(time.strftime("%Y-%m-%dT%H:%M:%S", entry.published_parsed), published, "the time")
    content = entry.content[0].value
    if item["content_format"] == "html":
        check(f'href="{SITE}/more?a=1&amp;b=2"' in content, content)
        check(f'href="{entry.link}#below"' in content, content)
        check('href="https://elsewhere.example/x"' in content, content)
        check(f'src="{SITE}/v1/media/7/640.webp"' in content, content)
    else:
        check("<p>One &lt;line&gt;<br" in content and "<p>&amp; a paragraph</p>" in content, content)
        check("In short:" in entry.summary, entry.summary)


def check_json_feed(portal, target, items):
    fields, body = portal.get(target)
    equal(fields.get_content_type(), "application/feed+json", "the media type")
    feed = json.loads(body)
    schemas.check_json_feed(feed)
    equal(feed["version"], "https://jsonfeed.org/version/1.1", "the version")
    check(feed["title"] and feed["home_page_url"] == SITE + "/", "the feed's members")
    equal(feed["feed_url"], SITE + target, "its address")
    equal([one["title"] for one in feed["items"]], [one["title"] for one in items[:SHOWN]],
          "the titles")
    for one in feed["items"]:
        check(isinstance(one["id"], str) and one["url"].startswith(SITE), "id and url")
        check(one["content_html"] and one["authors"][0]["name"], "content and authors")
        for name in ("date_published", "date_modified"):
            datetime.datetime.fromisoformat(one[name].replace("Z", "+00:00"))
    equal(feed["items"][0]["image"], f"{SITE}/v1/media/7/original", "the lead picture")
    check("image" not in feed["items"][1], "a picture of nobody")
    check("nobody sees" not in body.decode(), "what is not public")


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        portal = Portal(program, folder)
        try:
            items, politics = write_items(portal)
            of_all = sorted([*items, politics], reverse=True,
                            key=lambda one: (one["published_at"], one["id"]))
            sitemaps.check_robots(portal, SITE)
            sitemaps.check_sitemaps(portal, SITE, of_all)
            for word in ("all", "sports", "tags/cup", "tags/a%2Fb%20%26%20c",
                         "authors/Ann%20%26%20Bea"):
                for form in ("rss", "atom"):
                    check_feed(portal, f"/feeds/{word}.{form}", items)
            check_json_feed(portal, "/feeds/all.json", items)
            picture = portal.get("/feeds/all.rss")[1]
            tree = lxml.etree.fromstring(picture)
            media = tree.findall(".//{http://search.yahoo.com/mrss/}content")
            equal([one.get("url") for one in media], [f"{SITE}/v1/media/7/original"], "pictures")
            sitemaps.check_unpublished(portal, SITE, items[-1])
            shapes.check_shapes(portal, SITE, items[0])
            empty = feedparser.parse(portal.get("/feeds/famous.atom")[1])
            equal((empty.bozo, len(empty.entries)), (0, 0), "an empty feed")
        finally:
            portal.stop()
    print("RSS, Atom and JSON feeds hold, sitemaps and items in the forms of others do.")


if __name__ == "__main__":
    main(sys.argv[1])
