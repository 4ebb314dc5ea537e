"""The loop that portal_push and portal_pull share: go on while there is something to do, wait when
there is not, and wait longer when the other side does not answer."""

from __future__ import annotations

import time
from typing import Callable, Optional

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from .client import AnswerTooLarge, Backoff, Refused, Unavailable

# Others put a fake here.
wait: Callable[[float], None] = time.sleep


def run(
    step: Callable[[], Optional[str]],
    once: bool,
    poll_s: float,
    say: Callable[[str], None],
    backoff: Optional[Backoff] = None,
) -> None:
    """`step` does one piece of work and gives a line about it, or None if there was none. Ends when
    there is nothing to do and `once` is set; raises CommandError at what needs a person, and with
    `once` also at what would be tried again."""
    backoff = backoff or Backoff()
    while True:
        close_old_connections()
        try:
            line = step()
        except (Refused, AnswerTooLarge) as error:
            raise CommandError(
                str(error) or "The answer is larger than answer_bytes_max."
            ) from error
        except (Unavailable, OperationalError, InterfaceError) as error:
            if isinstance(error, (OperationalError, InterfaceError)):
                for connection in connections.all():
                    connection.close()
            if once:
                raise CommandError(f"{error} Nothing is lost; run it again.") from error
            seconds = backoff.failed(getattr(error, "retry_after_s", 0))
            say(f"{error} The next attempt is in {seconds:.0f} s.")
            wait(seconds)
            continue
        backoff.succeeded()
        if line is not None:
            say(line)
        elif once:
            return
        else:
            wait(poll_s)
