"""What is wrong with the settings, in sentences, for `manage.py check` and all that runs it."""

from __future__ import annotations

import os
import stat
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import Error, Warning, register
from django.core.exceptions import FieldDoesNotExist
from django.db import router

from . import conf
from .rows import relation
from .signals import can_be_followed


@register()
def check_settings(app_configs=None, **kwargs):
    given = conf.raw()
    found = [Error(problem, id="portal_bridge.E001") for problem in conf.problems(given)]
    settings = conf.lenient()
    if settings.database not in django_settings.DATABASES:
        found.append(
            Error(
                f"PORTAL_BRIDGE['database'] is {settings.database!r}; DATABASES has no such one.",
                id="portal_bridge.E002",
            )
        )
        return found
    for label in sorted(settings.followed):
        found += _check_model(label, settings)
    found += _check_related(settings)
    both = {label.lower() for label in settings.models} & settings.portals
    if both:
        found.append(
            Warning(
                f"Both 'models' and 'owned_by_portal' of PORTAL_BRIDGE name "
                f"{', '.join(sorted(both))}.",
                hint="portal owns them, and no change of them is sent.",
                id="portal_bridge.W001",
            )
        )
    found += _check_key_file(settings)
    parts = urlsplit(settings.url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        found.append(
            Warning(
                "PORTAL_BRIDGE['url'] is http and leads to another machine: the API key and tokens "
                "can be read on the way.",
                hint="Use https.",
                id="portal_bridge.W002",
            )
        )
    found += _check_middleware()
    return found


def _check_related(settings):
    found = []
    for label, paths in settings.related:
        if label not in {name.lower() for name in settings.models}:
            found.append(
                Error(
                    f"PORTAL_BRIDGE['related'] has {label}, which 'models' does not name.",
                    id="portal_bridge.E011",
                )
            )
            continue
        for path in paths:
            try:
                list(relation(apps.get_model(label), path))
            except (LookupError, ValueError, FieldDoesNotExist) as error:
                found.append(
                    Error(
                        f"PORTAL_BRIDGE['related'] of {label} has the path {path!r}: {error}.",
                        id="portal_bridge.E012",
                    )
                )
    return found


def _check_model(label, settings):
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return [
            Error(
                f"PORTAL_BRIDGE names the model {label!r}, which no installed app has.",
                id="portal_bridge.E003",
            )
        ]
    if model._meta.app_label == "portal_bridge":
        return [
            Error(
                f"PORTAL_BRIDGE names {label}, which is a table of the bridge itself.",
                id="portal_bridge.E004",
            )
        ]
    if model._meta.swapped:
        return [
            Error(
                f"PORTAL_BRIDGE names {label}, in whose place this site has {model._meta.swapped}.",
                id="portal_bridge.E005",
            )
        ]
    if not can_be_followed(model):
        return [
            Error(
                f"PORTAL_BRIDGE names {label}, whose rows have a key of several columns.",
                id="portal_bridge.E006",
            )
        ]
    if model._meta.proxy:
        return [
            Error(
                f"PORTAL_BRIDGE names {label}, which is a proxy.",
                hint=f"Name {model._meta.concrete_model._meta.label_lower}.",
                id="portal_bridge.E007",
            )
        ]
    if router.db_for_write(model) != settings.database:
        return [
            Error(
                f"Rows of {label} are written to the database {router.db_for_write(model)!r}, and "
                f"the outbox is in {settings.database!r}: a change and its mark must be one "
                "transaction.",
                hint="Set PORTAL_BRIDGE['database'] to where the models are.",
                id="portal_bridge.E008",
            )
        ]
    # A change that is sent brings the rows of its parents; one that is taken is of one table.
    missing = [
        parent._meta.label
        for parent in model._meta.get_parent_list()
        if label in settings.portals and parent._meta.label_lower not in settings.portals
    ]
    if missing:
        return [
            Warning(
                f"PORTAL_BRIDGE['owned_by_portal'] names {label}, and not {', '.join(missing)}, "
                "whose table has the rest of its rows.",
                id="portal_bridge.W006",
            )
        ]
    return []


def _check_key_file(settings):
    if not settings.key_file:
        return []
    try:
        mode = os.stat(settings.key_file).st_mode
    except OSError as error:
        return [
            Warning(
                f"PORTAL_BRIDGE['key_file'] cannot be looked at: {error}.",
                hint="Only portal_push and portal_pull need it.",
                id="portal_bridge.W003",
            )
        ]
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        return [
            Warning(
                f"The API key in {settings.key_file} is open to others on this machine.",
                hint=f"chmod 600 {settings.key_file}",
                id="portal_bridge.W004",
            )
        ]
    return []


def _check_middleware():
    ours = "portal_bridge.auth.PortalMiddleware"
    theirs = "django.contrib.auth.middleware.AuthenticationMiddleware"
    middleware = list(django_settings.MIDDLEWARE or [])
    if ours not in middleware:
        return []
    found = []
    if theirs in middleware and middleware.index(theirs) > middleware.index(ours):
        found.append(
            Error(
                f"{ours} stands before {theirs} in MIDDLEWARE, which undoes what it does.",
                hint="Put it right after.",
                id="portal_bridge.E009",
            )
        )
    if "django.middleware.csrf.CsrfViewMiddleware" not in middleware:
        found.append(
            Warning(
                f"{ours} takes logins by cookie, and MIDDLEWARE has no CsrfViewMiddleware.",
                hint="Add django.middleware.csrf.CsrfViewMiddleware.",
                id="portal_bridge.W005",
            )
        )
    try:
        from .tokens import crypto

        crypto()
    except conf.ImproperlyConfigured as error:
        found.append(Error(str(error), id="portal_bridge.E010"))
    return found
