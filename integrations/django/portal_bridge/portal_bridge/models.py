"""The tables of the bridge. PortalOutbox and PortalOverwrite grow with what the site does, and
portal_push and portal_pull empty them; the others are bounded."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone

from django.db import models


def now_ms() -> int:
    """Milliseconds since 1970. Stored as such, since a site's USE_TZ may be on or off."""
    return int(datetime.now(timezone.utc).timestamp() * 1000)


class RowMark(models.Model):
    """That something happened to a row, by label and key."""

    model = models.CharField(max_length=255)
    row = models.TextField()  # its primary key, as text
    marked_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        abstract = True

    @property
    def marked_at(self) -> str:
        """In ISO 8601, UTC."""
        at = datetime.fromtimestamp(self.marked_ms / 1000, timezone.utc)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def __str__(self):
        return f"{self.model} {self.row}"


class PortalOutbox(RowMark):
    """A row that changed and that portal is to be told of.

    Written in the transaction of the change, so it is there if and only if the change is. It says
    *that* the row changed; what it is, and whether it is there at all, is read when it is sent,
    after the mark was read. A later change has a later mark, so nothing is lost by that, and a row
    that is saved five times in one transaction is sent as it was at the end.

    `sequence` is given when it is sent for the first time, not when it is written: transactions
    commit in another order than they draw numbers, and portal ignores a number below one it has
    had.

    `lookup` may be null, which is as empty: a process with the code of before 0002 leaves it out.
    With a `lookup` it is a mark of all rows of the model whose `lookup` is `row`, as
    category__pk is 5. They are looked for when it is sent: transactions that were under way at the
    same time may have added some."""

    id = models.BigAutoField(primary_key=True)
    lookup = models.TextField(null=True)
    sequence = models.BigIntegerField(null=True, unique=True)

    class Meta:
        verbose_name = "change to send"
        verbose_name_plural = "changes to send"


class PortalOverwrite(RowMark):
    """A row of a model that portal owns, which somebody else has changed here: portal is asked for
    it anew."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        verbose_name = "row to fetch again"
        verbose_name_plural = "rows to fetch again"


class PortalRefusal(RowMark):
    """A change that one side could not take. The newest PORTAL_BRIDGE["refusals_max"] are kept."""

    PUSH = "push"
    PULL = "pull"

    id = models.BigAutoField(primary_key=True)
    direction = models.CharField(max_length=4, choices=[(PUSH, PUSH), (PULL, PULL)])
    position = models.BigIntegerField(null=True)  # of a push its sequence, of a pull the feed's
    code = models.CharField(max_length=100)
    message = models.TextField()

    class Meta:
        verbose_name = "refused change"
        verbose_name_plural = "refused changes"


class PortalState(models.Model):
    """The one row that says how far both directions are."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    source = models.UUIDField(default=uuid.uuid4)  # by which portal knows this database
    last_sequence = models.BigIntegerField(default=0)  # the highest that was given
    position = models.BigIntegerField(default=0)  # of the feed, up to which all is taken
    pushed_ms = models.BigIntegerField(null=True)  # when portal last answered a push
    pulled_ms = models.BigIntegerField(null=True)  # when it last answered a pull

    class Meta:
        verbose_name = "state of the bridge"
        verbose_name_plural = "state of the bridge"
