"""Verifies portal's tokens by its public keys, and finds whose they are among Django's users.

A token is a JWS (EdDSA over Ed25519) whose header is exactly `{"alg","typ","kid"}`. `at+jwt`
travels in the Authorization field, `session+jwt` in the cookie; one is never taken for the other.
The signature shows neither a logout nor a disabled account, so portal is asked once per `whoami_s`
whose token it is, which also says whether it still counts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Optional

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured

from . import conf
from .client import AnswerTooLarge, Client, Refused, Unavailable

log = logging.getLogger("portal_bridge")

ACCESS = "at+jwt"
SESSION = "session+jwt"
TOKEN_BYTES_MAX = 4096
SKEW_S = 30
KEYS_MAX = 64
KEYS_ANEW_S = 60  # an unknown kid has them read again at most that often
KEYS_OLD_S = 3600  # they are read again in any case after that
ANSWER_BYTES_MAX = 256 * 1024
TIMEOUT_S = 2
REST_S = 5  # how long portal is not asked after it did not answer, so that requests do not queue up

# Others put a fake here.
clock = time.time

_part = re.compile(r"[A-Za-z0-9_-]+\Z")


class BadToken(Exception):
    """It is no token of portal's that counts now. What it says may be shown to a client."""


@dataclass(frozen=True)
class Token:
    """A token of portal's by its form; nothing is verified."""

    text: str
    kind: str
    key_id: str
    claims: dict
    signature: bytes

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()

    def csrf_matches(self, field: str) -> bool:
        """Whether the field X-CSRF-Token is the one of this session."""
        digest = hashlib.sha256(field.encode("utf-8", "surrogateescape")).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return hmac.compare_digest(made, str(self.claims.get("csrf", "")))


def parse(text: str) -> Optional[Token]:
    """Nothing for what is not portal's: an API key, another issuer's JWT."""
    if len(text) > TOKEN_BYTES_MAX or text.count(".") != 2:
        return None
    header, payload, signature = (_decoded(part) for part in text.split("."))
    if not header or not payload or not signature:
        return None
    try:
        header, claims = json.loads(header), json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    if set(header) != {"alg", "typ", "kid"} or header["alg"] != "EdDSA":
        return None
    if header["typ"] not in (ACCESS, SESSION) or not isinstance(header["kid"], str):
        return None
    return Token(text, header["typ"], header["kid"], claims, signature)


def _decoded(part: str) -> Optional[bytes]:
    """base64url without padding, in the one form that there is of each value."""
    if not _part.match(part):
        return None
    try:
        value = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None
    return value if base64.urlsafe_b64encode(value).rstrip(b"=").decode() == part else None


