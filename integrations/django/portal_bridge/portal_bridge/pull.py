"""Takes portal's changes into Django's tables.

A page of the feed and the position after it are written in one transaction, so a process may die at
any moment and the next one goes on where the rows are. A change that cannot be taken is undone
alone, kept as a refusal and passed over: one bad row holds up no other."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Optional

from django.core import serializers
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Max

from . import state
from .client import AnswerTooLarge, Client, Refused, segment
from .conf import Settings
from .models import PortalOverwrite, PortalRefusal, now_ms
from .outbox import pulling
from .rows import find, key_text, model_of

log = logging.getLogger("portal_bridge")

PATH = "/v1/migration/feed"
PAGE = 100


class CannotTake(Exception):
    """A change that is not for us, with why."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


@dataclass
class Taken:
    """What became of one page."""

    taken: int = 0
    refused: int = 0
    lag_s: Optional[int] = None  # how long the oldest of them has waited, if portal says it

    def __str__(self) -> str:
        waited = "" if self.lag_s is None else f", the oldest {self.lag_s} s old"
        return f"Taken {self.taken}, refused {self.refused}{waited}."


class Puller:
    """Used by one thread, in one process at a time."""

    def __init__(self, settings: Settings, client: Client):
        self._settings = settings
        self._client = client
        self._limit = PAGE
        self._round: Optional[int] = None  # the last mark of this round of overwriting

    def pull(self) -> Optional[Taken]:
        """Takes one page; nothing if there is none. Raises Unavailable and Refused."""
        position = state.load(self._settings).position
        changes, following, lag_s = self._page(position)
        if not changes and following == position:
            state.change(self._settings, pulled_ms=now_ms())
            return None
        try:
            taken = self._take(changes, position, following)
        except IntegrityError:
            # A key that leads nowhere is found by some databases only at the end of a transaction,
            # so each change has one of its own now.
            taken = self._take_singly(changes, following)
        taken.lag_s = lag_s
        return taken

    def overwrite(self) -> Optional[Taken]:
        """Fetches one row again that somebody else has changed; nothing at the end of a round. What
        is marked meanwhile is for the next: a task of the site may change each row that it sees
        change, and must not keep us busy without a pause."""
        marks = PortalOverwrite.objects.using(self._settings.database)
        if self._round is None:
            self._round = marks.aggregate(last=Max("id"))["last"] or 0
        oldest = marks.filter(id__lte=self._round).order_by("id").first()
        if oldest is None:
            self._round = None
            return None
        same = marks.filter(model=oldest.model, row=oldest.row)
        # Who changes the row after it was asked for has a mark with a higher id.
        last = same.aggregate(last=Max("id"))["last"]
        change = {"operation": "save", "model": oldest.model, "pk": oldest.row}
        try:
            answer = self._client.get(f"{PATH}/{segment(oldest.model)}/{segment(oldest.row)}")
            change["record"] = answer.get("record") if isinstance(answer, dict) else None
        except Refused as refusal:
            if refusal.status != 404:
                raise
            change["record"] = None
        except AnswerTooLarge:
            change["record"] = None
        taken = self._take_one(change, None)
        same.filter(id__lte=last).delete()
        return taken

    def _page(self, position: int) -> tuple:
        while True:
            try:
                answer = self._client.get(PATH, {"after": position, "limit": self._limit})
                break
            except AnswerTooLarge:
                if self._limit == 1:
                    raise Refused(
                        f"The change after position {position} is larger than "
                        "PORTAL_BRIDGE['answer_bytes_max']."
                    ) from None
                self._limit //= 2
        try:
            changes, following = answer["changes"], answer["next"]
            good = isinstance(changes, list) and type(following) is int
        except (TypeError, KeyError):
            good = False
        if not good:
            raise Refused(f"GET {PATH}: the answer has not the form of portal's.")
        if following < position or (changes and following == position):
            raise Refused(f"GET {PATH}: after position {position} comes {following}.")
        self._limit = PAGE
        lag_s = answer.get("lag_s")
        return changes, following, lag_s if type(lag_s) is int else None

    def _take(self, changes: list, position: int, following: int) -> Taken:
        taken = Taken()
        refusals = []
        with transaction.atomic(using=self._settings.database):
            now = state.lock(self._settings).position
            if now != position:
                raise Refused(f"The position was changed from {position} to {now} by another pull.")
            for change in changes:
                refusal = self._applied(change)
                if refusal is None:
                    taken.taken += 1
                else:
                    refusals.append(refusal)
            taken.refused = len(refusals)
            state.keep(self._settings, refusals)
            state.change(self._settings, position=following, pulled_ms=now_ms())
        return taken

    def _take_singly(self, changes: list, following: int) -> Taken:
        total = Taken()
        for change in changes:
            taken = self._take_one(change, _position(change))
            total.taken += taken.taken
            total.refused += taken.refused
        state.change(self._settings, position=following, pulled_ms=now_ms())
        return total

    def _take_one(self, change: Any, position: Optional[int]) -> Taken:
        """In a transaction of its own. The position moves with the last of a page only: to take a
        change twice is to take it once."""
        try:
            with transaction.atomic(using=self._settings.database):
                refusal = self._applied(change)
        except IntegrityError as error:
            refusal = self._refusal(change, "integrity_error", str(error))
        if refusal is None:
            return Taken(taken=1)
        refusal.position = position
        state.keep(self._settings, [refusal])
        return Taken(refused=1)

    def _applied(self, change: Any) -> Optional[state.Refusal]:
        """Writes one change; gives why it cannot be, with nothing of it written then."""
        try:
            with transaction.atomic(using=self._settings.database), pulling():
                self._write(change)
            return None
        except (OperationalError, InterfaceError):
            # The database fails and not the row; it will be taken when that is over.
            raise
        except CannotTake as error:
            return self._refusal(change, error.code, str(error))
        except IntegrityError as error:
            return self._refusal(change, "integrity_error", str(error))
        except Exception as error:  # noqa: BLE001
            # Among others what the site's own signal handlers raise.
            log.info("A change from portal failed.", exc_info=True)
            return self._refusal(change, "not_taken", f"{type(error).__name__}: {error}")

    def _write(self, change: Any) -> None:
        label, key = self._named(change)
        if change["operation"] == "delete":
            row = find(label, key, self._settings.database)
            if row is not None:
                row.delete()
            return
        record = change.get("record")
        if record is None:
            why = change.get("message") or "portal has no such row, or does not give it."
            raise CannotTake("not_in_portal", str(why))
        if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
            raise CannotTake("malformed", "The record has not the form of dumpdata.")
        if str(record.get("model")).lower() != label:
            raise CannotTake("malformed", f"The record is of {record.get('model')!r}.")
        if record.get("pk") is None or key_text(model_of(label), record["pk"]) != key:
            raise CannotTake("malformed", f"The record is of the row {record.get('pk')!r}.")
        for row in serializers.deserialize("python", [record], using=self._settings.database):
            row.save(using=self._settings.database)
        if change.get("kept"):
            kept = ", ".join(map(str, change["kept"]))
            log.warning("%s %s keeps its own: no rule of portal's can say %s.", label, key, kept)

    def _named(self, change: Any) -> tuple:
        """Label and key, if they are of a model that portal owns."""
        if not isinstance(change, dict) or change.get("operation") not in ("save", "delete"):
            raise CannotTake("malformed", "It is no change of the operation save or delete.")
        label, key = change.get("model"), change.get("pk")
        if not isinstance(label, str) or key is None:
            raise CannotTake("malformed", "It names no model or no row.")
        label = label.lower()
        if label not in self._settings.portals:
            raise CannotTake(
                "not_owned_by_portal", f"PORTAL_BRIDGE['owned_by_portal'] has no {label}."
            )
        return label, key_text(model_of(label), key)

    def _refusal(self, change: Any, code: str, message: str) -> state.Refusal:
        members = change if isinstance(change, dict) else {}
        label, key = str(members.get("model", "")).lower(), str(members.get("pk", ""))
        return state.Refusal(PortalRefusal.PULL, label, key, _position(change), code, message)


def _position(change: Any) -> Optional[int]:
    position = change.get("position") if isinstance(change, dict) else None
    return position if type(position) is int and -(1 << 63) <= position < 1 << 63 else None
