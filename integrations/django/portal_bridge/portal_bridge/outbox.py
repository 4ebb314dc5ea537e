"""Marks rows in the bridge's tables, in the transaction that is under way."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, Iterable, Optional

from django.db.models import Model
from django.db.models.query import QuerySet

from . import conf
from .models import PortalOutbox, PortalOverwrite, now_ms
from .rows import key_text

log = logging.getLogger("portal_bridge")

CHUNK = 500

# Whether what is written now comes from portal. A change cannot run in a circle in any case: what
# portal owns is never sent, and nothing else is taken from it. This only keeps the pull from being
# told that it overwrites itself.
_pulling: ContextVar[bool] = ContextVar("portal_bridge_pulling", default=False)


@contextmanager
def pulling():
    token = _pulling.set(True)
    try:
        yield
    finally:
        _pulling.reset(token)


def mark_those(model: type[Model], lookup: str, value: Any, database: str, **more: Any) -> int:
    """Marks the rows of the model whose `lookup` is that value."""
    rows = QuerySet(model, using=database).filter(**{lookup: value}).order_by()
    return mark(model, rows.values_list("pk", flat=True).distinct().iterator(), database, **more)


def mark_later(model: type[Model], lookup: str, values: Iterable[Any], database: str) -> None:
    """As mark_those, for rows that another transaction may be adding now: they are looked for when
    they are sent."""
    settings = conf.lenient()
    label = model._meta.label_lower
    if label in settings.portals:
        for value in values:
            mark_those(model, lookup, value, database)
    elif database == settings.database:
        table = PortalOutbox.objects.using(database)
        marks = (PortalOutbox(model=label, lookup=lookup, row=str(value)) for value in values)
        while part := list(islice(marks, CHUNK)):
            table.bulk_create(part)


def mark(
    model: type[Model], keys: Iterable[Any], database: str, marked_ms: Optional[int] = None
) -> int:
    """Notes that these rows of the model changed, now or then: to be sent, or, where portal owns
    the model, to be overwritten. Gives how many. Takes keys from an iterator a part at a time."""
    settings = conf.lenient()
    label = model._meta.label_lower
    owned = label in settings.portals
    if owned and _pulling.get():
        return 0
    if database != settings.database:
        log.warning(
            "A change of %s in the database %r is not followed: PORTAL_BRIDGE['database'] is %r.",
            label,
            database,
            settings.database,
        )
        return 0
    table = PortalOverwrite if owned else PortalOutbox
    texts = (key_text(model, key) for key in keys)
    count = 0
    while True:
        part = list(islice(texts, CHUNK))
        if not part:
            return count
        # Not save(): whoever listens to the signals of all models need not hear of these.
        at = marked_ms or now_ms()
        marks = [table(model=label, row=row, marked_ms=at) for row in part]
        table.objects.using(database).bulk_create(marks)
        count += len(part)
        if owned:
            for row in part:
                log.warning("%s %s was changed here, and is overwritten by portal.", label, row)
