"""manage.py portal_mark: marks rows that changed without a signal."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models.query import QuerySet

from ...outbox import CHUNK, mark
from ...rows import model_of
from ._base import settings_of


class Command(BaseCommand):
    help = (
        "Marks rows as changed, after bulk_create, QuerySet.update, SQL or a migration: those of a "
        "model that Django owns are sent, those of one that portal owns are fetched again."
    )

    def add_arguments(self, parser):
        parser.add_argument("model", help="its label, as news.Article")
        parser.add_argument("pk", nargs="*", help="keys; of rows that are gone too")
        parser.add_argument("--all", action="store_true", help="all rows that are there")

    def handle(self, *args, **options):
        settings, _ = settings_of(None, with_key=False)
        try:
            model = model_of(options["model"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        if model._meta.label_lower not in settings.followed:
            raise CommandError(f"PORTAL_BRIDGE does not name {model._meta.label_lower}.")
        if bool(options["pk"]) == options["all"]:
            raise CommandError("Give keys, or --all.")
        try:
            if options["all"]:
                count = sum(
                    mark(model, part, settings.database) for part in _parts(model, settings)
                )
            else:
                count = mark(model, options["pk"], settings.database)
        except (ValidationError, ValueError) as error:
            raise CommandError(f"That is no key of {model._meta.label}: {error}") from error
        self.stdout.write(f"Marked {count} rows of {model._meta.label}.")


def _parts(model, settings):
    """All keys, a part at a time, each part in a query of its own."""
    rows = QuerySet(model, using=settings.database).order_by("pk").values_list("pk", flat=True)
    part = list(rows[:CHUNK])
    while part:
        yield part
        part = list(rows.filter(pk__gt=part[-1])[:CHUNK])
