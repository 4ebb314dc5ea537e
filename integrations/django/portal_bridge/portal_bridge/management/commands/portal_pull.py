"""manage.py portal_pull: takes portal's changes into this site's tables."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from ... import loop, state
from ...models import PortalRefusal
from ...outbox import mark
from ...pull import Puller
from ._settings import settings_of


class Command(BaseCommand):
    help = "Follows portal's feed of changes, and goes on until it is stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="end when all is taken")
        parser.add_argument("--url", help="instead of PORTAL_BRIDGE['url']")
        parser.add_argument(
            "--status", action="store_true", help="say how far it is, and what was refused"
        )
        parser.add_argument(
            "--after", type=int, metavar="N", help="go on after this position of the feed"
        )
        parser.add_argument(
            "--retry-refused", action="store_true", help="first fetch again what was refused here"
        )

    def handle(self, *args, **options):
        settings, client = settings_of(options["url"], with_key=not options["status"])
        if options["status"]:
            self.stdout.write("\n".join(state.status(settings)))
            return
        if not settings.owned_by_portal:
            raise CommandError(
                "PORTAL_BRIDGE['owned_by_portal'] names no model, so nothing is taken from portal."
            )
        state.load(settings)
        if options["after"] is not None:
            if options["after"] < 0:
                raise CommandError("A position is 0 or more.")
            state.change(settings, position=options["after"])
        if options["retry_refused"]:
            count = state.mark_refused_again(settings, PortalRefusal.PULL, mark)
            self.stdout.write(f"Marked again: {count}.")
        puller = Puller(settings, client)

        def step():
            taken = puller.pull() or puller.overwrite()
            return taken and f"Taken {taken.taken}, refused {taken.refused}."

        try:
            loop.run(step, options["once"], settings.poll_s, self.stdout.write)
        except KeyboardInterrupt:
            pass
