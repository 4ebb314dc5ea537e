"""What is taken from portal, and what is not."""

from unittest import mock

from bridge_test import BridgeTest
from django.core.management import CommandError
from django.db import OperationalError
from django.db.models.signals import post_save
from newsdesk.models import Brief, Category, Note, Tag
from portal_bridge import loop, pull
from portal_bridge.models import PortalOutbox, PortalOverwrite, PortalRefusal, PortalState


def brief(pk, **fields):
    made = {"text": "from portal", "source": None, "category": None, "tags": [], **fields}
    return {"model": "newsdesk.brief", "pk": pk, "fields": made}


class PullTest(BridgeTest):
    def feed(self, *records):
        for made in records:
            change = {"operation": "save", "model": made["model"], "pk": made["pk"]}
            self.portal.add_to_feed(**change, record=made)

    def position(self):
        return PortalState.objects.get().position

    def test_changes_of_portal_are_upserted_and_sent_to_nobody(self):
        # Given a row that is there, one that is not, and one to delete
        category, tag = Category.objects.create(name="sports"), Tag.objects.create(name="x")
        self.feed(brief(1), brief(2), brief(3))
        self.pull()
        self.feed(brief(1, text="anew", category=category.pk, tags=[tag.pk]))
        self.portal.add_to_feed(operation="delete", model="newsdesk.brief", pk=2)
        self.portal.add_to_feed(operation="delete", model="newsdesk.brief", pk=999)
        self.feed({"model": "newsdesk.note", "pk": 7, "fields": {"brief": 3}})
        PortalOutbox.objects.all().delete()
        # When they are pulled
        with self.assertNoLogsOf("is overwritten"):
            self.pull()
        # Then the tables have them
        self.assertEqual(
            list(Brief.objects.order_by("pk").values_list("pk", "text", "category")),
            [(1, "anew", category.pk), (3, "from portal", None)],
        )
        self.assertEqual(list(Brief.objects.get(pk=1).tags.all()), [tag])
        self.assertEqual(Note.objects.get().brief_id, 3)
        self.assertEqual((self.position(), self.refusals()), (7, []))
        # And nothing goes back
        self.assertEqual(self.marks(), [])
        self.assertFalse(PortalOverwrite.objects.exists())
        self.assertEqual(self.pushed(), [])

    def assertNoLogsOf(self, text):
        test = self

        class Watch:
            def __enter__(self):
                self.patch = mock.patch("portal_bridge.outbox.log.warning")
                self.warning = self.patch.start()

            def __exit__(self, *_):
                self.patch.stop()
                said = [call for call in self.warning.call_args_list if text in call.args[0]]
                test.assertEqual(said, [])

        return Watch()

    def test_what_goes_with_a_row_of_portal_s_is_not_taken_for_a_change_of_somebody_s(self):
        self.feed(brief(1), {"model": "newsdesk.note", "pk": 7, "fields": {"brief": 1}})
        self.portal.add_to_feed(operation="delete", model="newsdesk.brief", pk=1)
        with self.assertNoLogsOf("is overwritten"):
            self.pull()
        self.assertEqual((Brief.objects.count(), Note.objects.count()), (0, 0))
        self.assertFalse(PortalOverwrite.objects.exists())

    def test_what_the_site_itself_does_because_of_a_change_is_sent(self):
        # Given a handler of the site's own that changes a row that Django owns
        category = Category.objects.create(name="sports")
        PortalOutbox.objects.all().delete()

        def count(sender, instance, **_):
            Category.objects.get(pk=category.pk).save()

        post_save.connect(count, sender=Brief)
        self.addCleanup(post_save.disconnect, count, sender=Brief)
        self.feed(brief(1))
        self.pull()
        self.assertEqual(self.pushed(), [("save", "newsdesk.category", category.pk)])

    def test_what_cannot_be_taken_is_kept_and_passed_over(self):
        unknown = brief(2)
        unknown["fields"]["colour"] = "red"
        other = brief(8)
        other["pk"] = 9
        self.feed(brief(1, source="wire"), unknown, brief(3, source="wire"), brief(4, tags=["x"]))
        self.feed({"model": "newsdesk.tag", "pk": 5, "fields": {"name": "x"}})
        self.portal.add_to_feed(operation="save", model="newsdesk.brief", pk=6)
        self.portal.add_to_feed(operation="merge", model="newsdesk.brief", pk=7)
        self.portal.add_to_feed(operation="save", model="newsdesk.brief", pk=8, record=other)
        self.portal.add_to_feed(operation="save", model="newsdesk.brief", pk="x", record=brief("x"))
        self.portal.feed.append({"position": 10})
        self.feed(brief(20))
        with self.assertLogs("portal_bridge", "WARNING"):
            self.pull()
        self.assertEqual(set(Brief.objects.values_list("pk", flat=True)), {1, 20})
        self.assertEqual(
            self.refusals(),
            [
                ("newsdesk.brief", "2", "not_taken"),
                ("newsdesk.brief", "3", "integrity_error"),
                ("newsdesk.brief", "4", "not_taken"),
                ("newsdesk.tag", "5", "not_owned_by_portal"),
                ("newsdesk.brief", "6", "not_in_portal"),
                ("newsdesk.brief", "7", "malformed"),
                ("newsdesk.brief", "8", "malformed"),
                ("newsdesk.brief", "x", "not_taken"),
                ("", "", "malformed"),
            ],
        )
        self.assertEqual(self.position(), 11)

    def test_what_portal_says_of_a_change_is_passed_on(self):
        # Given a row that portal does not know, one that it cannot say all of, and how old they are
        why = {"record": None, "message": "Make django.base anew."}
        self.portal.add_to_feed(operation="save", model="newsdesk.brief", pk=1, **why)
        self.portal.add_to_feed(
            operation="save", model="newsdesk.brief", pk=2, record=brief(2), kept=["tags", "slug"]
        )
        self.portal.lag_s = 7
        # When they are pulled
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            said = self.pull()
        # Then that is told
        self.assertIn("Taken 1, refused 1, the oldest 7 s old.", said)
        self.assertIn("no rule of portal's can say tags, slug", "".join(logs.output))
        self.assertEqual(PortalRefusal.objects.get().message, "Make django.base anew.")

    def test_a_key_that_leads_nowhere_holds_up_nothing(self):
        # SQLite, as PostgreSQL, looks at foreign keys at the end of a transaction.
        self.feed(brief(1), {"model": "newsdesk.note", "pk": 7, "fields": {"brief": 99}}, brief(2))
        self.pull()
        self.assertEqual(Brief.objects.count(), 2)
        self.assertEqual(self.refusals(), [("newsdesk.note", "7", "integrity_error")])
        self.assertEqual(self.position(), 3)

    def test_a_row_that_the_site_protects_is_kept(self):
        category = Category.objects.create(name="sports")
        Brief.objects.bulk_create([Brief(pk=1, text="x", category=category)])
        self.set(owned_by_portal=["newsdesk.category"])
        self.portal.add_to_feed(operation="delete", model="newsdesk.category", pk=category.pk)
        self.pull()
        self.assertTrue(Category.objects.exists())
        self.assertEqual([code for _, _, code in self.refusals()], ["integrity_error"])

    def test_refused_changes_are_fetched_again_when_they_can_be_taken(self):
        Brief.objects.bulk_create([Brief(pk=1, text="x", source="wire")])
        self.feed(brief(2, source="wire"))
        self.pull()
        self.assertEqual(self.refusals(), [("newsdesk.brief", "2", "integrity_error")])
        Brief.objects.filter(pk=1).update(source=None)
        self.portal.current[("newsdesk.brief", "2")] = brief(2, source="wire", text="newest")
        self.pull(retry_refused=True)
        self.assertEqual(Brief.objects.get(pk=2).text, "newest")
        self.assertEqual(self.refusals(), [])

    def test_a_change_of_somebody_else_is_overwritten(self):
        # Given a row of portal's that an editor changes in Django, and one that he deletes
        self.feed(brief(1), brief(2))
        self.pull()
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            row = Brief.objects.get(pk=1)
            row.text = "by an editor"
            row.save()
            row.save()
            Brief.objects.get(pk=2).delete()
        self.assertIn(
            "newsdesk.brief 1 was changed here, and is overwritten by portal", logs.output[0]
        )
        self.portal.current = {("newsdesk.brief", str(pk)): brief(pk) for pk in (1, 2)}
        # When it is pulled
        self.pull()
        # Then they are as portal has them, each was asked for once, and nothing was sent
        self.assertEqual(
            set(Brief.objects.values_list("pk", "text")), {(1, "from portal"), (2, "from portal")}
        )
        self.assertEqual(len(self.portal.asked("/v1/migration/feed/newsdesk.brief/1")), 1)
        self.assertFalse(PortalOverwrite.objects.exists())
        self.assertEqual(self.pushed(), [])

    def test_a_row_that_portal_does_not_have_is_left_and_told_of(self):
        with self.assertLogs("portal_bridge", "WARNING"):
            Brief.objects.create(pk=5, text="made here")
        self.pull()
        self.assertEqual(Brief.objects.get().text, "made here")
        self.assertEqual(self.refusals(), [("newsdesk.brief", "5", "not_in_portal")])
        self.assertFalse(PortalOverwrite.objects.exists())

    def test_what_is_changed_whenever_it_is_fetched_is_fetched_once_a_round(self):
        # Given a task of the site that saves a row as soon as it sees it change
        self.feed(brief(1))
        self.pull()
        self.portal.current[("newsdesk.brief", "1")] = brief(1)
        Brief.objects.get(pk=1).save()
        real = pull.Puller._take_one

        def meanwhile(self_, change, position):
            Brief.objects.get(pk=1).save()
            return real(self_, change, position)

        # When it is pulled, then each round fetches the row once and forgets no change
        with mock.patch.object(pull.Puller, "_take_one", meanwhile):
            for rounds in (1, 2):
                self.pull()
                asked = self.portal.asked("/v1/migration/feed/newsdesk.brief/1")
                self.assertEqual(len(asked), rounds)
                self.assertEqual(PortalOverwrite.objects.count(), 1)
        self.pull()
        self.assertFalse(PortalOverwrite.objects.exists())

    def test_a_long_feed_comes_in_pages(self):
        self.feed(*(brief(pk) for pk in range(1, 251)))
        self.pull()
        self.assertEqual(Brief.objects.count(), 250)
        self.assertEqual(len(self.portal.asked("/v1/migration/feed")), 4)

    def test_a_page_that_is_too_large_is_asked_for_in_parts(self):
        self.set(answer_bytes_max=3000)
        self.feed(*(brief(pk, text="x" * 150) for pk in range(1, 31)))
        self.pull()
        self.assertEqual(Brief.objects.count(), 30)
        self.feed(brief(31, text="x" * 4000))
        with self.assertRaisesMessage(CommandError, "after position 30 is larger than"):
            self.pull()

    def test_a_page_and_the_position_are_one(self):
        # Given a process that dies right before the position is written
        self.feed(brief(1), brief(2))
        with mock.patch("portal_bridge.state.keep", side_effect=KeyboardInterrupt):
            self.pull()
        self.assertEqual((Brief.objects.count(), self.position()), (0, 0))
        self.pull()
        self.assertEqual((Brief.objects.count(), self.position()), (2, 2))

    def test_a_database_that_fails_is_no_fault_of_the_row(self):
        self.feed(brief(1))
        failing = mock.patch.object(pull, "find", side_effect=OperationalError("locked"))
        self.portal.add_to_feed(operation="delete", model="newsdesk.brief", pk=1)
        with failing, self.assertRaisesMessage(CommandError, "locked Nothing is lost"):
            self.pull()
        self.assertEqual((self.position(), self.refusals()), (0, []))
        self.pull()
        self.assertEqual((self.position(), Brief.objects.count()), (2, 0))

    def test_it_can_go_on_from_another_position(self):
        self.feed(brief(1), brief(2))
        self.pull(after=1)
        self.assertEqual(list(Brief.objects.values_list("pk", flat=True)), [2])
        self.pull(after=0)
        self.assertEqual(Brief.objects.count(), 2)

    def test_trouble_is_waited_out_and_an_odd_answer_ends_it(self):
        self.feed(brief(1))
        self.portal.failures = [(503, {}, None), "close"]

        class Stop(Exception):
            pass

        def wait(seconds):
            self.waits.append(seconds)
            if len(self.waits) == 3:
                raise Stop

        with mock.patch.object(loop, "wait", wait), self.assertRaises(Stop):
            self.run_command("portal_pull")
        self.assertEqual(Brief.objects.count(), 1)
        rows = (
            ((200, {}, {"changes": [], "next": 0}), "after position 1 comes 0"),
            ((200, {}, {"changes": [{}], "next": 1}), "after position 1 comes 1"),
            ((200, {}, {"changes": {}, "next": 2}), "has not the form of portal's"),
            ((403, {}, {"error": "forbidden", "message": "No."}), "answered 403 forbidden: No."),
        )
        for answer, sentence in rows:
            with self.subTest(sentence=sentence):
                self.portal.failures = [answer]
                with self.assertRaisesMessage(CommandError, sentence):
                    self.run_command("portal_pull")

    def test_how_far_it_is_is_said(self):
        self.feed(brief(1))
        self.pull()
        Brief.objects.get().save()
        said = self.run_command("portal_pull", status=True)
        self.assertRegex(said, r"up to position 1; to fetch again: 1 change, the oldest \d s old.")
        self.assertIn("Refused by pull: 0.", said)

    def test_a_site_where_portal_owns_nothing_pulls_nothing(self):
        self.set(owned_by_portal=[])
        with self.assertRaisesMessage(CommandError, "names no model"):
            self.pull()

    def test_a_model_can_change_its_owner_in_the_settings(self):
        # Given a model that both lists name: portal owns it
        self.set(owned_by_portal=["newsdesk.Tag"])
        Tag.objects.create(name="x")
        self.assertEqual(self.marks(), [])
        # When it is Django's again
        self.set(owned_by_portal=[])
        tag = Tag.objects.create(name="y")
        self.assertEqual(self.pushed(), [("save", "newsdesk.tag", tag.pk)])
