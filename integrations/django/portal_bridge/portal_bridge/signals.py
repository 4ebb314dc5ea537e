"""Hears what happens to the followed models, by Django's signals.

What sends no signal is not heard: bulk_create, bulk_update, QuerySet.update, raw SQL, migrations.
`manage.py portal_mark` is for those.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Callable, Iterable, Iterator, Optional

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, router, transaction
from django.db.models import CASCADE, ForeignKey, ManyToManyField, ManyToManyRel, Model
from django.db.models.query import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import Signal

from . import conf
from .outbox import mark, mark_later, mark_those
from .rows import is_page, relation

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
            follow_parents(model)
    follow_restrictions([model for model in models if is_page(model)])
    for label, paths in conf.lenient().related:
        for path in paths:
            try:
                follow_related(apps.get_model(label), path)
            except (LookupError, ValueError, FieldDoesNotExist) as error:
                log.error("PORTAL_BRIDGE['related'] of %s has %r: %s.", label, path, error)


def can_be_followed(model: type[Model]) -> bool:
    """Whether its rows have one key, and a table."""
    composite = len(getattr(model._meta, "pk_fields", [model._meta.pk])) > 1
    return not composite and not model._meta.swapped


def follow(model: type[Model]) -> None:
    """Hears the model, its proxies (their signals bear the proxy's name) and those that inherit its
    table (saving a child writes the parent's row, and tells of the child only)."""
    model = model._meta.concrete_model
    uid = f"portal_bridge.{model._meta.label_lower}"
    changed = functools.partial(_row_changed, model)
    for other in _written_with(model):
        _hear(other, changed, uid, post_save, post_delete)
    for field in model._meta.many_to_many:  # its parents' too, whose rows go with it
        # Other links between models are rows of their own, which can be followed as such.
        if isinstance(field, ManyToManyField) and field.remote_field.through._meta.auto_created:
            follow_list(model, [], field)
            follow_end(model, field)
    for field in model._meta.fields:
        # Rows that are deleted with it are heard themselves.
        if isinstance(field, ForeignKey) and field.remote_field.on_delete is not CASCADE:
            follow_end(model, field)
    for field in _fields_through(model):
        _hear_links(model, "pk", "pk", field, f"{uid}.through.{field}")


def follow_end(model: type[Model], field: Any) -> None:
    """Where a row is deleted, keys that lead to it become null and lists lose it: Django tells
    nobody of the rows that this changes."""
    target = field.related_model
    changed = functools.partial(_related_changed, model, field.name, model, target)
    for other in _written_with(target._meta.concrete_model):
        _hear(other, changed, _uid_of_related(model, field.name), pre_delete)


def follow_parents(model: type[Model]) -> None:
    """A parent goes with its child, and may be saved without it: Wagtail's publish_scheduled saves
    pages as Page. Where it is deleted the child is too, and that is heard."""
    model = model._meta.concrete_model
    for parent in model._meta.get_parent_list():
        uid = f"portal_bridge.{model._meta.label_lower}.parent.{parent._meta.label_lower}"
        for other in apps.get_models():
            if other._meta.concrete_model is parent:
                _hear(other, functools.partial(_parent_changed, model, parent), uid, post_save)


def follow_related(model: type[Model], path: str) -> None:
    """Hears of the rows that a path leads to: whichever row of the model goes with one of them has
    changed for portal."""
    names = path.split("__")
    for length, (source, field, target) in enumerate(relation(model, path), start=1):
        part = "__".join(names[:length])
        uid = _uid_of_related(model, part)
        changed = functools.partial(_related_changed, model, part, source, target)
        # What is deleted is found only before, and so is what a row pointed back to that moves.
        signals = [post_save, pre_delete]
        if _points_back(field):
            signals.append(pre_save)
        for other in _written_with(target._meta.concrete_model):
            _hear(other, changed, uid, *signals)
        for through in _fields_through(target):
            _hear_links(model, f"{part}__pk", "pk", through, f"{uid}.through.{through}")
        if isinstance(field, (ManyToManyField, ManyToManyRel)):
            follow_list(model, names[: length - 1], field)


def follow_list(model: type[Model], before: list, step: Any) -> None:
    """Hears of the links of a many-to-many field, from whichever side they change. `step` is the
    field, or its way back; the steps `before` lead from the model to the rows with the list."""
    forward = isinstance(step, ManyToManyField)
    field = step if forward else step.remote_field
    side = field.m2m_field_name() if forward else field.m2m_reverse_field_name()
    owner = field.model if forward else field.remote_field.model
    uid = f"portal_bridge.list.{model._meta.label_lower}.{'__'.join([*before, step.name])}"
    # Not just pk: a child of several parents has several keys.
    lookup, column = "__".join([*before, owner._meta.pk.name]), f"{side}__pk"
    _hear_links(model, lookup, column, field, uid)
    through = field.remote_field.through
    if not through._meta.auto_created:
        changed = functools.partial(_link_changed, model, lookup, column, through)
        for other in _written_with(through._meta.concrete_model):
            _hear(other, changed, uid, pre_save, post_save, pre_delete)


def follow_restrictions(pages: list) -> None:
    """Who may see a page of Wagtail is kept apart from it, and holds for all below it."""
    try:
        restriction = apps.get_model("wagtailcore", "PageViewRestriction")
    except LookupError:
        return
    for model in pages:
        changed = functools.partial(_restriction_changed, model)
        uid = f"portal_bridge.restrictions.{model._meta.label_lower}"
        _hear(restriction, changed, uid, post_save, post_delete)


def _written_with(model: type[Model]) -> Iterator[type[Model]]:
    """The models whose saving writes that model's table."""
    for other in apps.get_models(include_auto_created=True):
        if other._meta.concrete_model is model or model in other._meta.get_parent_list():
            yield other


def _fields_through(model: type[Model]) -> Iterator[ManyToManyField]:
    """The many-to-many fields whose rows a model of the site holds."""
    if model._meta.auto_created:
        return
    for other in apps.get_models():
        for field in other._meta.local_many_to_many:
            if isinstance(field, ManyToManyField) and field.remote_field.through is model:
                yield field


def _points_back(field: Any) -> bool:
    """Whether the column is in the table that it leads to."""
    return field.one_to_many or (field.one_to_one and not field.concrete)


def _uid_of_related(model: type[Model], path: str) -> str:
    """One for all that hear of the same rows, so that they are marked once."""
    return f"portal_bridge.related.{model._meta.label_lower}.{path}"


def _hear(sender: type[Model], changed: Callable, uid: str, *signals: Signal) -> None:
    for signal in signals:
        signal.connect(changed, sender=sender, weak=False, dispatch_uid=uid)
    if post_save in signals:
        _save_in_a_transaction(sender)


def _hear_links(
    model: type[Model], lookup: str, column: str, field: ManyToManyField, uid: str
) -> None:
    changed = functools.partial(_links_changed, model, lookup, column, field)
    m2m_changed.connect(
        changed, sender=field.remote_field.through, weak=False, dispatch_uid=uid
    )


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
    model: type[Model],
    sender: Any,
    instance: Model,
    using: str,
    raw: bool = False,
    update_fields: Optional[Iterable] = None,
    **_: Any,
) -> None:
    # loaddata and the pull write each table by itself.
    if raw and sender._meta.concrete_model is not model:
        return
    if not _only_a_login(instance, update_fields, {"last_login"}):
        # A child has the members of its parents, so this is the key of the model's own row.
        mark(model, [_key_of(model, instance)], using)


def _parent_changed(
    model: type[Model],
    parent: type[Model],
    sender: Any,
    instance: Model,
    using: str,
    update_fields: Optional[Iterable] = None,
    **_: Any,
) -> None:
    if using == conf.lenient().database and not _only_a_login(
        instance, update_fields, {"last_login"}
    ):
        mark_those(model, parent._meta.pk.name, _key_of(parent, instance), using)


def _related_changed(
    model: type[Model],
    path: str,
    source: type[Model],
    target: type[Model],
    sender: Any,
    instance: Model,
    using: str,
    signal: Signal,
    update_fields: Optional[Iterable] = None,
    **_: Any,
) -> None:
    key = _key_of(target, instance)
    if key is None or using != conf.lenient().database:
        return
    # An author who logs in has changed no article.
    if _only_a_login(instance, update_fields, {"last_login", "password"}):
        return
    before, _, last = path.rpartition("__")
    # What points back to its row says itself now which that is; its key, which is kept nowhere, may
    # be a secret (authtoken.Token).
    if signal is post_save and not _points_back(source._meta.get_field(last)):
        mark_later(model, f"{path}__pk", [key], using)
        return
    if signal is pre_delete and connections[using].in_atomic_block:
        # From here on nobody else can make another row lead to it.
        QuerySet(target, using=using).select_for_update().filter(pk=key).values("pk").first()
    # What leads to it is not found later; what leads to that is.
    if before:
        rows = QuerySet(source, using=using).filter(**{f"{last}__pk": key})
        mark_later(model, f"{before}__pk", _each(rows, "pk"), using)
    else:
        mark_those(model, f"{path}__pk", key, using)


def _only_a_login(instance: Model, update_fields: Optional[Iterable], written: set) -> bool:
    """Whether an account was saved as a login saves it: what portal takes of it is as before."""
    account = isinstance(instance, AbstractBaseUser)
    return account and bool(update_fields) and set(update_fields) <= written


def _restriction_changed(
    model: type[Model], sender: Any, instance: Model, using: str, **_: Any
) -> None:
    if using != conf.lenient().database:
        return
    pages = QuerySet(instance._meta.get_field("page").related_model, using=using)
    path = pages.filter(pk=instance.page_id).values_list("path", flat=True).first()
    # loaddata may bring it before its page, which then says itself that it has come.
    if path is not None:
        # Those that are there now, wherever they are moved before it is sent, and those that come.
        mark_those(model, "path__startswith", path, using)
        mark_later(model, "path__startswith", [path], using)


def _links_changed(
    followed: type[Model],
    lookup: str,
    column: str,
    field: ManyToManyField,
    sender: Any,
    instance: Model,
    action: str,
    reverse: bool,
    using: str,
    pk_set: Optional[set],
    **_: Any,
) -> None:
    """Marks the followed rows whose `lookup` is the `column` of a link that comes or goes. The links
    are looked up while they are there."""
    if action not in ("post_add", "pre_remove", "pre_clear") or pk_set == set():
        return
    # Rows of the site's own come by add() and set() without a signal of theirs, and go with one.
    if action != "post_add" and not sender._meta.auto_created:
        return
    here, there, side = field.m2m_field_name(), field.m2m_reverse_field_name(), field.model
    if reverse:
        here, there, side = there, here, field.remote_field.model
    links = QuerySet(sender, using=using).filter(**{f"{here}__pk": _key_of(side, instance)})
    if pk_set is not None:
        links = links.filter(**{f"{there}__in": pk_set})
    columns = [column]
    if column != "pk" and getattr(field.remote_field, "symmetrical", False):
        # The links of the other side come after the signal.
        columns = [f"{here}__pk", f"{there}__pk"]
    for each in columns:
        _mark_linked(followed, lookup, links, each, using)


def _link_changed(
    model: type[Model],
    lookup: str,
    column: str,
    through: type[Model],
    sender: Any,
    instance: Model,
    using: str,
    **_: Any,
) -> None:
    links = QuerySet(through, using=using).filter(pk=_key_of(through, instance))
    _mark_linked(model, lookup, links, column, using)


def _mark_linked(
    model: type[Model], lookup: str, links: QuerySet, column: str, using: str
) -> None:
    if using != conf.lenient().database:
        return
    if "__" in lookup:
        mark_later(model, lookup, _each(links, column), using)
    else:
        mark_those(model, f"{lookup}__in", links.values(column), using)


def _each(rows: QuerySet, column: str) -> Iterator:
    return rows.order_by().values_list(column, flat=True).distinct().iterator()


def _key_of(model: type[Model], instance: Model) -> Any:
    return getattr(instance, model._meta.pk.attname)
