"""Hears what happens to the followed models, by Django's signals.

What sends no signal is not heard: bulk_create, bulk_update, QuerySet.update, raw SQL, migrations.
`manage.py portal_mark` is for those.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Iterator

from django.apps import apps
from django.db import connections, router, transaction
from django.db.models import ManyToManyField, Model
from django.db.models.query import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save

from . import conf
from .outbox import mark

log = logging.getLogger("portal_bridge")


def connect() -> None:
    """Follows the models of the settings. Called once, when all apps are there."""
    models = []
    for label in sorted(conf.lenient().followed):
        try:
            models.append(apps.get_model(label))
        except (LookupError, ValueError):
            # The system check says it too; a server that is not checked must not be silent.
            log.error("PORTAL_BRIDGE names the model %r, which no installed app has.", label)
    # A parent is marked before its children, so that it is known when they come.
    for model in sorted(models, key=lambda model: len(model._meta.get_parent_list())):
        if can_be_followed(model):
            follow(model)


def can_be_followed(model: type[Model]) -> bool:
    """Whether its rows have one key, and a table."""
    composite = len(getattr(model._meta, "pk_fields", [model._meta.pk])) > 1
    return not composite and not model._meta.swapped


def follow(model: type[Model]) -> None:
    """Hears the model, its proxies (their signals bear the proxy's name) and those that inherit its
    table (saving a child writes the parent's row, and tells of the child only)."""
    model = model._meta.concrete_model
    for other in apps.get_models(include_auto_created=True):
        if other._meta.concrete_model is not model and model not in other._meta.get_parent_list():
            continue
        uid = f"portal_bridge.{model._meta.label_lower}"
        saved = functools.partial(_row_changed, model)
        post_save.connect(saved, sender=other, weak=False, dispatch_uid=uid)
        post_delete.connect(saved, sender=other, weak=False, dispatch_uid=uid)
        _save_in_a_transaction(other)
    for field in model._meta.local_many_to_many:
        through = getattr(field.remote_field, "through", None)
        # Other links between models are rows of their own, which can be followed as such.
        if isinstance(field, ManyToManyField) and through._meta.auto_created:
            m2m_changed.connect(
                functools.partial(_list_changed, field),
                sender=through,
                weak=False,
                dispatch_uid=f"portal_bridge.{field}",
            )
    for field in _fields_through(model):
        m2m_changed.connect(
            functools.partial(_links_changed, field),
            sender=model,
            weak=False,
            dispatch_uid=f"portal_bridge.through.{field}",
        )


def _fields_through(model: type[Model]) -> Iterator[ManyToManyField]:
    """The many-to-many fields whose rows a model of the site holds."""
    if model._meta.auto_created:
        return
    for other in apps.get_models():
        for field in other._meta.local_many_to_many:
            if isinstance(field, ManyToManyField) and field.remote_field.through is model:
                yield field


def _save_in_a_transaction(model: type[Model]) -> None:
    """Django sends post_save after the row is committed, unless somebody has begun a transaction: a
    process that is killed in between would have changed the row and told nobody. So saving a row of
    this model begins one."""
    original = model.save_base
    if getattr(original, "portal_bridge", False):
        return

    @functools.wraps(original)
    def save_base(self, *args: Any, **kwargs: Any):
        # Model.save_base(raw, force_insert, force_update, using, update_fields)
        using = kwargs.get("using") or (args[3] if len(args) > 3 else None)
        using = using or router.db_for_write(self.__class__, instance=self)
        if connections[using].in_atomic_block:
            return original(self, *args, **kwargs)
        with transaction.atomic(using=using):
            return original(self, *args, **kwargs)

    save_base.portal_bridge = True
    save_base.alters_data = True
    model.save_base = save_base


def _row_changed(
    model: type[Model], sender: Any, instance: Model, using: str, raw: bool = False, **_: Any
) -> None:
    # loaddata and the pull write each table by itself.
    if raw and sender._meta.concrete_model is not model:
        return
    # A child has the members of its parents, so this is the key of the model's own row.
    mark(model, [getattr(instance, model._meta.pk.attname)], using)


def _list_changed(
    field: ManyToManyField, sender: Any, instance: Any, action: str, reverse: bool, **kwargs: Any
) -> None:
    """The list stands in the record of the model that has the field; from whichever side it is
    changed, those are the rows that changed."""
    owner, using = field.model, kwargs["using"]
    keys = kwargs.get("pk_set")
    both_sides = getattr(field.remote_field, "symmetrical", False)
    if action in ("post_add", "post_remove"):
        if not keys:
            return
        if not reverse:
            mark(owner, [_key_of(owner, instance)], using)
        if reverse or both_sides:
            mark(owner, sorted(keys, key=str), using)
    elif action == "pre_clear":
        # Whose lists they were is known only before.
        if not reverse:
            mark(owner, [_key_of(owner, instance)], using)
        if reverse or both_sides:
            here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
            target = field.remote_field.model
            linked = QuerySet(sender, using=using).filter(
                **{f"{there}__pk": _key_of(target, instance)}
            )
            mark(owner, linked.order_by().values_list(here, flat=True).iterator(), using)


def _links_changed(
    field: ManyToManyField, sender: Any, instance: Any, action: str, reverse: bool, **kwargs: Any
) -> None:
    """The rows of a through model of the site's own come by add() and set() without a signal of
    theirs. They go with one."""
    keys = kwargs.get("pk_set")
    if action != "post_add" or not keys:
        return
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    side = field.model
    if reverse:
        here, there, side = there, here, field.remote_field.model
    linked = QuerySet(sender, using=kwargs["using"]).filter(
        **{f"{here}__pk": _key_of(side, instance), f"{there}__in": keys}
    )
    mark(sender, linked.order_by().values_list("pk", flat=True).iterator(), kwargs["using"])


def _key_of(model: type[Model], instance: Model) -> Any:
    return getattr(instance, model._meta.pk.attname)
