"""What the commands have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Optional

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from ... import conf, loop, state
from ...client import Client
from ...outbox import mark


def settings_of(url: Optional[str], with_key: bool) -> tuple:
    """The settings, with another address if one is given, and who asks portal with the API key."""
    try:
        settings = conf.current()
        if url:
            for problem in conf.problems_of_url(url):
                raise ImproperlyConfigured(problem.replace("PORTAL_BRIDGE['url']", "--url"))
            settings = replace(settings, url=url.rstrip("/"))
        key = conf.api_key(settings) if with_key else ""
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error
    client = Client(
        settings.url,
        {"Authorization": f"Bearer {key}"},
        settings.timeout_s,
        settings.answer_bytes_max,
    )
    return settings, client


class DirectionCommand(BaseCommand):
    """One direction of the bridge: does its steps until it is stopped."""

    direction = ""  # as a PortalRefusal has it

    def prepare(self, settings: conf.Settings, options: dict) -> None:
        """Before the first step: options of its own."""

    def step(self, settings: conf.Settings, client: Client) -> Callable[[], Optional[str]]:
        """What loop.run does again and again."""
        raise NotImplementedError

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="end when there is nothing to do")
        parser.add_argument("--url", help="instead of PORTAL_BRIDGE['url']")
        parser.add_argument(
            "--status", action="store_true", help="say how far it is, and what was refused"
        )
        parser.add_argument(
            "--retry-refused", action="store_true", help="first mark again what was refused"
        )

    def handle(self, *args, **options):
        settings, client = settings_of(options["url"], with_key=not options["status"])
        if options["status"]:
            self.stdout.write("\n".join(state.status(settings)))
            return
        self.prepare(settings, options)
        if options["retry_refused"]:
            count = state.mark_refused_again(settings, self.direction, mark)
            self.stdout.write(f"Marked again: {count}.")
        step = self.step(settings, client)
        try:
            loop.run(step, options["once"], settings.poll_s, self.stdout.write)
        except KeyboardInterrupt:
            pass
        if options["once"]:
            self.stdout.write("\n".join(state.status(settings)[:2]))
