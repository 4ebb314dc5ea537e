"""Rows by label and key: how they are named in the bridge's tables, read and written down."""

from __future__ import annotations

import json
from typing import Any, Optional

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.db.models.query import QuerySet
from django.utils.encoding import is_protected_type


def model_of(label: str) -> type[Model]:
    """Raises LookupError if no installed app has it."""
    try:
        return apps.get_model(label)
    except ValueError as error:
        raise LookupError(f"{label!r} is no label of a model, as 'news.article' is.") from error


def key_text(model: type[Model], key: Any) -> str:
    """A primary key as the bridge's tables have it."""
    return str(model._meta.pk.to_python(key))


def find(label: str, key: str, database: str) -> Optional[Model]:
    """The row as it is now in that database; nothing if it is gone. Asks the table itself: the
    managers of a site may hide rows, and its router may name a replica that is behind."""
    return QuerySet(model_of(label), using=database).filter(pk=key).first()


def record_of(row: Model) -> dict:
    """What `dumpdata` writes for it."""
    return json.loads(serializers.serialize("json", [row]))[0]


def key_json(label: str, key: str) -> Any:
    """The key of a row as its record has it, also of one that is gone: a number stays a number."""
    value = model_of(label)._meta.pk.to_python(key)
    if not is_protected_type(value):
        value = str(value)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
