"""The setting PORTAL_BRIDGE: what may stand in it, and what is wrong with what stands there."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

KEY_VARIABLE = "PORTAL_BRIDGE_KEY"
USERS_BY = ("legacy_id", "login", "email")


@dataclass(frozen=True)
class Settings:
    """One member per key of PORTAL_BRIDGE, with its default."""

    url: str = ""  # where portal answers, as in https://portal.example.org
    models: tuple = ()  # labels of the models whose changes are sent
    related: tuple = ()  # (label, paths): rows that the mapping reads with a row of that model
    owned_by_portal: tuple = ()  # labels of those that portal changes and Django only shows
    key_file: str = ""  # holds the API key; without it the environment does
    database: str = "default"  # the alias in which those models and the outbox live
    batch: int = 200  # changes in one request
    body_bytes_max: int = 4 * 1024 * 1024  # of one request
    answer_bytes_max: int = 32 * 1024 * 1024
    timeout_s: float = 30  # for each step of a request
    poll_s: float = 1  # how long push and pull wait when there is nothing to do
    refusals_max: int = 1000  # how many are kept
    issuer: str = "portal"  # portal's identity.issuer
    audience: str = "portal"  # and identity.audience
    cookie: str = "__Host-portal"
    users_by: tuple = ("legacy_id", "login")  # how portal's accounts are found among Django's
    whoami_s: float = 60  # how long it is believed whose token it is
    tokens_max: int = 10000  # how many of them are remembered
    logout_timeout_s: float = 1

    @property
    def followed(self) -> frozenset:
        """Labels of all models whose signals are heard, in Django's lower-case form."""
        return frozenset(label.lower() for label in (*self.models, *self.owned_by_portal))

    def related_to(self, label: str) -> tuple:
        """The paths to the rows that go with one of that model."""
        return dict(self.related).get(label, ())

    @property
    def portals(self) -> frozenset:
        """Labels of those that portal owns. What is in both lists is portal's."""
        return frozenset(label.lower() for label in self.owned_by_portal)


# At least, at most.
LIMITS = {
    "batch": (1, 1000),  # portal takes no more
    "body_bytes_max": (1024, 1 << 30),
    "answer_bytes_max": (1024, 1 << 30),
    "timeout_s": (0.1, 600),
    "poll_s": (0.01, 3600),
    "refusals_max": (1, 1000000),
    "whoami_s": (1, 3600),
    "tokens_max": (1, 1000000),
    "logout_timeout_s": (0.1, 30),
}
RELATED_MAX = 5000  # rows that go with one; portal takes no more
LISTS = ("models", "owned_by_portal", "users_by")


def raw() -> Any:
    """What settings.py has, looked at or not."""
    return getattr(django_settings, "PORTAL_BRIDGE", None)


def problems(given: Any) -> Iterator[str]:
    """Everything that is wrong with the setting by itself, in sentences."""
    if given is None:
        yield "PORTAL_BRIDGE is missing in the settings."
        return
    if not isinstance(given, dict):
        yield "PORTAL_BRIDGE must be a dict."
        return
    known = [field.name for field in fields(Settings)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            hint = f" Perhaps {near[0]!r} is meant." if near else ""
            yield f"PORTAL_BRIDGE[{name!r}] is not known.{hint}"
    for name in known:
        if name in given:
            yield from _problems_of(name, given[name])
    if not given.get("url"):
        yield "PORTAL_BRIDGE['url'] is missing, as https://portal.example.org: where portal is."
    if not given.get("models") and not given.get("owned_by_portal"):
        yield (
            "Neither PORTAL_BRIDGE['models'] nor PORTAL_BRIDGE['owned_by_portal'] names a model, "
            "so nothing is followed."
        )


def _problems_of(name: str, value: Any) -> Iterator[str]:
    where = f"PORTAL_BRIDGE[{name!r}]"
    if name in LISTS:
        if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
            yield f"{where} must be a list of texts."
        elif not all(isinstance(entry, str) for entry in value):
            yield f"{where} must be a list of texts."
        elif name == "users_by" and not set(value) <= set(USERS_BY):
            yield f"{where} knows only {', '.join(USERS_BY)}."
    elif name in LIMITS:
        least, most = LIMITS[name]
        whole = isinstance(getattr(Settings, name), int) and not name.endswith("_s")
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield f"{where} must be a {'whole ' if whole else ''}number."
        elif not least <= value <= most:
            yield f"{where} must be from {least} to {most}."
    elif name == "related":
        if not isinstance(value, dict) or not all(isinstance(label, str) for label in value):
            yield f"{where} must be a dict of labels and lists of paths."
        elif not all(
            isinstance(paths, (list, tuple))
            and all(isinstance(path, str) and path for path in paths)
            for paths in value.values()
        ):
            yield f"{where} must name lists of paths, as ['author', 'byline__person']."
    elif name == "key_file":
        if not isinstance(value, (str, os.PathLike)):
            yield f"{where} must be a path."
    elif not isinstance(value, str) or not value:
        yield f"{where} must be a text that is not empty."
    elif name == "url":
        yield from problems_of_url(value)


def problems_of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        yield f"PORTAL_BRIDGE['url'] must be an http or https address, and is {url!r}."
    elif parts.username is not None or parts.query or parts.fragment:
        yield "PORTAL_BRIDGE['url'] must have no user name, no query and no fragment."


def current() -> Settings:
    """The settings as they are now. Raises ImproperlyConfigured with the first thing wrong."""
    given = raw()
    for problem in problems(given):
        raise ImproperlyConfigured(problem)
    return _taken(given)


def lenient() -> Settings:
    """The settings without the members that are wrong: changes of the models that are named rightly
    are followed also where something else is wrong, since they would be lost otherwise."""
    given = raw() if isinstance(raw(), dict) else {}
    known = {field.name for field in fields(Settings)}
    return _taken(
        {
            name: value
            for name, value in given.items()
            if name in known and not list(_problems_of(name, value))
        }
    )


def _taken(given: dict) -> Settings:
    values = {
        name: (
            tuple(sorted(value) if isinstance(value, (set, frozenset)) else value)
            if name in LISTS
            else value
        )
        for name, value in given.items()
    }
    if "related" in values:
        values["related"] = tuple(
            (label.lower(), tuple(paths)) for label, paths in sorted(values["related"].items())
        )
    if "url" in values:
        values["url"] = values["url"].rstrip("/")
    return Settings(**values)


def api_key(settings: Settings) -> str:
    """The secret of the API key. Raises ImproperlyConfigured if there is none."""
    if settings.key_file:
        try:
            key = Path(settings.key_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"The API key cannot be read from PORTAL_BRIDGE['key_file']: {error}."
            ) from error
        origin = f"The file {settings.key_file}"
    else:
        key = os.environ.get(KEY_VARIABLE, "").strip()
        origin = f"The environment variable {KEY_VARIABLE}"
        if not key:
            raise ImproperlyConfigured(
                "There is no API key: name a file in PORTAL_BRIDGE['key_file'], or set "
                f"{KEY_VARIABLE}. An admin of portal makes one with POST /v1/auth/api-keys."
            )
    if not key.startswith("pk_") or not key.isascii() or len(key.split()) != 1 or len(key) > 200:
        raise ImproperlyConfigured(f"{origin} has no API key of portal: one begins with pk_.")
    return key
