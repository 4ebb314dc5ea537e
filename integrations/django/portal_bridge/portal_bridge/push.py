"""Sends what the outbox has, in order.

A batch goes through these steps, and a process may die between any two of them:

0. `_look_up`: marks of all rows with some value become marks of those rows.
1. `_number`: the oldest marks get their sequences, in one transaction. From then on they are sent
   with those, however often it takes, and before all others.
2. `_collect` and POST: the rows are read, which is after their marks were; then they are sent.
3. `_settle`: what portal says is done leaves the outbox, in one transaction.

Whoever dies before 3 sends the same sequences again; portal ignores those it has had. That their
rows may be newer by then loses nothing: what made them newer has marks of its own, which come
later."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, field
from typing import Optional

from django.core.exceptions import FieldError, ValidationError
from django.core.serializers.base import SerializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, transaction
from django.db.models import Model, Q

from . import state
from .client import Client, Refused, Unavailable
from .conf import RELATED_MAX, Settings
from .models import PortalOutbox, PortalRefusal, now_ms
from .outbox import mark_those
from .rows import (
    find,
    is_page,
    key_json,
    model_of,
    name_of,
    named_in_texts,
    parents_of,
    reading,
    record_of,
    related_of,
    restrictions,
)

log = logging.getLogger("portal_bridge")

PATH = "/v1/migration/changes"
ANOTHER_SOURCE = "This database became another source meanwhile."
# What a mark may come to that makes no sense, or none any more: it holds up none of the others.
UNREADABLE = (
    SerializationError,
    ValidationError,
    FieldError,
    DataError,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
)
NO_LOOKUP = Q(lookup__isnull=True) | Q(lookup="")


@dataclass
class Batch:
    """What one request tells, as JSON, in order. Marks up to `last` are dealt with by it: what is
    told of ends at `told`, and what comes after that is unreadable."""

    changes: list = field(default_factory=list)
    told: int = 0
    last: int = 0
    unreadable: list = field(default_factory=list)


@dataclass
class Sent:
    """What became of one batch."""

    accepted: int = 0
    refused: int = 0


class Pusher:
    """Used by one thread. Several at once, also in several processes, do no harm."""

    def __init__(self, settings: Settings, client: Client):
        self._settings = settings
        self._client = client
        self._bytes_max = settings.body_bytes_max

    def push(self) -> Optional[Sent]:
        """Sends one batch; nothing if the outbox is empty. Raises Unavailable and Refused."""
        source = state.load(self._settings).source
        marks = self._numbered()
        if not marks:
            while self._look_up():
                pass
            marks = self._number()
        if not marks:
            return None
        # With another source portal would take these sequences for the next ones of that.
        if state.load(self._settings).source != source:
            raise Unavailable(ANOTHER_SOURCE)
        with reading(self._settings.database):
            batch = self._collect(marks)
        if not batch.changes:
            return self._settle(marks, batch, source, self._all_done(batch))
        head = f'{{"source":"{source}","changes":['.encode()
        try:
            answer = self._client.post(PATH, head + b",".join(batch.changes) + b"]}")
        except Refused as refusal:
            if refusal.status != 413:
                raise
            return self._send_less(marks, batch, source)
        return self._settle(marks, batch, source, answer)

    def _table(self):
        return PortalOutbox.objects.using(self._settings.database)

    def _numbered(self) -> list:
        """What was numbered before and is not settled: sent already, perhaps."""
        numbered = self._table().filter(sequence__isnull=False)
        return list(numbered.order_by("sequence")[: self._settings.batch])

    def _look_up(self) -> int:
        """Marks the rows that those of the next marks with a lookup are of, each once. Gives how
        many it took: they are committed, and so are the rows that they left."""
        if not self._with_lookup():
            return 0
        with transaction.atomic(using=self._settings.database):
            state.lock(self._settings)
            marks = self._with_lookup()
            first: dict = {}
            for one in marks:
                first.setdefault((one.model, one.lookup, one.row), one.marked_ms)
            for (label, lookup, value), at in first.items():
                try:
                    with transaction.atomic(using=self._settings.database):
                        model = model_of(label)
                        mark_those(model, lookup, value, self._settings.database, marked_ms=at)
                except UNREADABLE as error:
                    # Neither the value nor what the error says of it: it may be a secret.
                    kind = type(error).__name__
                    log.warning("Rows of %s by %s are not found (%s).", label, lookup, kind)
            self._table().filter(id__in=[one.id for one in marks]).delete()
        return len(marks)

    def _with_lookup(self) -> list:
        following = self._table().filter(sequence__isnull=True).order_by("id")
        return [one for one in following[: self._settings.batch] if one.lookup]

    def _number(self) -> list:
        """Numbers the next marks. Marks of one row with none of another between them are one."""
        with transaction.atomic(using=self._settings.database):
            last = state.lock(self._settings).last_sequence
            # Another push may have begun a batch since: to overtake it would be to lose it.
            begun = self._numbered()
            if begun:
                return begun
            fresh = self._table().filter(NO_LOOKUP, sequence__isnull=True).order_by("id")
            kept, superfluous = [], []
            for mark in fresh[: self._settings.batch]:
                same = kept and (kept[-1].model, kept[-1].row) == (mark.model, mark.row)
                (superfluous if same else kept).append(mark)
            for mark in kept:
                last += 1
                mark.sequence = last
            if kept:
                self._table().bulk_update(kept, ["sequence"], batch_size=200)
                for start in range(0, len(superfluous), 500):
                    part = superfluous[start : start + 500]
                    self._table().filter(id__in=[mark.id for mark in part]).delete()
                state.change(self._settings, last_sequence=last)
        return kept

    def _collect(self, marks: list) -> Batch:
        """As many as one request takes, at least one."""
        batch = Batch()
        size = 200
        last_of_row = {(mark.model, mark.row): mark.sequence for mark in marks}
        for mark in marks:
            try:
                change = self._change(mark, last_of_row[mark.model, mark.row])
            except UNREADABLE as error:
                batch.unreadable.append(self._refusal(mark, "unreadable", str(error)))
                change = None
            if change is not None:
                if len(change) + 200 > self._settings.body_bytes_max:
                    batch.unreadable.append(
                        self._refusal(
                            mark,
                            "too_large",
                            f"As JSON it has more than {self._settings.body_bytes_max} bytes.",
                        )
                    )
                elif batch.changes and size + len(change) + 1 > self._bytes_max:
                    break
                else:
                    batch.changes.append(change)
                    batch.told = mark.sequence
                    size += len(change) + 1
            batch.last = mark.sequence
        return batch

    def _change(self, mark: PortalOutbox, last_of_row: int) -> Optional[bytes]:
        """One change as JSON; nothing for a row that is gone and has a later mark. One that is too
        large for a request is not written to its end."""
        change = {"sequence": mark.sequence, "operation": "save", "model": mark.model}
        change["at"] = mark.marked_at
        row = find(mark.model, mark.row, self._settings.database)
        if row is not None:
            record = record_of(row)
            change.update(pk=record["pk"], record=record)
        elif mark.sequence < last_of_row:
            return None
        else:
            change.update(operation="delete", pk=key_json(mark.model, mark.row))
        text = _json(change)
        if row is None:
            return text
        related, size = [], len(text)
        for other in self._related(mark.model, row):
            if size > self._settings.body_bytes_max:
                break
            related.append(_json(record_of(other)))
            size += len(related[-1]) + 1
        return text[:-1] + b',"related":[' + b",".join(related) + b"]}"

    def _related(self, label: str, row: Model) -> list:
        """The rows without which this one cannot be understood, each once."""
        rows = parents_of(row) + related_of(row, self._settings.related_to(label), RELATED_MAX)
        rows += named_in_texts(row, self._settings.database, RELATED_MAX)
        if is_page(type(row)):
            rows += restrictions(row, self._settings.database, RELATED_MAX)
        found = {name_of(other): other for other in rows}
        found.pop(name_of(row), None)
        if len(found) > RELATED_MAX:
            raise OverflowError(f"more than {RELATED_MAX} rows go with it")
        return list(found.values())

    def _send_less(self, marks: list, batch: Batch, source: uuid.UUID) -> Optional[Sent]:
        """portal takes smaller bodies than we send: half as much, until it is one change alone."""
        if len(batch.changes) > 1:
            self._bytes_max = max(sum(map(len, batch.changes)) // 2, 1)
            log.info("portal takes no body of that size; the next have %d bytes.", self._bytes_max)
            return Sent()
        change = json.loads(batch.changes[0])
        mark = next(mark for mark in marks if mark.sequence == change["sequence"])
        batch.unreadable.append(
            self._refusal(mark, "too_large", "It is larger than portal takes in one request.")
        )
        return self._settle(marks, batch, source, self._all_done(batch))

    @staticmethod
    def _all_done(batch: Batch) -> dict:
        """As portal would answer to what it need not be asked."""
        return {"last_sequence": batch.last, "refused": []}

    def _settle(self, marks: list, batch: Batch, source: uuid.UUID, answer: object) -> Sent:
        had, refused = _read(answer)
        if had < marks[0].sequence:
            raise Unavailable(f"portal has taken nothing: it is at {had} of {batch.last}.")
        last = batch.last if had >= batch.told else had
        by_sequence = {mark.sequence: mark for mark in marks if mark.sequence <= last}
        refusals = [refusal for refusal in batch.unreadable if refusal.position <= last]
        for sequence, code, message in refused:
            mark = by_sequence.get(sequence)
            if mark is not None:
                refusals.append(self._refusal(mark, code, message))
        with transaction.atomic(using=self._settings.database):
            known = state.lock(self._settings)
            if known.source != source:
                raise Unavailable(ANOTHER_SOURCE)
            if had > known.last_sequence:
                raise Refused(
                    f"portal has had change {had} of this database, which has made only "
                    f"{known.last_sequence}: it was restored from an earlier state, it seems. "
                    "Run portal_push --new-source, then portal_mark --all for each model."
                )
            state.change(self._settings, pushed_ms=now_ms())
            done = [mark.id for mark in by_sequence.values()]
            for start in range(0, len(done), 500):
                self._table().filter(id__in=done[start : start + 500]).delete()
            state.keep(self._settings, refusals)
        return Sent(accepted=len(by_sequence) - len(refusals), refused=len(refusals))

    @staticmethod
    def _refusal(mark: PortalOutbox, code: str, message: str) -> state.Refusal:
        return state.Refusal(PortalRefusal.PUSH, mark.model, mark.row, mark.sequence, code, message)


def _json(value: dict) -> bytes:
    text = json.dumps(
        value,
        cls=DjangoJSONEncoder,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    return text.encode()


def _read(answer: object) -> tuple:
    """The last sequence, and what was refused as (sequence, code, message)."""
    try:
        last = answer["last_sequence"]
        refused = [
            (entry["sequence"], str(entry["code"]), str(entry.get("message", "")))
            for entry in answer.get("refused", [])
        ]
        if type(last) is not int or not all(type(sequence) is int for sequence, _, _ in refused):
            raise TypeError
    except (TypeError, KeyError, AttributeError):
        raise Refused(f"POST {PATH}: the answer has not the form of portal's.") from None
    return last, refused


def new_source(settings: Settings) -> None:
    """portal takes this database for one that it has not heard of: for one that was restored from a
    backup, whose sequences portal has had already."""
    with transaction.atomic(using=settings.database):
        state.lock(settings)
        PortalOutbox.objects.using(settings.database).update(sequence=None)
        state.change(settings, source=uuid.uuid4(), last_sequence=0)
