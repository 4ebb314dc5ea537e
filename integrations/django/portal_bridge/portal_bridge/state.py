"""What the bridge keeps of itself: how far it is, and what was refused."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Callable, Iterable, Optional

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from .conf import Settings
from .models import PortalOutbox, PortalOverwrite, PortalRefusal, PortalState, now_ms
from .rows import model_of

log = logging.getLogger("portal_bridge")


def load(settings: Settings) -> PortalState:
    """The one row of the state; made, with a source of its own, when it is asked for first."""
    return PortalState.objects.using(settings.database).get_or_create(id=1)[0]


def change(settings: Settings, **values) -> None:
    PortalState.objects.using(settings.database).filter(id=1).update(**values)


def lock(settings: Settings) -> PortalState:
    """To be called first in a transaction: no other process passes here until its end. It is a
    write and not select_for_update, since SQLite has only that, and must not read before it."""
    table = PortalState.objects.using(settings.database)
    if not table.filter(id=1).update(last_sequence=F("last_sequence")):
        table.get_or_create(id=1)
    return table.get(id=1)


@dataclass
class Refusal:
    direction: str
    model: str
    row: str
    position: Optional[int]
    code: str
    message: str


def keep(settings: Settings, refusals: Iterable[Refusal]) -> None:
    """Logs them and keeps the newest."""
    kept = []
    for refusal in refusals:
        log.warning(
            "%s of %s %s was refused: %s: %s",
            refusal.direction,
            refusal.model,
            refusal.row,
            refusal.code,
            refusal.message,
        )
        kept.append(
            PortalRefusal(
                direction=refusal.direction,
                model=refusal.model[:255],
                row=refusal.row[:1000],
                position=refusal.position,
                code=refusal.code[:100],
                message=refusal.message[:2000],
            )
        )
    if not kept:
        return
    table = PortalRefusal.objects.using(settings.database)
    table.bulk_create(kept, batch_size=500)
    first_too_many = table.order_by("-id").values_list("id", flat=True)[
        settings.refusals_max : settings.refusals_max + 1
    ]
    for newest in first_too_many:
        table.filter(id__lte=newest).delete()


def status(settings: Settings) -> list:
    """How both directions stand, in lines."""
    outbox = PortalOutbox.objects.using(settings.database)
    overwrites = PortalOverwrite.objects.using(settings.database)
    refusals = PortalRefusal.objects.using(settings.database)
    state = load(settings)
    lines = [f"To send: {_waiting(outbox)}. Last answered {_ago(state.pushed_ms)}."]
    lines.append(
        f"Taken from portal up to position {state.position}; "
        f"to fetch again: {_waiting(overwrites)}. Last answered {_ago(state.pulled_ms)}."
    )
    for direction in (PortalRefusal.PUSH, PortalRefusal.PULL):
        lines.append(f"Refused by {direction}: {refusals.filter(direction=direction).count()}.")
    return lines


def lag(settings: Settings) -> str:
    return _waiting(PortalOutbox.objects.using(settings.database))


def _waiting(table) -> str:
    oldest = table.order_by("id").first()
    if oldest is None:
        return "0 changes"
    count = table.count()
    age = max(0, now_ms() - oldest.marked_ms) / 1000
    return f"{count} {'change' if count == 1 else 'changes'}, the oldest {age:.0f} s old"


def _ago(moment_ms: Optional[int]) -> str:
    return "never" if moment_ms is None else f"{max(0, now_ms() - moment_ms) / 1000:.0f} s ago"


def mark_refused_again(settings: Settings, direction: str, mark: Callable) -> int:
    """Takes the refusals of that direction off the list and marks their rows anew, each once, by
    `mark(model, keys, database)`. Gives how many. Those of models that the other side owns now, and
    of those that are gone, stay."""
    count = 0
    with transaction.atomic(using=settings.database):
        lock(settings)
        table = PortalRefusal.objects.using(settings.database).filter(direction=direction)
        for label, row in sorted(set(table.values_list("model", "row"))):
            if (label in settings.portals) != (direction == PortalRefusal.PULL):
                continue
            try:
                count += mark(model_of(label), [row], settings.database)
            except (LookupError, ValidationError, ValueError) as error:
                log.warning("%s %s cannot be marked again: %s", label, row, error)
                continue
            table.filter(model=label, row=row).delete()
    return count
