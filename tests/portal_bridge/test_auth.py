"""Whose requests Django believes by portal's tokens, with tokens signed by keys made here."""

import base64
import hashlib
import json
import time
import unittest
from importlib.util import find_spec
from unittest import mock

from bridge_test import BridgeTest
from django.contrib.auth import get_user_model
from django.test import Client
from portal_bridge import tokens

HAS_CRYPTO = find_spec("cryptography") is not None
HAS_DRF = find_spec("rest_framework") is not None
if HAS_CRYPTO:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CSRF = "the csrf token of the session"


def encoded(value):
    if not isinstance(value, bytes):
        value = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@unittest.skipUnless(HAS_CRYPTO, "This test is skipped: the package cryptography is not there.")
class AuthTest(BridgeTest):
    def setUp(self):
        super().setUp()
        self.now = int(time.time())
        patch = mock.patch.object(tokens, "clock", lambda: self.now)
        patch.start()
        self.addCleanup(patch.stop)
        self.key = self.add_key("first")
        self.ann = get_user_model().objects.create_user("ann", "ann@example.org")

    def add_key(self, kid):
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.portal.keys.append(
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "kid": kid,
                "use": "sig",
                "alg": "EdDSA",
                "x": encoded(public),
            }
        )
        return key

    def token(self, kind=tokens.ACCESS, kid="first", key=None, header=None, account=None, **claims):
        """One that portal knows: as Ann's, if nothing is said."""
        header = header or {"alg": "EdDSA", "typ": kind, "kid": kid}
        payload = {
            "iss": "portal",
            "aud": "portal",
            "sub": "17",
            "exp": self.now + 600,
            "iat": self.now,
            "jti": "x",
            "role": "reader",
            "epoch": 0,
            "sid": "1",
        }
        if kind == tokens.SESSION:
            payload["csrf"] = encoded(hashlib.sha256(CSRF.encode()).digest())
        payload.update(claims)
        payload = {name: value for name, value in payload.items() if value is not None}
        signed = f"{encoded(header)}.{encoded(payload)}"
        text = f"{signed}.{encoded((key or self.key).sign(signed.encode()))}"
        self.portal.accounts[text] = account or {"id": 17, "login": "ann", "role": "reader"}
        return text

    def who(self, token=None, cookie=None, path="/who", method="get", client=None, **fields):
        client = client or Client(enforce_csrf_checks=True)
        if cookie:
            client.cookies["__Host-portal"] = cookie
        if token:
            fields["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        response = getattr(client, method)(path, **fields)
        return response.content.decode() if response.status_code == 200 else response.status_code

    def test_a_token_and_a_session_of_portal_s_are_a_login(self):
        self.assertEqual(self.who(), "nobody")
        self.assertEqual(self.who(self.token()), "ann")
        self.assertEqual(self.who(cookie=self.token(tokens.SESSION)), "ann")

    def test_an_answer_says_what_it_depends_on(self):
        response = Client().get("/who", HTTP_AUTHORIZATION=f"Bearer {self.token()}")
        self.assertIn("Authorization", response["Vary"])
        self.assertIn("Cookie", response["Vary"])

    def test_what_is_no_token_that_counts_is_nobody(self):
        other = Ed25519PrivateKey.generate()
        good = self.token()
        rows = {
            "another key": self.token(key=other),
            "an unknown key": self.token(kid="second"),
            "run out": self.token(exp=self.now),
            "of tomorrow": self.token(iat=self.now + 3600),
            "not before tomorrow": self.token(nbf=self.now + 3600),
            "another issuer": self.token(iss="x"),
            "for another": self.token(aud="x"),
            "without an end": self.token(exp=None),
            "an end that is no number": self.token(exp="never"),
            "true as a time": self.token(iat=True),
            "nobody's": self.token(sub="0"),
            "a number as subject": self.token(sub=17),
            "of open mode": self.token(open=True),
            "of open mode, said otherwise": self.token(open=False),
            "a session as bearer": self.token(tokens.SESSION),
            "another algorithm": self.token(
                header={"alg": "none", "typ": "at+jwt", "kid": "first"}
            ),
            "more in its header": self.token(
                header={"alg": "EdDSA", "typ": "at+jwt", "kid": "first", "jku": "http://x"}
            ),
            "cut": good[:-1],
            "padded": good + "==",
            "with another end of its signature": good[:-1] + chr(ord(good[-1]) ^ 1),
            "too long": good + "A" * 5000,
            "an API key": "pk_" + "a" * 43,
            "nothing": "",
            "dots": "..",
            "with a space": " " + good,
            "deep": f"{encoded(b'[' * 3000)}.{encoded(b'[')}.x",
        }
        for name, token in rows.items():
            with self.subTest(name=name):
                self.portal.accounts.setdefault(token, {"id": 17, "login": "ann"})
                self.assertEqual(self.who(token), "nobody")
        self.assertEqual(self.who(cookie=self.token()), "nobody", "an access token as cookie")
        self.assertEqual(self.who(good), "ann")

    def test_whose_it_is_is_asked_once_a_minute(self):
        token = self.token()
        for _ in range(5):
            self.assertEqual(self.who(token), "ann")
        self.assertEqual(len(self.portal.asked("/v1/auth/me")), 1)
        self.assertEqual(len(self.portal.asked("/.well-known/jwks.json")), 1)
        # A logout on portal's side is seen then, and a refusal is remembered as long.
        self.portal.accounts.clear()
        self.assertEqual(self.who(token), "ann")
        self.now += 60
        for _ in range(3):
            self.assertEqual(self.who(token), "nobody")
        self.assertEqual(len(self.portal.asked("/v1/auth/me")), 2)

    def test_a_token_that_runs_out_while_it_is_remembered_counts_no_more(self):
        token = self.token(exp=self.now + 10)
        self.assertEqual(self.who(token), "ann")
        self.now += 10
        self.assertEqual(self.who(token), "nobody")

    def test_unknown_keys_have_the_set_read_again_at_most_once_a_minute(self):
        self.assertEqual(self.who(self.token()), "ann")
        second = self.add_key("second")
        for _ in range(3):
            self.assertEqual(self.who(self.token(kid="third", key=second)), "nobody")
        self.assertEqual(len(self.portal.asked("/.well-known/jwks.json")), 1)
        self.now += 61
        self.assertEqual(self.who(self.token(kid="second", key=second)), "ann")
        self.assertEqual(len(self.portal.asked("/.well-known/jwks.json")), 2)

    def test_a_key_that_portal_has_taken_back_counts_no_more_after_an_hour(self):
        self.assertEqual(self.who(self.token()), "ann")
        self.portal.keys.clear()
        self.add_key("second")
        self.now += 3600
        self.assertEqual(self.who(self.token()), "nobody")

    def test_a_portal_that_does_not_answer_is_not_asked_for_each_request(self):
        token = self.token()
        self.portal.failures = ["close"]
        for _ in range(5):
            self.assertEqual(self.who(token), "nobody")
        self.assertEqual(len(self.portal.requests), 1)
        self.now += 6
        self.assertEqual(self.who(token), "ann")

    def test_what_is_remembered_is_bounded(self):
        self.set(tokens_max=3)
        made = [self.token(jti=str(number)) for number in range(5)]
        for token in made:
            self.assertEqual(self.who(token), "ann")
        self.assertEqual(len(tokens.verifier()._known._entries), 3)

    def test_users_are_found_by_the_old_key_the_name_or_the_address(self):
        users = get_user_model().objects
        bob = users.create_user("bob", "bob@example.org")
        users.create_user("boss", "boss@example.org", is_staff=True)
        users.create_user("twin1", "twin@example.org")
        users.create_user("twin2", "TWIN@example.org")
        users.create_user("gone", "gone@example.org", is_active=False)
        rows = (
            ({"legacy_id": bob.pk}, "bob"),
            ({"legacy_id": str(bob.pk)}, "bob"),
            ({"legacy_id": f"auth.user:{bob.pk}", "login": "ann"}, "bob"),
            ({"legacy_id": f"news.author:{bob.pk}"}, "nobody"),
            ({"legacy_id": "x"}, "nobody"),
            ({"login": "bob"}, "bob"),
            ({"login": "BOB"}, "nobody"),
            ({"login": "boss"}, "boss"),
            ({"email": "BOB@example.org"}, "bob"),
            ({"email": "boss@example.org"}, "nobody"),
            ({"email": "twin@example.org"}, "nobody"),
            ({"email": ""}, "nobody"),
            ({"login": "gone"}, "nobody"),
            ({}, "nobody"),
        )
        for number, (account, name) in enumerate(rows):
            with self.subTest(account=account):
                token = self.token(jti=str(number), account={"id": 17, **account})
                self.assertEqual(self.who(token), name)
        another = self.token(jti="another", account={"id": 18, "login": "bob"})
        self.assertEqual(self.who(another), "nobody", "portal says that it is of another account")

    def test_an_address_finds_nobody_unless_the_site_says_so(self):
        self.set(users_by=["legacy_id", "login"])
        token = self.token(account={"id": 17, "email": "ann@example.org"})
        self.assertEqual(self.who(token), "nobody")

    def test_who_is_logged_in_at_django_stays_that_user(self):
        client = Client()
        client.force_login(get_user_model().objects.create_user("bob"))
        self.assertEqual(self.who(self.token(), client=client), "bob")

    def test_a_change_with_the_cookie_needs_proof_that_the_page_is_ours(self):
        cookie = self.token(tokens.SESSION)
        proof = {"HTTP_X_CSRF_TOKEN": CSRF}
        rows = (
            ("/who", {}, 403),  # Django's own rule
            ("/who", proof, 403),
            ("/exempt", {}, "nobody"),
            ("/exempt", {"HTTP_X_CSRF_TOKEN": "wrong"}, "nobody"),
            ("/exempt", proof, "ann"),
        )
        for path, fields, result in rows:
            with self.subTest(path=path, fields=fields):
                self.assertEqual(self.who(None, cookie, path, "post", **fields), result)
        self.assertEqual(self.who(self.token(), path="/exempt", method="post"), "ann")

    def test_a_logout_at_django_is_one_at_portal(self):
        cookie = self.token(tokens.SESSION)
        client = Client()
        client.cookies["__Host-portal"] = cookie
        self.assertEqual(client.get("/who").content, b"ann")
        response = client.get("/logout")
        self.assertEqual(self.portal.ended, [cookie])
        cleared = response.cookies["__Host-portal"]
        self.assertEqual((cleared.value, cleared["max-age"], cleared["path"]), ("", 0, "/"))
        self.assertTrue(cleared["secure"] and cleared["httponly"])
        self.assertEqual(self.who(cookie=cookie), "nobody")

    def test_a_portal_that_is_away_holds_up_no_logout(self):
        cookie = self.token(tokens.SESSION)
        self.set(url="http://127.0.0.1:9")
        client = Client()
        client.cookies["__Host-portal"] = cookie
        client.force_login(self.ann)
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            self.assertEqual(client.get("/logout").content, b"bye")
        self.assertIn("portal was not told of a logout", logs.output[0])

    def test_a_logout_without_a_login_of_portal_s_asks_nobody(self):
        client = Client()
        client.force_login(self.ann)
        client.get("/logout")
        self.assertEqual(self.portal.requests, [])

    @unittest.skipUnless(HAS_DRF, "This test is skipped: Django REST framework is not there.")
    def test_views_of_rest_framework_believe_them_too(self):
        cookie = self.token(tokens.SESSION)
        good, bad = self.token(), self.token(key=Ed25519PrivateKey.generate())
        api = {"path": "/api"}
        self.assertEqual(self.who(good, **api), '{"user":"ann"}')
        self.assertEqual(self.who(good, method="post", **api), '{"user":"ann"}')
        self.assertEqual(self.who(cookie=cookie, **api), '{"user":"ann"}')
        self.assertEqual(self.who(cookie=cookie, method="post", **api), 403)
        proof = {"HTTP_X_CSRF_TOKEN": CSRF}
        self.assertEqual(self.who(cookie=cookie, method="post", **api, **proof), '{"user":"ann"}')
        self.assertEqual(self.who(bad, **api), 401)
        self.assertEqual(self.who(cookie=self.token(tokens.SESSION, exp=1), **api), '{"user":""}')
        old = self.token(tokens.SESSION, exp=1)
        self.assertEqual(self.who(cookie=old, method="post", **api), '{"user":""}')
        # The other classes have their say where Django's own session is there.
        client = Client()
        client.force_login(self.ann)
        said = self.who(cookie=cookie, method="post", client=client, **api)
        self.assertEqual(said, '{"user":""}')
        self.assertEqual(self.who("pk_" + "a" * 43, **api), '{"user":""}')
        self.portal.failures = ["close"] * 2
        self.assertEqual(self.who(self.token(jti="new"), **api), 503)


class NoCryptoTest(BridgeTest):
    def test_without_the_package_the_check_says_which_is_needed(self):
        from portal_bridge.checks import check_settings

        middleware = ["portal_bridge.auth.PortalMiddleware"]
        with mock.patch.dict("sys.modules", {"cryptography.exceptions": None}):
            with self.settings(MIDDLEWARE=middleware):
                said = {problem.id: problem.msg for problem in check_settings()}
        self.assertIn("pip install cryptography", said["portal_bridge.E010"])
