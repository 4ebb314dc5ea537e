"""Rows by label and key: how they are named in the bridge's tables, read and written down."""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Iterable, Iterator, Optional

from django.apps import apps
from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import router
from django.db.models import Model
from django.db.models.query import QuerySet
from django.utils.encoding import is_protected_type

PAGE = "wagtailcore.page"

_read_from: ContextVar[Optional[str]] = ContextVar("portal_bridge_read_from", default=None)


class _Here:
    """A router that is asked before the site's."""

    def db_for_read(self, model: type[Model], **hints: Any) -> Optional[str]:
        database = _read_from.get()
        if database is None or router.db_for_write(model, **hints) != database:
            return None
        return database


@contextmanager
def reading(database: str) -> Iterator[None]:
    """Whatever is written to that database is meanwhile read from it, too. Lists, and what goes with
    a row, are read by managers, for which the site's router may name a replica that is behind."""
    if not any(isinstance(one, _Here) for one in router.routers):
        router.routers.insert(0, _Here())
    token = _read_from.set(database)
    try:
        yield
    finally:
        _read_from.reset(token)


def model_of(label: str) -> type[Model]:
    """Raises LookupError if no installed app has it."""
    try:
        return apps.get_model(label)
    except ValueError as error:
        raise LookupError(f"{label!r} is no label of a model, as 'news.article' is.") from error


def key_text(model: type[Model], key: Any) -> str:
    """A primary key as the bridge's tables have it."""
    return str(model._meta.pk.to_python(key))


def find(label: str, key: str, database: str) -> Optional[Model]:
    """The row as it is now in that database; nothing if it is gone. Asks the table itself: the
    managers of a site may hide rows, and its router may name a replica that is behind."""
    return QuerySet(model_of(label), using=database).filter(pk=key).first()


def record_of(row: Model) -> dict:
    """What `dumpdata` writes for it; a proxy's row bears the name of its table's model."""
    record = json.loads(serializers.serialize("json", [row]))[0]
    record["model"] = name_of(row)[0]
    return record


def name_of(row: Model) -> tuple:
    """Label and key of its table's row."""
    return row._meta.concrete_model._meta.label_lower, row.pk


def key_json(label: str, key: str) -> Any:
    """The key of a row as its record has it, also of one that is gone: a number stays a number."""
    value = model_of(label)._meta.pk.to_python(key)
    if not is_protected_type(value):
        value = str(value)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def relation(model: type[Model], path: str) -> Iterator[tuple]:
    """Each step of a path such as `byline__person`: the model before it, its field, the model
    behind it. Raises FieldDoesNotExist, and LookupError for a field that leads nowhere."""
    for name in path.split("__"):
        field = model._meta.get_field(name)
        if not field.is_relation or field.related_model is None:
            raise LookupError(f"{model._meta.label}.{name} leads to no other model")
        yield model, field, field.related_model
        model = field.related_model


def related_of(row: Model, paths: Iterable[str], most: int) -> list:
    """The rows that the paths lead to, each once, without `row` itself. Raises OverflowError,
    before more are read, if they are more than `most`."""
    found = {name_of(row): row}
    for path in paths:
        level = [row]
        for _, field, _ in relation(type(row), path):
            behind: dict = {}
            for one in level:
                for other in _step(one, field, most):
                    behind[name_of(other)] = found[name_of(other)] = other
                    if len(found) > most + 1:
                        raise OverflowError(f"more than {most} rows go with it")
            level = list(behind.values())
    del found[name_of(row)]
    return list(found.values())


def parents_of(row: Model) -> list:
    """Of a child with a table of its own: the rows of its parents and of theirs, each once."""
    found: dict = {}
    level = [row]
    for one in level:
        for parent, link in one._meta.concrete_model._meta.parents.items():
            if link is not None and parent not in found:
                found[parent] = getattr(one, link.name)
                level.append(found[parent])
    return list(found.values())


def named_in_texts(row: Model, database: str, most: int) -> list:
    """The rows that StreamFields and rich text of Wagtail name by their keys: pictures, snippets,
    pages. Such fields say themselves what is in them. What is gone is left out; at most `most`."""
    keys: dict = {}
    for field in row._meta.concrete_fields:
        extract = getattr(field, "extract_references", None)
        value = field.value_from_object(row) if extract is not None else None
        if value is None:
            continue
        for model, key, *_ in extract(value):
            keys.setdefault(model._meta.concrete_model, set()).add(key)
    found: list = []
    for model, wanted in keys.items():
        rows = QuerySet(model, using=database).filter(pk__in=sorted(wanted, key=str)[: most + 1])
        found += rows[: max(most + 1 - len(found), 0)]
    return found


def is_page(model: type[Model]) -> bool:
    """Whether its rows are pages of Wagtail."""
    kinds = (model, *model._meta.get_parent_list())
    return any(kind._meta.label_lower == PAGE for kind in kinds)


def restrictions(row: Model, database: str, most: int) -> list:
    """What Wagtail keeps apart from a page: that only some may see it, or what it stands below;
    with the pages of which that is said. A page's path begins with those of all above it."""
    try:
        model = apps.get_model("wagtailcore", "PageViewRestriction")
    except LookupError:
        return []
    ends = range(row.steplen, len(row.path) + 1, row.steplen)
    rows = QuerySet(model, using=database).filter(page__path__in=[row.path[:end] for end in ends])
    found = list(rows.select_related("page")[: most + 1])
    return [*found, *(one.page for one in found)]


def _step(row: Model, field: Any, most: int) -> list:
    """At most one more than `most`."""
    accessor = getattr(field, "get_accessor_name", None)
    name = field.name if field.concrete or accessor is None else accessor()
    try:
        there = getattr(row, name)
    except ObjectDoesNotExist:
        return []
    if there is None:
        return []
    return list(there.all()[: most + 1]) if hasattr(there, "all") else [there]
