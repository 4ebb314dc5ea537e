"""A site at work: transactions that change rows in the ways that Django has, and what the tables of
the followed models have after them. The same seed makes the same changes."""

import json
import uuid

from django.core import serializers
from django.db import transaction
from newsdesk.models import Article, Category, Credit, Desk, Person, Photo, Report, Tag

FOLLOWED = (Category, Tag, Article, Report, Person, Photo, Credit)
KINDS = (Category, Tag, Article, Report, Person, Photo, Credit, Desk)


class Undo(Exception):
    """Rolls a transaction back."""


def edit(chance):
    """One transaction; one of five is rolled back."""
    try:
        with transaction.atomic():
            # SQLite waits for a lock only with the first statement of a transaction.
            Category.objects.filter(pk=0).update(name="")
            for _ in range(chance.randint(1, 4)):
                edit_a_row(chance)
            if chance.random() < 0.2:
                raise Undo
    except Undo:
        pass


def edit_a_row(chance):
    kind = chance.choice(KINDS)
    row = one_of(kind, chance) if chance.random() < 0.7 else None
    if row is not None and chance.random() < 0.3:
        row.delete()
        return
    row = row or kind()
    if kind is Photo and row._state.adding:
        row.pk = uuid.UUID(int=chance.getrandbits(128))
    if kind in (Article, Report):
        row.headline = name(chance)
        row.category = one_of(Category, chance)
        row.desk = one_of(Desk, chance)
    elif kind is Credit:
        ends = one_of(Article, chance), one_of(Person, chance)
        if None in ends:
            return
        row.article, row.person = ends
    elif kind is Desk:
        row.code = row.code or name(chance)[:10]
    elif kind is not Photo:
        row.name = name(chance)
    row.save()
    if kind in (Article, Report):
        row.tags.set(some_of(Tag, chance))
    elif kind is Person:
        row.colleagues.set(some_of(Person, chance))


def name(chance):
    return f"{chance.getrandbits(64):016x}"


def one_of(kind, chance):
    return next(iter(some_of(kind, chance, 1)), None)


def some_of(kind, chance, most=2):
    rows = list(kind.objects.order_by("pk")[:50])
    return chance.sample(rows, min(most, len(rows)))


def tables():
    """By model and key as JSON, what dumpdata writes for each row."""
    found = {}
    for kind in FOLLOWED:
        for record in json.loads(serializers.serialize("json", kind._base_manager.all())):
            found[(record["model"], json.dumps(record["pk"]))] = record
    return in_order(found)


def in_order(rows):
    """The same rows; Django's lists have no order."""
    for record in rows.values():
        for value in record["fields"].values():
            if isinstance(value, list):
                value.sort()
    return rows
