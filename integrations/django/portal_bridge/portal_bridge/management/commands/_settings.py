from __future__ import annotations

from dataclasses import replace
from typing import Optional

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from ... import conf
from ...client import Client


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
