"""What is sent, in which order, and what becomes of it."""

import json
import os
import subprocess
import sys
import threading
import uuid
from datetime import datetime, timezone
from unittest import mock

from bridge_test import BridgeTest, seeded
from django.core import serializers
from django.core.management import CommandError
from django.db import OperationalError, connection, transaction
from django.utils.connection import ConnectionDoesNotExist
from edits import edit, in_order, name, tables
from newsdesk.models import Article, Category, Credit, Person, Photo, Tag
from portal_bridge import client, conf, loop, push, state
from portal_bridge.models import PortalOutbox, PortalRefusal, PortalState

from fake_portal import KEY

KEY_FIELDS = {"Authorization": f"Bearer {KEY}"}


class Stop(Exception):
    """Ends a command that would go on without end."""


class PushTest(BridgeTest):
    def test_a_row_is_sent_as_dumpdata_writes_it_once_for_one_transaction(self):
        with transaction.atomic():
            category = Category.objects.create(name="sports")
            article = Article.objects.create(headline="first", category=category)
            article.tags.set(
                [Tag.objects.create(name="Überraschung"), Tag.objects.create(name="b")]
            )
            article.headline = "second"
            article.save()
        self.push()
        sent = [change for change in self.portal.applied if change["model"] == "newsdesk.article"]
        dumped = json.loads(serializers.serialize("json", [article]))[0]
        self.assertEqual(dumped["fields"]["headline"], "second")
        self.assertEqual(len(dumped["fields"]["tags"]), 2)
        # The tags are made in between, so the article comes before and after them.
        self.assertEqual([change["record"] for change in sent], [dumped] * 2)
        self.assertEqual(sent[0]["pk"], article.pk)
        at = datetime.fromisoformat(sent[0]["at"].replace("Z", "+00:00"))
        self.assertLess(abs((datetime.now(timezone.utc) - at).total_seconds()), 60)
        self.assertEqual(self.marks(), [])

    def test_changes_of_one_row_in_a_row_are_one(self):
        category = Category.objects.create(name="1")
        for number in range(5):
            category.name = str(number)
            category.save()
        self.assertEqual(self.pushed(), [("save", "newsdesk.category", category.pk)])

    def test_changes_come_in_order_in_batches_with_one_source(self):
        self.set(batch=7)
        categories = [Category.objects.create(name=str(number)) for number in range(20)]
        self.push()
        self.assertEqual([pk for _, _, pk in self.portal.told()], [row.pk for row in categories])
        self.assertEqual([len(body["changes"]) for body in self.portal.bodies], [7, 7, 6])
        self.assertEqual({body["source"] for body in self.portal.bodies}, set(self.portal.last))
        uuid.UUID(self.portal.bodies[0]["source"])
        self.assertEqual([change["sequence"] for change in self.portal.applied], list(range(1, 21)))

    def test_a_mark_of_a_process_that_was_not_restarted_after_the_migration_is_sent(self):
        # It names the columns that it knows of.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO portal_bridge_portaloutbox (model, row, marked_ms)"
                " VALUES ('newsdesk.category', '7', 0)"
            )
        self.assertEqual(self.pushed(), [("delete", "newsdesk.category", 7)])

    def test_no_body_is_over_the_limit(self):
        self.set(body_bytes_max=20000)
        self.portal.body_bytes_max = 20000
        for number in range(10):
            Category.objects.create(name=str(number) + "ü" * 3000)
        self.push()
        self.assertEqual(len(self.portal.applied), 10)
        self.assertEqual(self.refusals(), [])
        self.assertGreater(len(self.portal.bodies), 3)

    def test_where_portal_takes_less_less_is_sent_and_what_is_too_large_alone_is_kept(self):
        self.portal.body_bytes_max = 5000
        for size in (10, 2000, 2000, 9000, 10, 2000):
            Category.objects.create(name="x" * size)
        large = Category.objects.order_by("pk")[3]
        self.push()
        self.assertEqual(len(self.portal.applied), 5)
        self.assertEqual(self.refusals(), [("newsdesk.category", str(large.pk), "too_large")])
        self.assertEqual(self.marks(), [])

    def test_a_row_over_our_own_limit_is_kept_and_passed_over(self):
        self.set(body_bytes_max=2000)
        for size in (10, 9000, 10):
            Category.objects.create(name="x" * size)
        self.push()
        self.assertEqual(len(self.portal.applied), 2)
        self.assertEqual([code for _, _, code in self.refusals()], ["too_large"])
        self.assertEqual(self.marks(), [])

    def test_what_is_gone_is_a_delete_and_only_once(self):
        category = Category.objects.create(name="sports")
        photo = Photo.objects.create()
        keys = category.pk, str(photo.pk)
        category.delete()
        photo.delete()
        self.assertEqual(
            self.pushed(),
            [("delete", "newsdesk.category", keys[0]), ("delete", "newsdesk.photo", keys[1])],
        )
        self.assertTrue(all("record" not in change for change in self.portal.applied))

    def test_a_tag_that_is_deleted_leaves_the_articles_at_portal_too(self):
        article = Article.objects.create(headline="a")
        article.tags.set([Tag.objects.create(name=name) for name in "xy"])
        self.push()
        kept = article.tags.order_by("name")[1]
        article.tags.order_by("name")[0].delete()
        self.push()
        self.assertEqual(in_order(self.portal.rows), tables())
        self.assertEqual(
            self.portal.rows[("newsdesk.article", str(article.pk))]["fields"]["tags"], [kept.pk]
        )

    def test_lists_and_what_goes_with_a_row_are_read_where_they_are_written(self):
        # Given a site that reads from a replica, which cannot be reached here
        class Router:
            def db_for_read(self, model, **_):
                return "replica"

            def db_for_write(self, model, **_):
                return "default"

        self.set(related={"newsdesk.Article": ["category", "tags", "credit__person"]})
        article = Article.objects.create(
            headline="a", category=Category.objects.create(name="sports")
        )
        article.tags.set([Tag.objects.create(name="x")])
        person = Person.objects.create(name="Ann")
        person.colleagues.set([Person.objects.create(name="Bea")])
        Credit.objects.create(article=article, person=person)
        expected = tables()
        # When it is pushed
        with self.settings(DATABASE_ROUTERS=[Router()]):
            self.push()
            # Then the site goes on reading there
            with self.assertRaises(ConnectionDoesNotExist):
                Category.objects.count()
        # And portal has what was written
        self.assertEqual(in_order(self.portal.rows), expected)
        change = [one for one in self.portal.applied if one["model"] == "newsdesk.article"][-1]
        self.assertEqual(
            sorted(one["model"] for one in change["related"]),
            ["newsdesk.category", "newsdesk.credit", "newsdesk.person", "newsdesk.tag"],
        )

    def test_a_row_that_is_there_again_is_a_save(self):
        category = Category.objects.create(name="sports")
        key = category.pk
        category.delete()
        Category.objects.create(pk=key, name="again")
        self.push()
        self.assertEqual(
            self.portal.rows[("newsdesk.category", str(key))]["fields"]["name"], "again"
        )

    def test_what_portal_refuses_is_kept_and_holds_up_nothing(self):
        self.portal.refuse = {"newsdesk.tag": "no_mapping"}
        tag = Tag.objects.create(name="x")
        category = Category.objects.create(name="sports")
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            said = self.push()
        self.assertIn("no_mapping", logs.output[0])
        self.assertIn("Sent 1, refused 1", said)
        self.assertEqual(self.portal.told(), [("save", "newsdesk.category", category.pk)])
        self.assertEqual(self.refusals(), [("newsdesk.tag", str(tag.pk), "no_mapping")])
        # When it takes it, it is sent again
        self.portal.refuse = {}
        self.push(retry_refused=True)
        self.assertEqual(self.portal.told()[1:], [("save", "newsdesk.tag", tag.pk)])
        self.assertEqual(self.refusals(), [])

    def test_only_the_newest_refusals_are_kept(self):
        self.set(refusals_max=3, batch=4)
        self.portal.refuse = {"newsdesk.tag": "no_mapping"}
        tags = [Tag.objects.create(name=str(number)) for number in range(10)]
        self.push()
        self.assertEqual([row for _, row, _ in self.refusals()], [str(tag.pk) for tag in tags[-3:]])

    def test_what_cannot_be_written_down_is_kept_and_passed_over(self):
        category = Category.objects.create(name="sports")
        PortalOutbox.objects.create(model="newsdesk.gone", row="1")
        PortalOutbox.objects.create(model="newsdesk.photo", row="no uuid")
        self.push()
        self.assertEqual(self.portal.told(), [("save", "newsdesk.category", category.pk)])
        self.assertEqual(
            self.refusals(),
            [("newsdesk.gone", "1", "unreadable"), ("newsdesk.photo", "no uuid", "unreadable")],
        )
        self.assertEqual(self.marks(), [])

    def test_an_answer_that_is_lost_makes_nothing_twice(self):
        # Given changes that portal has taken, and an answer that did not come
        for number in range(5):
            Category.objects.create(name=str(number))
        real = client.Client.post

        def post(self, path, body):
            real(self, path, body)
            raise client.Unavailable("the line broke")

        with mock.patch.object(client.Client, "post", post), self.assertRaises(CommandError):
            self.push()
        self.assertEqual(len(self.marks()), 5)
        # When a row is changed meanwhile and it is tried again
        first = Category.objects.order_by("pk")[0]
        first.name = "changed"
        first.save()
        self.push()
        # Then portal has each change once, and the row as it is
        self.assertEqual([change["sequence"] for change in self.portal.applied], [1, 2, 3, 4, 5, 6])
        key = ("newsdesk.category", str(first.pk))
        self.assertEqual(self.portal.rows[key]["fields"]["name"], "changed")
        self.assertEqual(self.marks(), [])

    def test_a_batch_that_was_begun_is_ended_before_another(self):
        # Given a mark that has its sequence and is not settled
        Category.objects.create(name="sports")
        early = PortalOutbox.objects.get()
        self.portal.failures = [(503, {}, None)]
        with self.assertRaises(CommandError):
            self.push()
        # When a transaction commits that drew its id before
        PortalOutbox.objects.create(id=early.id - 1, model="newsdesk.category", row="999999")
        self.push()
        # Then its change comes after, with a sequence that portal has not had
        self.assertEqual(
            [(change["sequence"], change["operation"]) for change in self.portal.applied],
            [(1, "save"), (2, "delete")],
        )

    def test_a_batch_that_another_push_begins_at_the_same_moment_is_not_overtaken(self):
        # Given two pushes that see nothing begun, of which the other is the first to begin
        self.set(batch=1)
        rows = [Category.objects.create(name=name) for name in "ab"]
        real = state.lock

        def lock(settings):
            with mock.patch.object(state, "lock", real):
                push.Pusher(settings, None)._number()
            return real(settings)

        with mock.patch.object(state, "lock", side_effect=lock):
            push.Pusher(conf.current(), client.Client(self.portal.url, KEY_FIELDS)).push()
        # When both go on
        self.push()
        # Then portal has both changes, in order
        self.assertEqual([pk for _, _, pk in self.portal.told()], [row.pk for row in rows])

    def test_what_portal_takes_in_part_goes_on_from_there(self):
        self.portal.take_at_most = 3
        for number in range(8):
            Category.objects.create(name=str(number))
        self.push()
        self.assertEqual([change["sequence"] for change in self.portal.applied], list(range(1, 9)))
        self.assertEqual(len(self.portal.bodies), 3)

    def test_trouble_is_waited_out_for_longer_and_longer(self):
        # Given a portal that is away, busy, and there again
        Category.objects.create(name="sports")
        self.portal.failures = ["close", (503, {}, None), (429, {"Retry-After": "40"}, None)]
        self.portal.failures += ["cut"] + [(502, {}, None)] * 6
        stop_at = 11

        def wait(seconds):
            self.waits.append(seconds)
            if len(self.waits) == stop_at:
                raise Stop

        # When it is pushed without end
        with mock.patch.object(loop, "wait", wait), self.assertRaises(Stop):
            self.run_command("portal_push")
        # Then each wait is from 1 s to 60 s, the third as long as portal asked for
        waits, poll = self.waits[:-1], self.waits[-1]
        self.assertEqual(len(waits), 10)
        for number, seconds in enumerate(waits, 1):
            self.assertTrue(1 <= seconds <= 60, waits)
            if number != 3:
                self.assertLessEqual(seconds, 2**number)
        self.assertGreaterEqual(waits[2], 40)
        self.assertEqual(poll, 0.05)
        self.assertEqual(len(self.portal.applied), 1)

    def test_a_database_that_fails_is_waited_out_too(self):
        Category.objects.create(name="sports")
        real, calls = push.Pusher.push, []

        def flaky(self):
            calls.append(1)
            if len(calls) == 1:
                raise OperationalError("gone away")
            if len(calls) == 4:
                raise Stop
            return real(self)

        with mock.patch.object(push.Pusher, "push", flaky), self.assertRaises(Stop):
            self.run_command("portal_push")
        self.assertEqual(len(self.portal.applied), 1)

    def test_what_needs_a_person_ends_it_with_a_sentence(self):
        Category.objects.create(name="sports")
        rows = (
            ((400, {}, None), "POST /v1/migration/changes was answered 400."),
            ((302, {"Location": self.portal.url + "/elsewhere"}, None), "was answered 302."),
            ((422, {}, {"error": "invalid", "message": "No."}), "answered 422 invalid: No."),
            ((200, {}, {"last": 1}), "the answer has not the form of portal's."),
            ((200, {}, ["x"]), "the answer has not the form of portal's."),
            ((200, {}, {"last_sequence": 99, "refused": []}), "was restored from an earlier state"),
        )
        for answer, sentence in rows:
            with self.subTest(sentence=sentence):
                self.portal.failures = [answer]
                with self.assertRaisesMessage(CommandError, sentence):
                    self.run_command("portal_push")
        self.assertEqual(len(self.marks()), 1)
        self.assertEqual(self.waits, [])
        # The key is sent nowhere else.
        self.assertEqual(self.portal.asked("/elsewhere"), [])

    def test_a_database_from_a_backup_becomes_a_new_source(self):
        # Given a database that is older than what portal has of it
        for number in range(3):
            Category.objects.create(name=str(number))
        self.push()
        PortalState.objects.update(last_sequence=1)
        Category.objects.create(name="after the backup")
        with self.assertRaisesMessage(CommandError, "--new-source"):
            self.push()
        # When it is another source
        self.push(new_source=True)
        # Then nothing is taken for what was sent before
        self.assertEqual(len(self.portal.last), 2)
        self.assertEqual(self.portal.applied[-1]["record"]["fields"]["name"], "after the backup")

    def test_a_push_that_is_under_way_when_the_source_becomes_another_loses_nothing(self):
        # Given marks that have sequences of the source before, in each moment of a push
        settings = conf.current()
        moments = (
            (push.Pusher, "_numbered"),
            (push.Pusher, "_collect"),
            (client.Client, "post"),
        )
        for kind, moment in moments:
            with self.subTest(moment=moment):
                Category.objects.create(name="before")
                self.push()
                tags = [Tag.objects.create(name=f"{moment} {number}") for number in range(2)]
                self.portal.failures = [(503, {}, None)]
                with self.assertRaises(CommandError):
                    self.push()
                real = getattr(kind, moment)

                def step(*arguments, real=real):
                    done = real(*arguments)
                    push.new_source(settings)
                    return done

                # When it becomes another between two steps
                with mock.patch.object(kind, moment, step), self.assertRaises(CommandError):
                    self.push()
                # Then portal has in the end what is there, also what is changed after that
                for tag in tags:
                    tag.name += " changed"
                    tag.save()
                    Category.objects.create(name=tag.name)
                self.push()
                self.assertEqual(in_order(self.portal.rows), tables())
                self.assertEqual(self.marks(), [])

    def test_a_wrong_or_missing_key_is_said(self):
        Category.objects.create(name="sports")
        rows = (
            ({"PORTAL_BRIDGE_KEY": "pk_wrong"}, {}, "answered 401 invalid_token"),
            ({"PORTAL_BRIDGE_KEY": ""}, {}, "There is no API key"),
            ({"PORTAL_BRIDGE_KEY": "secret"}, {}, "has no API key of portal"),
            ({}, {"key_file": "/nonexistent/key"}, "cannot be read from PORTAL_BRIDGE['key_file']"),
        )
        for environment, members, sentence in rows:
            with self.subTest(sentence=sentence):
                self.set(**members)
                with mock.patch.dict(os.environ, environment):
                    with self.assertRaisesMessage(CommandError, sentence) as caught:
                        self.push()
                self.assertNotIn(KEY, str(caught.exception))

    def test_the_key_may_stand_in_a_file(self):
        path = os.path.join(os.environ["BRIDGE_DATA"], "key")
        with open(path, "w") as file:
            file.write(KEY + "\n")
        self.set(key_file=path)
        category = Category.objects.create(name="sports")
        with mock.patch.dict(os.environ, {"PORTAL_BRIDGE_KEY": ""}):
            self.assertEqual(self.pushed(), [("save", "newsdesk.category", category.pk)])

    def test_the_lag_is_said(self):
        self.assertIn("To send: 0 changes.", self.run_command("portal_push", status=True))
        Category.objects.create(name="sports")
        Tag.objects.create(name="x")
        PortalOutbox.objects.filter(model="newsdesk.category").update(
            marked_ms=PortalOutbox.objects.first().marked_ms - 90_000
        )
        said = self.run_command("portal_push", status=True)
        self.assertRegex(said, r"To send: 2 changes, the oldest 9\d s old. Last answered never.")
        self.assertRegex(self.push(), r"Sent 2, refused 0; to send: 0 changes")

    def test_another_address_can_be_given(self):
        self.set(url="http://127.0.0.1:9")
        Category.objects.create(name="sports")
        self.push(url=self.portal.url + "/")
        self.assertEqual(len(self.portal.applied), 1)
        with self.assertRaisesMessage(CommandError, "--url must be an http or https address"):
            self.push(url="ftp://x")


