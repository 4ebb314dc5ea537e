"""manage.py portal_push: sends this site's changes to portal."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from ... import loop, state
from ...models import PortalRefusal
from ...outbox import mark
from ...push import Pusher, new_source
from ._settings import settings_of


class Command(BaseCommand):
    help = "Sends the changes of the outbox to portal, in order, and goes on until it is stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="end when the outbox is empty")
        parser.add_argument("--url", help="instead of PORTAL_BRIDGE['url']")
        parser.add_argument(
            "--status", action="store_true", help="say how many changes wait, and for how long"
        )
        parser.add_argument(
            "--retry-refused", action="store_true", help="first mark what portal refused again"
        )
        parser.add_argument(
            "--new-source",
            action="store_true",
            help="be another source to portal, after this database was restored from a backup",
        )

    def handle(self, *args, **options):
        settings, client = settings_of(options["url"], with_key=not options["status"])
        if options["status"]:
            self.stdout.write("\n".join(state.status(settings)))
            return
        if options["new_source"]:
            new_source(settings)
            self.stdout.write("portal will take this database for a new source.")
        if options["retry_refused"]:
            count = state.mark_refused_again(settings, PortalRefusal.PUSH, mark)
            self.stdout.write(f"Marked again: {count}.")
        pusher = Pusher(settings, client)

        def step():
            sent = pusher.push()
            if sent is None:
                return None
            left = state.lag(settings)
            return f"Sent {sent.accepted}, refused {sent.refused}; to send: {left}."

        try:
            loop.run(step, options["once"], settings.poll_s, self.stdout.write)
        except KeyboardInterrupt:
            pass
        if options["once"]:
            self.stdout.write("\n".join(state.status(settings)[:1]))
