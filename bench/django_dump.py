#!/usr/bin/env python3
"""An invented Django site as `dumpdata --format jsonl` writes it, and the mapping for it.

    django_dump.py ARTICLES DUMP MAPPING     two older states for each article; the same from one seed
"""
import contextlib
import datetime
import itertools
import json
import random
import sqlite3
import sys

import items

PEOPLE = 200
OLDER_STATES = 2
SECTIONS = ("sports", "politics", "famous")
_START = datetime.datetime(2012, 1, 1)
_HASH = "pbkdf2_sha256$260000$kJ8bq0nNvOeCa4eM$Vh1x7Yq3pM9dXc0sQe2kZr5tBn8wLg6uJf4aHy1iPoE="

MAPPING = {
    "source": {"time_zone": "Europe/Berlin"},
    "relations": {"news.article.author": "auth.user", "news.article.section": "news.section",
                  "news.article.topics": "news.topic", "news.oldarticle.article": "news.article",
                  "news.oldarticle.editor": "auth.user"},
    "users": {"model": "auth.user", "login": "username", "email": "email",
              "name": ["first_name", "last_name"], "password": "password",
              "active": "is_active", "registered": "date_joined",
              "role": [{"if": {"is_staff": True}, "then": "author"}, {"then": "reader"}]},
    "news": [{"model": "news.article", "type": "section__slug", "title": "headline",
              "description": "summary", "content": {"html": "body"},
              "author": "author__get_full_name", "owner": "author", "tags": "topics__name",
              "published": {"if": {"status": "published"}}, "published_at": "published",
              "created_at": "created", "updated_at": "modified", "slug": "slug",
              "url": "/articles/{slug}/", "extra": ["kicker"],
              "history": {"each": "news.oldarticle[article] by saved", "at": "saved",
                          "user": "editor"}}],
}


def _time(number, step):
    moment = _START + datetime.timedelta(minutes=10 * number, hours=step)
    return moment.isoformat(timespec="seconds") + "Z"


def _body(source, paragraphs):
    """About three thousand characters of what an editor leaves: paragraphs, links, a list."""
    parts = []
    for number in range(source.randint(6, 12)):
        text = source.choice(paragraphs)
        kind = source.random()
        if kind < 0.15:
            parts.append(f"<h2>{text[:60]}</h2>")
        elif kind < 0.25:
            parts.append("<ul>" + "".join(f"<li>{text[at:at + 50]}</li>" for at in (0, 50, 100))
                         + "</ul>")
        elif kind < 0.5:
            parts.append(f'<p>{text[:150]} <a href="https://news.example/{number}/?a=1&amp;b=2">'
                         f"{text[150:180]}</a> {text[180:]}</p>")
        else:
            parts.append(f"<p>{text[:200]} <em>{text[200:230]}</em>{text[230:]}</p>")
    return "\n".join(parts)


def rows(articles, seed=1):
    """Yields each row as dumpdata has it, in its order: what is pointed to comes first."""
    source = random.Random(seed)
    vocabulary = items.words(source, 3000)
    paragraphs = [items.sentence(source, vocabulary, source.randint(250, 480))
                  for _ in range(2000)]
    titles = [items.sentence(source, vocabulary, source.randint(45, 75)) for _ in range(5000)]
    topics = sorted(set(items.words(source, 300)))
    for pk in range(1, PEOPLE + 1):
        first, last = (word.capitalize() for word in items.words(source, 2))
        yield "auth.user", pk, {
            "password": _HASH, "last_login": None, "is_superuser": False, "username": f"user{pk}",
            "first_name": first, "last_name": last, "email": f"user{pk}@news.example",
            "is_staff": pk <= 50, "is_active": True, "date_joined": _time(0, pk), "groups": [],
            "user_permissions": []}
    for pk, slug in enumerate(SECTIONS, 1):
        yield "news.section", pk, {"name": slug.capitalize(), "slug": slug}
    for pk, name in enumerate(topics, 1):
        yield "news.topic", pk, {"name": name}

    def state(number, step):
        title = titles[(number * 7 + step) % len(titles)]
        return {"headline": title, "summary": title[::-1][:60], "body": _body(source, paragraphs),
                "section": number % len(SECTIONS) + 1}

    for number in range(1, articles + 1):
        author = number % PEOPLE + 1
        yield "news.article", number, {
            **state(number, OLDER_STATES), "author": author, "kicker": "News",
            "slug": f"article-{number}", "status": "draft" if number % 20 == 0 else "published",
            "published": _time(number, 1), "created": _time(number, 0),
            "modified": _time(number, OLDER_STATES), "topics":
            source.sample(range(1, len(topics) + 1), source.randint(1, 4))}
        for step in range(OLDER_STATES):
            yield "news.oldarticle", (number - 1) * OLDER_STATES + step + 1, {
                **state(number, step), "article": number, "author": author, "kicker": "News",
                "slug": f"article-{number}", "editor": author, "saved": _time(number, step)}


def write(articles, dump, mapping):
    """How many rows there are."""
    count = 0
    with open(dump, "w", encoding="utf-8") as file:
        for model, pk, fields in rows(articles):
            row = {"model": model, "pk": pk, "fields": fields}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    with open(mapping, "w", encoding="utf-8") as file:
        json.dump(MAPPING, file)
    return count


def copy_rows(dump, database):
    """What a script would do at least: each row of the dump is one of a table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("create table row (model text, pk integer, fields text,"
                           " primary key (model, pk)) without rowid")
        with open(dump, encoding="utf-8") as file:
            while lines := list(itertools.islice(file, 1000)):
                found = (json.loads(line) for line in lines)
                connection.executemany(
                    "insert into row values (?, ?, ?)",
                    ((row["model"], row["pk"], json.dumps(row["fields"])) for row in found))
                connection.commit()


if __name__ == "__main__":
    print(write(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
