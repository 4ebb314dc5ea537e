"""Answers that come piece by piece."""
import asyncio
import time
from itertools import count

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse

POLL_S = 0.01
PATIENCE_S = 20


class Pace:
    """When the next piece may go. With `?gate=NAME`, piece N (from 1) waits until there is a file
    NAME.N in the folder `gates` of the data folder, so that a test proves without a clock that the
    piece before it has arrived; NAME.closed is written when the stream ends, however it does. Else
    each waits for `?pause_ms=`."""

    def __init__(self, query):
        self.gate = query.get("gate")
        self.pause_s = int(query.get("pause_ms", 200)) / 1000
        self.folder = settings.DATA / "gates"

    def waits(self, number):
        """How long to wait, time after time, until piece `number` may go."""
        if not self.gate:
            yield self.pause_s
            return
        until = time.monotonic() + PATIENCE_S
        while not (self.folder / f"{self.gate}.{number}").exists():
            if time.monotonic() > until:
                raise TimeoutError(f"gate {self.gate} was not opened for piece {number}")
            yield POLL_S

    def closed(self):
        if self.gate:
            self.folder.mkdir(exist_ok=True)
            (self.folder / f"{self.gate}.closed").touch()


def each(first, last, pace, piece, break_at):
    """The pieces, and before each the seconds to sleep."""
    try:
        for number in count(first) if last is None else range(first, last):
            if number == break_at:
                raise RuntimeError("broken off as asked")
            if number > first:
                yield from pace.waits(number)
            yield piece(number)
    finally:
        pace.closed()


def asleep(steps):
    try:
        for step in steps:
            if isinstance(step, float):
                time.sleep(step)
            else:
                yield step
    finally:
        steps.close()


async def awaiting(steps):
    try:
        for step in steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                yield step
    finally:
        steps.close()


def piecewise(request, piece, content_type, first=0):
    """`?pieces=` (3; 0 is without end) of what `piece(number)` gives, at the pace that the query
    says. `?accel=no|yes` sets X-Accel-Buffering; `?break_at=N` breaks off before piece N."""
    query = request.GET
    pieces = int(query.get("pieces", 3))
    break_at = int(query.get("break_at", -1))
    steps = each(first, pieces or None, Pace(query), piece, break_at)
    # Before 4.2 Django takes no other kind; from then on it would read this one to its end first.
    waits = isinstance(request, ASGIRequest) and django.VERSION >= (4, 2)
    response = StreamingHttpResponse(
        awaiting(steps) if waits else asleep(steps), content_type=content_type
    )
    response["Cache-Control"] = "no-cache"
    if "accel" in query:
        response["X-Accel-Buffering"] = query["accel"]
    return response
