"""Who logs out of Django with portal's session cookie is logged out of portal too."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import ImproperlyConfigured

from . import conf
from .client import AnswerTooLarge, Client, Refused, Unavailable

log = logging.getLogger("portal_bridge")


def connect() -> None:
    user_logged_out.connect(_logged_out, dispatch_uid="portal_bridge.logout")


def _logged_out(sender: Any, request: Any = None, **_: Any) -> None:
    """Nobody waits longer than logout_timeout_s for it, and a failure is only logged: the person is
    logged out of Django in any case, and this process believes the cookie no more."""
    from .auth import bearer_of, cookie_of
    from .tokens import verifier

    if request is None or not hasattr(request, "COOKIES"):
        return
    token = cookie_of(request) or bearer_of(request)
    if token is None:
        return
    request._portal_bridge_logged_out = True
    try:
        verifier().end(token)
    except ImproperlyConfigured:
        pass  # then nobody believes it here anyway
    try:
        settings = conf.current()
    except ImproperlyConfigured as error:
        log.warning("portal was not told of a logout: %s", error)
        return
    if token.text != request.COOKIES.get(settings.cookie):
        # portal ends a login of tokens by its refresh token, which Django never sees.
        return
    credentials = {"Cookie": f"{settings.cookie}={token.text}"}
    client = Client(settings.url, credentials, settings.logout_timeout_s, 65536)
    try:
        client.delete("/v1/auth/session")
    except (Unavailable, Refused, AnswerTooLarge) as error:
        log.warning("portal was not told of a logout: %s", error)
