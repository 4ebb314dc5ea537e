"""What is wrong with the settings is said, and changes are followed all the same."""

import os
from importlib.util import find_spec
from unittest import mock

from bridge_test import BridgeTest
from django.core.management import CommandError
from django.test import override_settings
from newsdesk.models import Category
from portal_bridge import conf, signals
from portal_bridge.checks import check_settings

NO_CRYPTO = [] if find_spec("cryptography") else ["E010"]


class ChecksTest(BridgeTest):
    def said(self):
        return [(problem.id.partition(".")[2], problem.msg) for problem in check_settings()]

    def test_good_settings_are_good(self):
        self.assertEqual(self.said(), [])

    def test_what_is_wrong_is_said_in_sentences(self):
        rows = (
            ({"modles": []}, "E001", "'modles'] is not known. Perhaps 'models' is meant."),
            ({"models": "news.article"}, "E001", "'models'] must be a list of texts."),
            ({"models": [1]}, "E001", "must be a list of texts."),
            ({"models": [], "owned_by_portal": []}, "E001", "so nothing is followed."),
            ({"url": ""}, "E001", "must be a text that is not empty."),
            ({"url": "portal.example.org"}, "E001", "must be an http or https address"),
            ({"url": "https://a:b@example.org"}, "E001", "must have no user name"),
            ({"url": "http://[x"}, "E001", "must be an http or https address"),
            ({"batch": 0}, "E001", "must be from 1 to 1000."),
            ({"batch": 1.5}, "E001", "must be a whole number."),
            ({"batch": True}, "E001", "must be a whole number."),
            ({"poll_s": "1"}, "E001", "must be a number."),
            ({"key_file": 1}, "E001", "must be a path."),
            ({"users_by": ["name"]}, "E001", "knows only legacy_id, login, email."),
            ({"database": "archive"}, "E002", "DATABASES has no such one."),
            ({"models": ["newsdesk.Nothing"]}, "E003", "which no installed app has."),
            ({"models": ["nothing"]}, "E003", "which no installed app has."),
            ({"models": ["portal_bridge.PortalOutbox"]}, "E004", "a table of the bridge itself."),
            ({"models": ["newsdesk.ArticleProxy"]}, "E007", "which is a proxy."),
            ({"owned_by_portal": ["newsdesk.Tag"]}, "W001", "newsdesk.tag"),
            ({"owned_by_portal": ["newsdesk.Report"]}, "W006", "and not newsdesk.Article, whose"),
            ({"url": "http://portal.example.org"}, "W002", "can be read on the way."),
            ({"key_file": "/nonexistent/key"}, "W003", "cannot be looked at"),
        )
        for members, code, sentence in rows:
            with (
                self.subTest(members=members),
                self.settings(PORTAL_BRIDGE={**conf.raw(), **members}),
            ):
                found = [msg for given, msg in self.said() if given == code]
                self.assertTrue(any(sentence in msg for msg in found), self.said())

    def test_a_child_alone_may_be_sent(self):
        self.set(models=["newsdesk.Report"])
        self.assertEqual(self.said(), [])

    def test_no_settings_and_odd_ones_are_said_too(self):
        for given, sentence in ((None, "is missing"), ([], "must be a dict"), ({}, "is missing")):
            with self.subTest(given=given), self.settings(PORTAL_BRIDGE=given):
                self.assertIn(sentence, self.said()[0][1])
                with self.assertRaisesMessage(CommandError, sentence):
                    self.push()

    def test_models_of_another_database_are_an_error(self):
        with mock.patch("portal_bridge.checks.router.db_for_write", return_value="archive"):
            self.assertEqual(self.said()[0][0], "E008")

    def test_an_open_key_file_is_a_warning(self):
        path = os.path.join(os.environ["BRIDGE_DATA"], "open_key")
        with open(path, "w") as file:
            file.write("pk_x")
        self.set(key_file=path)
        for mode, found in ((0o644, ["W004"]), (0o600, []), (0o640, [])):
            os.chmod(path, mode)
            self.assertEqual([code for code, _ in self.said()], found)

    def test_a_middleware_at_the_wrong_place_is_an_error(self):
        ours = "portal_bridge.auth.PortalMiddleware"
        theirs = "django.contrib.auth.middleware.AuthenticationMiddleware"
        with override_settings(MIDDLEWARE=[ours, theirs]):
            self.assertEqual([code for code, _ in self.said()], ["E009", "W005"] + NO_CRYPTO)

    def test_a_model_that_is_not_there_is_logged_and_the_others_are_followed(self):
        self.set(models=["newsdesk.Nothing", "newsdesk.Category"], batch="many")
        with self.assertLogs("portal_bridge", "ERROR") as logs:
            signals.connect()
        self.assertIn("'newsdesk.nothing', which no installed app has", logs.output[0])
        Category.objects.create(name="sports")
        self.assertEqual(len(self.marks()), 1)

    def test_a_change_in_another_database_is_said_to_be_not_followed(self):
        self.set(database="archive")
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            Category.objects.create(name="sports")
        self.assertIn("is not followed", logs.output[0])

    def test_the_migrations_are_what_the_models_are(self):
        self.run_command("makemigrations", "portal_bridge", check=True, dry_run=True)
