"""Invented news: the same items from the same seed on every machine."""
import datetime
import json
import random

TYPES = ("sports", "politics", "famous")
_FIRST = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu",
          "va", "we", "za", "bra", "cle", "dri", "flo", "gru", "pla", "ste", "tri")
_LAST = ("n", "r", "l", "s", "m", "t", "nd", "st", "th", "ck", "rn", "sh", "", "", "", "")
# Four of them make 456,976 names.
_NAME_SYLLABLES = 4
ITEMS_OF_A_NAME = 10
_START = datetime.datetime(2019, 1, 1, tzinfo=datetime.timezone.utc)


def words(source, count):
    return ["".join(source.choice(_FIRST) for _ in range(source.randint(1, 3))) +
            source.choice(_LAST) for _ in range(count)]


def sentence(source, vocabulary, length):
    """Words up to about `length` characters, with a full stop now and then."""
    picked, size = [], 0
    while size < length:
        word = source.choice(vocabulary)
        picked.append(word)
        size += len(word) + 1
    text = " ".join(picked)[:length].strip()
    return text[:1].upper() + text[1:]


def name_of(number):
    """A name that those ITEMS_OF_A_NAME items have which are made one after another, and no other
    word: as in a newspaper, the more articles there are, the more names are in them."""
    name, left = "", number // ITEMS_OF_A_NAME
    for _ in range(_NAME_SYLLABLES):
        left, syllable = divmod(left, len(_FIRST))
        name += _FIRST[syllable]
    return name.capitalize() + "q"


def items(count, seed=1):
    """Yields `count` items with the members of an import file.

    Titles have about 60 characters and contents 150 to 600 (most are short), so that one item's
    answer has about 750 bytes and a front page of 30 items about 20 KB.
    """
    source = random.Random(seed)
    vocabulary = words(source, 3000)
    tags = sorted(set(words(source, 200)))
    authors = [" ".join(word.capitalize() for word in words(source, 2)) for _ in range(300)]
    # However many they are, all are published by now.
    step = datetime.timedelta(minutes=30) * min(1, 100_000 / max(count, 1))
    for number in range(count):
        published = _START + step * number + datetime.timedelta(milliseconds=number % 1000)
        yield {
            "source_id": f"bench-{seed}-{number}",
            "news_type": TYPES[number % len(TYPES)],
            "title": sentence(source, vocabulary, source.randint(45, 75)),
            "description": sentence(source, vocabulary, source.randint(30, 60)),
            "content": sentence(source, vocabulary, int(source.triangular(150, 600, 150))) +
                       " " + name_of(number),
            "author": source.choice(authors),
            "tags": source.sample(tags, source.randint(1, 3)),
            "published_at": published.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


def write_import_file(path, count, seed=1):
    with open(path, "w", encoding="utf-8") as file:
        for item in items(count, seed):
            file.write(json.dumps(item, ensure_ascii=False) + "\n")


def write_bodies(path, count, seed=2):
    """One request body of POST /v1/news/{type} per line."""
    with open(path, "w", encoding="utf-8") as file:
        for item in items(count, seed):
            body = {name: item[name] for name in
                    ("title", "description", "content", "author", "tags")}
            file.write(json.dumps(body, ensure_ascii=False) + "\n")
