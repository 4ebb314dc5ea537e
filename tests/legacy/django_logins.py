#!/usr/bin/python3
"""Prints, as JSON, what the Django of this Python makes when somebody logs in at 2026-01-01T00:00:00Z: session cookies
(good ones, and such as somebody hostile would try), CSRF tokens, and simplejwt's tokens where it is installed.

tests/legacy/django_logins.json was made of this by Debian's Django 3.2, its tokens by simplejwt 5.5 under Django 5.2:
    for python in /usr/bin/python3 build/django/bin/python; do $python tests/legacy/django_logins.py; done
"""
import datetime
import json
import pickle
import time

import django
from django.conf import settings

KEY = "for-tests-only-and-of-no-other-use-0123456789-abcdefghij"
OTHER_KEY = "another-key-for-tests-only-0123456789-abcdefghij"
PASSWORD = "pbkdf2_sha256$260000$abcdefghijkl$Zm9yIHRlc3RzIG9ubHksIG5vIHJlYWwgaGFzaCBhdCBhbGw="
SALT = "django.contrib.sessions.backends.signed_cookies"
NOW = 1767225600


class Pickled:
    def dumps(self, content):
        return pickle.dumps(content, pickle.HIGHEST_PROTOCOL)


class Bomb:
    def dumps(self, content):
        return b'{"a":"' + b"a" * 2900000 + b'"}'


def cookies():
    from django.contrib.auth.models import User
    from django.core import signing

    user = User(pk=7, username="anna", password=PASSWORD)
    login = {
        "_auth_user_id": "7",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": user.get_session_auth_hash(),
    }

    def cookie(content=login, serializer=signing.JSONSerializer, salt=SALT, key=None, compress=True):
        return signing.dumps(content, key=key, salt=salt, serializer=serializer, compress=compress)

    return {
        "plain": cookie(compress=False),
        "packed": cookie({**login, "note": "again and again " * 40}),
        "of_another_key": cookie(key=OTHER_KEY),
        "of_another_salt": cookie(salt="django.contrib.sessions.SessionStore"),
        "of_another_backend": cookie({**login, "_auth_user_backend": "elsewhere.Backend"}),
        "pickled": cookie(serializer=Pickled),
        "bomb": cookie({}, Bomb),
        "nobodys": cookie({"cart": [1]}),
    }


def csrf_tokens():
    from django.middleware import csrf

    secret = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
    return [secret, csrf._mask_cipher_secret(secret), csrf._mask_cipher_secret(secret)]


def tokens():
    try:
        from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
    except ImportError:
        return {}
    begun = datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc)

    def token(made):
        made.set_exp(from_time=begun)
        made.set_iat()
        made["iat"] = NOW
        made["user_id"] = "7"
        return str(made)

    access = token(AccessToken())
    return {"access": access, "refresh": token(RefreshToken()), **rs256(begun)}


def rs256(begun):
    """Another one, by a key that is made for it and not kept, with the set that has its public half."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt.algorithms import RSAAlgorithm
    from rest_framework_simplejwt.backends import TokenBackend
    from rest_framework_simplejwt.tokens import AccessToken

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = AccessToken()
    made.set_exp(from_time=begun)
    made["iat"] = NOW
    made["user_id"] = "7"
    text = TokenBackend("RS256", signing_key=pem).encode(made.payload)
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {"rs256": text, "jwks": json.dumps({"keys": [public]})}


def main():
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
    settings.configure(SECRET_KEY=KEY, INSTALLED_APPS=apps, USE_TZ=True)
    django.setup()
    made = tokens()
    time.time = lambda: NOW
    print(json.dumps({"key": KEY, "other_key": OTHER_KEY, "password": PASSWORD, "now": NOW, "cookies": cookies(),
                      "csrf": csrf_tokens(), "tokens": made}, indent=1))


if __name__ == "__main__":
    main()
