"""manage.py portal_pull: takes portal's changes into this site's tables."""

from __future__ import annotations

from django.core.management.base import CommandError

from ... import state
from ...models import PortalRefusal
from ...pull import Puller
from ._base import DirectionCommand


class Command(DirectionCommand):
    help = "Follows portal's feed of changes, and goes on until it is stopped."
    direction = PortalRefusal.PULL

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--after", type=int, metavar="N", help="go on after this position of the feed"
        )

    def prepare(self, settings, options):
        if not settings.owned_by_portal:
            raise CommandError(
                "PORTAL_BRIDGE['owned_by_portal'] names no model, so nothing is taken from portal."
            )
        state.load(settings)
        if options["after"] is not None:
            if options["after"] < 0:
                raise CommandError("A position is 0 or more.")
            state.change(settings, position=options["after"])

    def step(self, settings, client):
        puller = Puller(settings, client)

        def pull():
            taken = puller.pull() or puller.overwrite()
            return taken and str(taken)

        return pull
