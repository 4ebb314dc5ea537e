"""manage.py portal_push: sends this site's changes to portal."""

from __future__ import annotations

from ... import state
from ...models import PortalRefusal
from ...push import Pusher, new_source
from ._base import DirectionCommand


class Command(DirectionCommand):
    help = "Sends the changes of the outbox to portal, in order, and goes on until it is stopped."
    direction = PortalRefusal.PUSH

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--new-source",
            action="store_true",
            help="be another source to portal, after this database was restored from a backup",
        )

    def prepare(self, settings, options):
        if options["new_source"]:
            new_source(settings)
            self.stdout.write("portal will take this database for a new source.")

    def step(self, settings, client):
        pusher = Pusher(settings, client)

        def push():
            sent = pusher.push()
            if sent is None:
                return None
            left = state.lag(settings)
            return f"Sent {sent.accepted}, refused {sent.refused}; to send: {left}."

        return push
