"""The articles that `seed` makes: the same for the same number, on every Django and in every run."""
import random
from datetime import datetime, timedelta, timezone

AUTHORS = [
    ("ann", "Ann", "Lee"),
    ("bea", "Bea", "Stone"),
    ("cem", "Cem", "Aydın"),
    ("dora", "Dora", "Nagy"),
    ("eli", "Eli", "O'Hara"),
    ("fay", "Fay", "Núñez"),
    ("gus", "Gus", "van Dijk"),
]
CATEGORIES = ["sports", "politics", "famous"]
TAGS = ["rowing", "budget", "film", "city", "weather", "football", "election", "music"]
WORDS = (
    "harbour council final river mayor season crowd budget bridge train coach vote school stage "
    "night record storm court museum market garden ticket song garage library café derby"
).split()
FIRST = datetime(2019, 3, 1, 6, 30, tzinfo=timezone.utc)


def sentence(chance, shortest, longest):
    words = chance.choices(WORDS, k=chance.randint(shortest, longest))
    return " ".join(words).capitalize()


def sample(number):
    """Article `number` (from 1), by the names of the model. Every tenth is a draft without a date;
    some have no subtitle, some an empty one."""
    chance = random.Random(number)
    headline = sentence(chance, 3, 8)
    paragraphs = [sentence(chance, 10, 40) + "." for _ in range(chance.randint(1, 6))]
    is_draft = number % 10 == 0
    created = FIRST + timedelta(hours=5 * number, microseconds=chance.randrange(1000000))
    return {
        "pk": number,
        "headline": headline,
        "subtitle": chance.choice([None, "", sentence(chance, 2, 6)]),
        "slug": f"{headline.lower().replace(' ', '-').replace('é', 'e')}-{number}",
        "summary": sentence(chance, 8, 20) + ".",
        "content": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
        "author": chance.randrange(len(AUTHORS)),
        "category": chance.randrange(len(CATEGORIES)),
        "tags": sorted(chance.sample(range(len(TAGS)), chance.randint(0, 3))),
        "status": "draft" if is_draft else "published",
        "pub_date": None if is_draft else created + timedelta(minutes=chance.randint(0, 300)),
        "created": created,
        "modified": created + timedelta(days=1),
    }