def crypto() -> Any:
    """The classes that Ed25519 needs. Django brings none, and the bridge makes none of its own."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise ImproperlyConfigured(
            "portal's tokens are signed with Ed25519, for which the package `cryptography` is "
            "needed: pip install cryptography (Debian: python3-cryptography)."
        ) from error
    return Ed25519PublicKey, InvalidSignature


class _Recent:
    """A bounded memory that forgets what was not used for longest."""

    def __init__(self, most: int):
        self._most = most
        self._entries: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: Any, value: Any) -> None:
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)


class Verifier:
    """Thread-safe. One per process; see verifier()."""

    def __init__(self, settings: conf.Settings):
        self.settings = settings
        self._keys: dict = {}
        self._keys_at: Optional[float] = None
        self._keys_lock = threading.Lock()
        self._silent_at: Optional[float] = None
        # By digest of the token: (when it was asked, whose it is or why it does not count).
        self._known = _Recent(settings.tokens_max)
        self._ended = _Recent(settings.tokens_max)

    def user(self, token: Token) -> Any:
        """The Django user. Raises BadToken; Unavailable if portal has to be asked and cannot be."""
        now = clock()
        if self._ended.get(token.digest):
            raise BadToken("The session is ended.")
        judge(token, self.settings, now)
        known = self._known.get(token.digest)
        if known is None or not 0 <= now - known[0] < self.settings.whoami_s:
            known = (now, self._ask(token, now))
            self._known.put(token.digest, known)
        if isinstance(known[1], str):
            raise BadToken(known[1])
        user = get_user_model()._default_manager.filter(pk=known[1]).first()
        if user is None or not user.is_active:
            raise BadToken("The account is not active here.")
        return user

    def end(self, token: Token) -> None:
        """It counts no more in this process, whether or not portal could be told."""
        self._ended.put(token.digest, True)

    def _ask(self, token: Token, now: float) -> Any:
        """The key of the user, or a sentence why the token does not count. What portal never signed
        is BadToken, and not worth to be remembered."""
        self._verify(token, now)
        if token.kind == SESSION:
            credentials = {"Cookie": f"{self.settings.cookie}={token.text}"}
        else:
            credentials = {"Authorization": f"Bearer {token.text}"}
        try:
            account = self._get("/v1/auth/me", credentials, now)
        except Refused as refusal:
            if refusal.status in (401, 403, 404):
                return "The token does not count any more. Log in again."
            raise Unavailable(str(refusal)) from refusal
        except AnswerTooLarge as error:
            raise Unavailable("portal's answer is too large.") from error
        if not isinstance(account, dict) or str(account.get("id")) != token.claims["sub"]:
            return "The token is of another account than portal says."
        key = find_user(account, self.settings)
        return "The account is not known here." if key is None else key

    def _verify(self, token: Token, now: float) -> None:
        key = self._key(token.key_id, now)
        if key is None:
            raise BadToken("The token was signed with an unknown key.")
        _, InvalidSignature = crypto()
        try:
            key.verify(token.signature, token.text.rpartition(".")[0].encode())
        except InvalidSignature:
            raise BadToken("The signature of the token is wrong.") from None

    def _key(self, key_id: str, now: float) -> Any:
        with self._keys_lock:
            age = None if self._keys_at is None else now - self._keys_at
            stale = age is None or age < 0 or age >= KEYS_OLD_S
            if stale or (key_id not in self._keys and age >= KEYS_ANEW_S):
                self._read_keys(now)
            return self._keys.get(key_id)

    def _read_keys(self, now: float) -> None:
        """With the lock held. Keys that cannot be read anew go on counting."""
        Ed25519PublicKey, _ = crypto()
        try:
            answer = self._get("/.well-known/jwks.json", {}, now)
            keys = {}
            for entry in answer["keys"][:KEYS_MAX]:
                if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519":
                    value = _decoded(entry["x"]) or b""
                    keys[str(entry["kid"])] = Ed25519PublicKey.from_public_bytes(value)
        except (Unavailable, Refused, AnswerTooLarge) as error:
            if not self._keys:
                raise Unavailable(f"portal's keys cannot be read: {error}") from error
            log.warning("portal's keys cannot be read anew: %s", error)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise Unavailable("portal's keys have not the form of a JWKS.") from error
        else:
            self._keys = keys
        self._keys_at = now

    def _get(self, path: str, credentials: dict, now: float) -> Any:
        silent_at = self._silent_at
        if silent_at is not None and 0 <= now - silent_at < REST_S:
            raise Unavailable("portal did not answer just now.")
        try:
            client = Client(self.settings.url, credentials, TIMEOUT_S, ANSWER_BYTES_MAX)
            answer = client.get(path)
        except Unavailable:
            self._silent_at = now
            raise
        self._silent_at = None
        return answer


def judge(token: Token, settings: conf.Settings, now: float) -> None:
    """Whether the claims hold now. Raises BadToken."""
    claims = token.claims
    times = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    subject = claims.get("sub")
    bad = BadToken("The token is not valid. Log in again.")
    if any(type(at) is not int or not 0 <= at < 1 << 40 for at in times):
        raise bad
    if not isinstance(subject, str) or not re.match(r"[1-9][0-9]{0,15}\Z", subject):
        raise bad
    if claims.get("iss") != settings.issuer or claims.get("aud") != settings.audience:
        raise bad
    # A login of open mode needs no right password.
    if "open" in claims or (token.kind == SESSION) != bool(claims.get("csrf")):
        raise bad
    expires, issued, not_before = times
    if issued > now + SKEW_S or not_before > now + SKEW_S:
        raise bad
    if expires <= now:
        raise BadToken("The token has run out. Refresh it, or log in again.")


def find_user(account: dict, settings: conf.Settings) -> Any:
    """The key of Django's user for what /v1/auth/me says, by `users_by` in that order; or None."""
    model = get_user_model()
    users = model._default_manager
    for way in settings.users_by:
        found = users.none()
        if way == "legacy_id" and account.get("legacy_id") is not None:
            label, _, key = str(account["legacy_id"]).rpartition(":")
            if label.lower() in ("", model._meta.label_lower):
                try:
                    found = users.filter(pk=model._meta.pk.to_python(key))
                except Exception:  # noqa: BLE001
                    log.warning("portal's legacy_id %r is no key of a user.", key)
        elif way == "login" and account.get("login"):
            found = users.filter(**{model.USERNAME_FIELD: str(account["login"])})
            # To some databases ann is Ann; to portal and Django they are two.
            names = found.values_list("pk", model.USERNAME_FIELD)[:2]
            found = users.filter(pk__in=[key for key, name in names if name == account["login"]])
        elif way == "email" and account.get("email"):
            # Whoever has an account in portal may give any address that is free there. So an
            # address never leads to somebody who may more here than a reader.
            found = users.filter(
                **{f"{model.get_email_field_name()}__iexact": str(account["email"])}
            )
            for right in ("is_staff", "is_superuser"):
                if any(field.name == right for field in model._meta.get_fields()):
                    found = found.filter(**{right: False})
        keys = list(found.values_list("pk", flat=True)[:2])
        if len(keys) == 1:
            return keys[0]
    return None


_verifier: Optional[Verifier] = None
_verifier_lock = threading.Lock()


def verifier() -> Verifier:
    """The one of this process; another if the settings are others. Raises ImproperlyConfigured."""
    global _verifier
    crypto()
    settings = conf.current()
    with _verifier_lock:
        if _verifier is None or _verifier.settings != settings:
            _verifier = Verifier(settings)
        return _verifier
