"""One login for both sides: Django believes portal's access tokens and its session cookie.

`PortalMiddleware` gives `request.user` for ordinary views, and `PortalAuthentication` for those of
Django REST framework, if that is installed.
"""

from __future__ import annotations

import logging
from typing import Any, Optional

from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from . import conf
from .client import Unavailable
from .tokens import ACCESS, SESSION, BadToken, Token, parse, verifier

log = logging.getLogger("portal_bridge")

SAFE = ("GET", "HEAD", "OPTIONS")


def bearer_of(request: Any) -> Optional[Token]:
    """The access token of the Authorization field, if it has the form of portal's."""
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = parse(text)
    return token if token is not None and token.kind == ACCESS else None


def cookie_of(request: Any) -> Optional[Token]:
    """The session of portal's cookie. As on portal's side it is not looked at beside a Bearer."""
    if request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer ":
        return None
    token = parse(request.COOKIES.get(conf.lenient().cookie, ""))
    return token if token is not None and token.kind == SESSION else None


def has_csrf_token(request: Any, token: Token) -> bool:
    """Whether a change with the cookie comes from a page of ours, by portal's own rule."""
    return token.csrf_matches(request.META.get("HTTP_X_CSRF_TOKEN", ""))


class PortalMiddleware(MiddlewareMixin):
    """Stands after AuthenticationMiddleware. Whom Django knows by its own session stays that user;
    else portal's token or cookie counts. What does not count is as none: the user is anonymous.

    Changes that come with the cookie are Django's CsrfViewMiddleware's to look at; where a view is
    exempt from that, they need portal's X-CSRF-Token."""

    def process_request(self, request):
        token = bearer_of(request) or cookie_of(request)
        if token is None:
            return
        before = getattr(request, "user", None)
        before_async = getattr(request, "auser", None)
        request._portal_bridge_before = (before, before_async)

        def resolve():
            request._portal_bridge_asked = True
            if before is not None and before.is_authenticated:
                return before
            return self._user(token)

        request.user = SimpleLazyObject(resolve)
        if before_async is not None:

            async def auser():
                user = await before_async()
                if user.is_authenticated:
                    return user
                return await sync_to_async(resolve)()

            request.auser = auser

    def process_view(self, request, view, args, kwargs):
        if request.method in SAFE or not getattr(view, "csrf_exempt", False):
            return
        token = cookie_of(request)
        if token is None or has_csrf_token(request, token):
            return
        before, before_async = request._portal_bridge_before
        request.user = before if before is not None else AnonymousUser()
        if before_async is not None:
            request.auser = before_async

    def process_response(self, request, response):
        if getattr(request, "_portal_bridge_asked", False):
            patch_vary_headers(response, ["Authorization", "Cookie"])
        if getattr(request, "_portal_bridge_logged_out", False):
            response.set_cookie(
                conf.lenient().cookie,
                "",
                max_age=0,
                path="/",
                secure=True,
                httponly=True,
                samesite="Lax",
            )
        return response

    @staticmethod
    def _user(token):
        try:
            return verifier().user(token)
        except BadToken as error:
            log.info("A token of portal's does not count: %s", error)
        except Unavailable as error:
            log.warning("A token of portal's could not be looked at: %s", error)
        return AnonymousUser()


try:
    from rest_framework import authentication, exceptions
except ImportError:
    pass
else:

    class PortalUnavailable(exceptions.APIException):
        """Not 401: who is answered that logs in again, and has lost a login that was good."""

        status_code = 503
        default_detail = "The login cannot be checked at the moment."
        default_code = "portal_unavailable"

    class PortalAuthentication(authentication.BaseAuthentication):
        """For DEFAULT_AUTHENTICATION_CLASSES, before those that look at Django's session. Leaves
        tokens that are not portal's (simplejwt's, an API key) to the classes after it.
        `request.auth` are the claims."""

        def authenticate(self, request):
            token = bearer_of(request) or cookie_of(request)
            if token is None:
                return None
            try:
                user = verifier().user(token)
            except BadToken as error:
                # A browser goes on sending a cookie that counts no more: it is as none.
                if token.kind == SESSION:
                    return None
                raise exceptions.AuthenticationFailed(str(error)) from error
            except Unavailable as error:
                log.warning("A token of portal's could not be looked at: %s", error)
                raise PortalUnavailable() from error
            if token.kind == SESSION and request.method not in SAFE:
                if not has_csrf_token(request, token):
                    # The page may be one of Django's own, with its own proof for its own session.
                    if django_settings.SESSION_COOKIE_NAME in request.COOKIES:
                        return None
                    raise exceptions.PermissionDenied(
                        "With portal's session cookie, a change needs the field X-CSRF-Token."
                    )
            return user, token.claims

        def authenticate_header(self, request):
            return "Bearer"
