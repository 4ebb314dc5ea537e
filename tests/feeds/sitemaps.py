"""Sitemaps and robots.txt of the built server, as others read them.

lxml reads them by the schema of sitemaps.org, which the npm package `sitemap` has; ultimate-sitemap-parser
finds all of them from robots.txt on, as crawlers do; protego reads what robots may. ./dev installs these
below build/feeds; what is not there is said, and not asked.
"""

import datetime
import html
import pathlib
import sys
import urllib.parse

import lxml.etree

BUILD = pathlib.Path(__file__).parents[2] / "build" / "feeds"
SCHEMA = BUILD / "node_modules" / "sitemap" / "schema" / "sitemap.xsd"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9",
         "n": "http://www.google.com/schemas/sitemap-news/0.9"}
sys.path += [str(one) for one in BUILD.glob("python/lib/python3*/site-packages")]


def check(holds, sentence):
    if not holds:
        raise AssertionError(sentence)


def tree_of(portal, target):
    fields, body = portal.get(target)
    check(fields.get_content_type() == "application/xml", f"{target} is XML")
    check(b"nobody sees" not in body and b"nobody-sees" not in body, f"{target} is public")
    again, empty = portal.get(target, **{"If-Modified-Since": "", "If-None-Match": '"other"'})
    check(again["ETag"] == fields["ETag"] and empty == body, f"{target} stays")
    return lxml.etree.fromstring(body)


def texts(tree, path):
    return [one.text for one in tree.iterfind(path, NAMES)]


def address_of(item, site):
    return f"{site}/{item['news_type']}/{item['id']}-{urllib.parse.quote(item['slug'], safe='')}"


def addresses(items, site):
    return {address_of(one, site) for one in items}


def check_robots(portal, site):
    fields, body = portal.get("/robots.txt")
    check(fields["Content-Type"] == "text/plain; charset=utf-8", "robots.txt is text")
    text = body.decode()
    check("\nContent-Signal: search=yes, ai-train=no\n" in text, text)
    check(f"\nLicense: {site}/license.xml\n" in text, text)
    try:
        from protego import Protego
    except ImportError as missing:
        print(f"not asked: {missing}")
        return
    robots = Protego.parse(text)
    check(robots.can_fetch(f"{site}/sports/1-a", "Googlebot"), "everybody may read the site")
    check(not robots.can_fetch(f"{site}/intern/x", "Googlebot"), "but for what is disallowed")
    check(not robots.can_fetch(f"{site}/sports/1-a", "GPTBot"), "a blocked one may not")
    check(list(robots.sitemaps) == [f"{site}/sitemap.xml", f"{site}/news-sitemap.xml"], "sitemaps")


def check_sitemaps(portal, site, items):
    """All that is published stands in them once, by month; `items` has every one."""
    schema = lxml.etree.XMLSchema(file=str(SCHEMA)) if SCHEMA.exists() else None
    if not schema:
        print(f"not asked: {SCHEMA}")
    index = tree_of(portal, "/sitemap.xml")
    found = []
    for address in texts(index, "s:sitemap/s:loc"):
        check(address.startswith(site + "/sitemap-"), address)
        sitemap = tree_of(portal, address.removeprefix(site))
        if schema:
            schema.assertValid(sitemap)
        pages = texts(sitemap, "s:url/s:loc")
        check(0 < len(pages) <= portal.sitemap_urls, f"{address} has {len(pages)}")
        month = address.removeprefix(site + "/sitemap-")[:7]
        there = addresses([one for one in items if one["published_at"].startswith(month)], site)
        check(set(pages) <= there, f"{address} has others than those of its month")
        found += pages
    check(len(found) == len(set(found)) and set(found) == addresses(items, site), "each once")
    changed = texts(index, "s:sitemap/s:lastmod")
    check(max(changed) == max(one["updated_at"] for one in items), "the newest change")

    news = tree_of(portal, "/news-sitemap.xml")
    begin = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)).isoformat()
    new = [one for one in items if one["published_at"] >= begin]
    check(texts(news, "s:url/s:loc") ==
          [address_of(one, site) for one in new], "what is new")
    check(texts(news, "s:url/n:news/n:title") == [one["title"] for one in new], "its titles")
    check(set(texts(news, ".//n:language")) == {"en", "he"}, "its languages")
    check_by_crawler(portal, site, items, new)


def check_by_crawler(portal, site, items, new):
    try:
        from usp.tree import sitemap_tree_for_homepage
        from usp.web_client.requests_client import RequestsWebClient
    except ImportError as missing:
        print(f"not asked: {missing}")
        return

    class Client(RequestsWebClient):
        """Finds the site where the server is."""

        def get(self, url):
            check(url.startswith(site), url)
            return super().get(portal.address(url.removeprefix(site)))

    tree = sitemap_tree_for_homepage(site, web_client=Client(), use_known_paths=False)
    pages = list(tree.all_pages())
    check({one.url for one in pages} == addresses(items, site), "a crawler finds every page")
    stories = {one.url: one.news_story for one in pages if one.news_story}
    check(len(stories) == len(new), "and the news")
    for one in new:
        story = stories[address_of(one, site)]
        # It takes a text for HTML.
        check(story.title == html.unescape(one["title"]), story)
        check(story.publication_name == "The <Example>", story)


def check_unpublished(portal, site, item):
    """What is withdrawn is in no sitemap any more, and a month that has nothing has none."""
    month = item["published_at"][:7]
    check(f"{site}/sitemap-{month}.xml" in texts(tree_of(portal, "/sitemap.xml"), "s:sitemap/s:loc"),
          f"there is {month}")
    portal.post(f"/v1/news/{item['news_type']}/{item['id']}/unpublish", {"version": item["version"]})
    check(f"{site}/sitemap-{month}.xml" not in
          texts(tree_of(portal, "/sitemap.xml"), "s:sitemap/s:loc"), f"there is no {month}")
    check(portal.status(f"/sitemap-{month}.xml") == 404, "nor its sitemap")
    for other in ("/sitemap-2026-13.xml", "/sitemap-x.xml", "/sitemap-2000-01.xml"):
        check(portal.status(other) == 404, other)
