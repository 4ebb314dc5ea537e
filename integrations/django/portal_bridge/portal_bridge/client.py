"""Asks portal over HTTP: one request at a time, everything bounded, nothing followed elsewhere."""

from __future__ import annotations

import json
import random
from http.client import HTTPException
from typing import Any, Optional
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from . import __version__

RETRY_AFTER_MAX_S = 60.0
BACKOFF_MAX_S = 60.0


class Unavailable(Exception):
    """portal cannot answer now; the same request may succeed later."""

    def __init__(self, message: str, retry_after_s: float = 0):
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Refused(Exception):
    """portal does not take the request, and will not later: something has to be mended first."""

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status


class AnswerTooLarge(Exception):
    """The answer is over the limit, and was not read to its end."""


class _Stay(HTTPRedirectHandler):
    """An API key is sent to no other address than the one that was configured."""

    def redirect_request(self, *_: Any) -> None:
        return None


# Proxies of the environment are not asked either: portal is a neighbour.
_opener = build_opener(ProxyHandler({}), _Stay)


class Client:
    """`credentials` are header fields, as Authorization, that each request bears."""

    def __init__(
        self, url: str, credentials: dict, timeout_s: float = 30, answer_bytes_max: int = 1 << 20
    ):
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max

    def get(self, path: str, query: Optional[dict] = None) -> Any:
        return self._ask("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path: str, body: bytes) -> Any:
        return self._ask("POST", path, body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: Optional[bytes] = None) -> Any:
        """The JSON of a 2xx; None if it has no body. Raises the three exceptions above."""
        fields = {
            "Accept": "application/json",
            "User-Agent": f"portal-bridge/{__version__}",
            **self._credentials,
        }
        if body is not None:
            fields["Content-Type"] = "application/json"
        request = Request(self._url + path, data=body, headers=fields, method=method)
        try:
            with _opener.open(request, timeout=self._timeout_s) as response:
                text = self._read(response)
        except HTTPError as error:
            with error:
                raise self._failure(method, path, error) from None
        except (OSError, HTTPException) as error:
            raise Unavailable(f"{self._url} does not answer: {_reason(error)}.") from error
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise Refused(
                f"{method} {path}: the answer of {self._url} is no JSON. Is that portal?"
            ) from None

    def _read(self, response: Any) -> bytes:
        text = response.read(self._answer_bytes_max + 1)
        if len(text) > self._answer_bytes_max:
            raise AnswerTooLarge()
        if response.length:
            raise Unavailable(f"The answer of {self._url} ended early.")
        return text

    def _failure(self, method: str, path: str, error: HTTPError) -> Exception:
        code, message = "", ""
        try:
            body = json.loads(error.read(65536))
            code, message = str(body.get("error", ""))[:100], str(body.get("message", ""))[:500]
        except (ValueError, AttributeError, OSError, HTTPException):
            pass
        said = f"{method} {path.split('?')[0]} was answered {error.code}"
        said += f" {code}" if code else ""
        said += f": {message}" if message else "."
        if error.code in (408, 425, 429) or error.code >= 500:
            return Unavailable(said, _seconds(error.headers.get("Retry-After")))
        return Refused(said, error.code)


def segment(text: Any) -> str:
    """A text as one segment of a path."""
    return quote(str(text), safe="")


def _reason(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error or type(error).__name__).rstrip(".")


def _seconds(retry_after: Optional[str]) -> float:
    try:
        return min(max(float(retry_after or 0), 0), RETRY_AFTER_MAX_S)
    except ValueError:
        # It may be a date, too; then the backoff decides alone.
        return 0


class Backoff:
    """How long to wait before the next attempt: 1 s to 60 s, doubling, with jitter, so that many
    who were refused at the same moment do not come back at the same moment."""

    def __init__(self, chance: Optional[random.Random] = None):
        self._chance = chance or random.Random()
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, at_least_s: float = 0) -> float:
        """Seconds to wait."""
        self._failures = min(self._failures + 1, 16)
        most = min(2.0**self._failures, BACKOFF_MAX_S)
        return max(self._chance.uniform(1, most), min(at_least_s, RETRY_AFTER_MAX_S))