class KilledPushTest(BridgeTest):
    """Real processes, killed with SIGKILL while this one goes on changing rows."""

    def start(self, *arguments):
        environment = {
            **os.environ,
            "BRIDGE_URL": self.portal.url,
            "BRIDGE_BATCH": "3",
            "PORTAL_BRIDGE_KEY": KEY,
        }
        here = os.path.dirname(os.path.abspath(__file__))
        process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(here, "manage.py"), "portal_push", *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def check(self):
        """portal knows what the tables have, and each sequence came once."""
        self.maxDiff = None
        self.assertEqual(in_order(self.portal.rows), tables())
        sequences = [change["sequence"] for change in self.portal.applied]
        self.assertEqual(sequences, sorted(set(sequences)))
        self.assertEqual(self.marks(), [])
        self.assertEqual(PortalRefusal.objects.count(), 0)

    def test_a_push_that_is_killed_anywhere_loses_nothing_and_doubles_nothing(self):
        chance = seeded("killed anywhere")
        # Given pushes that are killed at the worst moments
        moments = ["before", "after", "answered"] * (
            20 if os.environ.get("PORTAL_TEST_LONG") else 2
        )
        for moment in moments:
            while not PortalOutbox.objects.exists():
                edit(chance)
            process = self.start()
            self.portal.kill = (moment, process)
            for _ in range(8):
                edit(chance)
            self.assertEqual(process.wait(120), -9, process.stderr.read())
            self.portal.kill = None
        # When one is left to its end
        process = self.start("--once")
        self.assertEqual(process.wait(120), 0, process.stderr.read())
        # Then
        self.check()

    def test_pushes_that_are_killed_at_random_moments_and_meet_each_other_do_no_harm(self):
        chance = seeded("killed at random")
        processes = []
        for _ in range(60 if os.environ.get("PORTAL_TEST_LONG") else 6):
            processes.append(self.start())
            try:
                processes[-1].wait(chance.uniform(0.2, 0.9))
            except subprocess.TimeoutExpired:
                pass
            # On a busy machine it takes longer until one of them pushes.
            before = len(self.portal.bodies)
            Tag.objects.create(name=name(chance))
            self.assertTrue(self.portal.wait_for_bodies(before + 1))
            for _ in range(5):
                edit(chance)
            # The one before is killed while its successor runs.
            for process in processes[:-1]:
                process.kill()
        processes[-1].kill()
        for process in processes:
            self.assertEqual(process.wait(120), -9, process.stderr.read())
        process = self.start("--once")
        self.assertEqual(process.wait(120), 0, process.stderr.read())
        self.check()

    def test_two_threads_that_save_and_a_push_meet_without_harm(self):
        chances = [seeded("two threads"), seeded("two threads")]
        failures = []

        def work(chance):
            try:
                for _ in range(15):
                    with transaction.atomic():
                        Category.objects.create(name=f"{chance.getrandbits(32):x}")
            except Exception as error:  # noqa: BLE001
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(chance,)) for chance in chances]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.push()
        for thread in threads:
            thread.join()
        self.push()
        self.assertEqual(failures, [])
        self.check()
