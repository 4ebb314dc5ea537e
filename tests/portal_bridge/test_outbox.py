"""Which changes are marked, and when."""

import io
import json
from unittest import mock

from bridge_test import BridgeTest, seeded
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import transaction
from edits import edit, tables
from newsdesk.models import (
    Article,
    ArticleProxy,
    Brief,
    Category,
    Credit,
    Desk,
    Person,
    Photo,
    Report,
    Tag,
    Unfollowed,
)
from portal_bridge.models import PortalOutbox
from portal_bridge.rows import key_json


class OutboxTest(BridgeTest):
    def forget(self):
        PortalOutbox.objects.all().delete()

    def test_a_change_that_was_rolled_back_leaves_nothing(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            Category.objects.create(name="sports")
            1 / 0
        with transaction.atomic():
            Category.objects.create(name="politics")
            with self.assertRaises(ZeroDivisionError), transaction.atomic():
                Category.objects.create(name="in a savepoint")
                1 / 0
        kept = Category.objects.get()
        self.assertEqual(self.marks(), [("newsdesk.category", str(kept.pk))])

    def test_a_save_and_its_mark_are_one_transaction_also_where_nobody_began_one(self):
        # Given a site that saves a row outside of any transaction
        self.assertFalse(transaction.get_connection().in_atomic_block)
        # When the mark cannot be written
        with (
            mock.patch("portal_bridge.signals.mark", side_effect=OSError),
            self.assertRaises(OSError),
        ):
            Category.objects.create(name="sports")
        # Then the row is not there either
        self.assertFalse(Category.objects.exists())

    def test_all_kinds_of_saving_and_deleting_are_marked(self):
        category = Category.objects.create(name="sports")
        key = ("newsdesk.category", str(category.pk))
        Category.objects.update_or_create(pk=category.pk, defaults={"name": "politics"})
        category.save(update_fields=["name"])
        self.assertEqual(self.marks(), [key] * 3)
        self.forget()
        Category.objects.filter(pk=category.pk).delete()
        self.assertEqual(self.marks(), [key])
        self.forget()
        Unfollowed.objects.create(name="x").delete()
        self.assertEqual(self.marks(), [])

    def test_rows_that_go_with_another_are_marked_too(self):
        category = Category.objects.create(name="sports")
        article = Article.objects.create(headline="a", category=category)
        keys = {("newsdesk.category", str(category.pk)), ("newsdesk.article", str(article.pk))}
        self.forget()
        category.delete()
        self.assertEqual(set(self.marks()), keys)

    def test_the_end_of_a_row_is_marked_at_those_that_list_it_or_point_to_it(self):
        # Given rows of which Django changes others when it deletes them, and tells nobody
        desk, user = Desk.objects.create(code="sea"), User.objects.create_user("ann")
        tags = [Tag.objects.create(name=name) for name in "xyz"]
        person, colleague = (Person.objects.create(name=name) for name in "ab")
        person.colleagues.add(colleague)
        article = Article.objects.create(headline="a", desk=desk, author=user)
        article.tags.set(tags)
        report = Report.objects.create(headline="b", place="here", author=user)
        report.tags.set(tags)
        Article.objects.create(headline="without any")
        of_article, of_parent = (("newsdesk.article", str(row.pk)) for row in (article, report))
        of_report = ("newsdesk.report", str(report.pk))
        deleted = {("newsdesk.tag", str(tag.pk)) for tag in tags}
        both = {("newsdesk.person", str(row.pk)) for row in (person, colleague)}
        rows = (
            (tags[0].delete, {of_article, of_parent, of_report}),
            (Tag.objects.all().delete, {of_article, of_parent, of_report}),
            (desk.delete, {of_article}),
            (user.delete, {of_article, of_parent, of_report}),
            (colleague.delete, both),
        )
        for number, (delete, marked) in enumerate(rows):
            with self.subTest(number=number):
                self.forget()
                delete()
                self.assertEqual(set(self.marks()) - deleted, marked)

    def test_whatever_a_transaction_changes_is_marked_in_it(self):
        chance = seeded("all is marked")
        before = tables()
        for number in range(150):
            self.forget()
            edit(chance)
            after = tables()
            differing = {key for key in {*before, *after} if before.get(key) != after.get(key)}
            with self.subTest(number=number):
                self.assertLessEqual(differing, self.marked_as_json())
            before = after

    def marked_as_json(self):
        """What is marked, as tables() names it."""
        return {(label, json.dumps(key_json(label, row))) for label, row in self.marks()}

    def test_a_proxy_is_marked_as_what_it_stands_for(self):
        proxy = ArticleProxy.objects.create(headline="a")
        self.assertEqual(self.marks(), [("newsdesk.article", str(proxy.pk))])

    def test_a_child_marks_the_row_of_its_parent_first(self):
        report = Report.objects.create(headline="a", place="here")
        both = [("newsdesk.article", str(report.pk)), ("newsdesk.report", str(report.pk))]
        self.assertEqual(self.marks(), both)
        self.forget()
        report.delete()
        self.assertEqual(set(self.marks()), set(both))

    def test_a_list_is_marked_at_the_row_that_has_it_from_whichever_side(self):
        one, two = (Article.objects.create(headline=name) for name in "ab")
        tag, other = (Tag.objects.create(name=name) for name in "xy")
        first, second = (("newsdesk.article", str(row.pk)) for row in (one, two))
        rows = (
            (lambda: one.tags.add(tag), [first]),
            (lambda: one.tags.add(tag), []),
            (lambda: tag.article_set.add(two), [second]),
            (lambda: tag.article_set.remove(two), [second]),
            (lambda: one.tags.set([other]), [first, first]),
            (lambda: two.tags.set([other]), [second]),
            (lambda: other.article_set.clear(), [first, second]),
            (lambda: one.tags.clear(), []),
            (lambda: one.tags.add(tag), [first]),
            (lambda: one.tags.clear(), [first]),
        )
        for number, (change, marked) in enumerate(rows):
            with self.subTest(number=number):
                self.forget()
                change()
                self.assertEqual(sorted(self.marks()), marked)

    def test_a_list_of_a_parent_is_marked_at_it_and_its_child(self):
        report = Report.objects.create(headline="a", place="here")
        tag = Tag.objects.create(name="x")
        self.forget()
        report.tags.add(tag)
        both = {("newsdesk.article", str(report.pk)), ("newsdesk.report", str(report.pk))}
        self.assertEqual(set(self.marks()), both)

    def test_a_symmetrical_list_is_marked_at_both_rows(self):
        one, two = (Person.objects.create(name=name) for name in "ab")
        both = {("newsdesk.person", str(one.pk)), ("newsdesk.person", str(two.pk))}
        for change in (
            lambda: one.colleagues.add(two),
            lambda: two.colleagues.clear(),
            lambda: two.colleagues.add(one),
            lambda: one.colleagues.remove(two),
        ):
            self.forget()
            change()
            self.assertEqual(set(self.marks()), both)

    def test_links_that_are_rows_of_the_site_s_own_are_marked_as_such(self):
        article, person = Article.objects.create(headline="a"), Person.objects.create(name="a")
        self.forget()
        article.people.add(person, through_defaults={"part": "photo"})
        added = ("newsdesk.credit", str(Credit.objects.get().pk))
        self.assertEqual(self.marks(), [added])
        self.forget()
        person.article_set.remove(article)
        self.assertEqual(self.marks(), [added])
        article.people.add(person)
        added = ("newsdesk.credit", str(Credit.objects.get().pk))
        self.forget()
        article.people.clear()
        self.assertEqual(self.marks(), [added])

    def test_what_sends_no_signal_is_marked_by_command(self):
        # Given changes that Django tells nobody of
        Category.objects.bulk_create([Category(name=str(number)) for number in range(1203)])
        Category.objects.update(name="x")
        self.assertEqual(self.marks(), [])
        # When all, and then some are marked
        said = self.run_command("portal_mark", "newsdesk.Category", all=True)
        # Then they are sent, also one that is gone
        self.assertIn("Marked 1203 rows of newsdesk.Category.", said)
        keys = [str(key) for key in Category.objects.order_by("pk").values_list("pk", flat=True)]
        self.assertEqual([row for _, row in self.marks()], keys)
        self.forget()
        self.run_command("portal_mark", "newsdesk.Category", keys[7], "999999")
        self.assertEqual(
            self.pushed(),
            [
                ("save", "newsdesk.category", int(keys[7])),
                ("delete", "newsdesk.category", 999999),
            ],
        )

    def test_a_mark_that_makes_no_sense_is_refused_in_a_sentence(self):
        rows = (
            (["newsdesk.Category"], {}, "Give keys, or --all."),
            (["newsdesk.Category", "1"], {"all": True}, "Give keys, or --all."),
            (["newsdesk.Category", "x"], {}, "That is no key of newsdesk.Category"),
            (["newsdesk.Unfollowed", "1"], {}, "PORTAL_BRIDGE does not name newsdesk.unfollowed."),
            (["newsdesk.Nothing", "1"], {}, "newsdesk"),
            (["x", "1"], {}, "'x' is no label of a model"),
        )
        for arguments, options, sentence in rows:
            with self.subTest(arguments=arguments):
                with self.assertRaisesMessage(CommandError, sentence):
                    self.run_command("portal_mark", *arguments, **options)
        self.assertEqual(self.marks(), [])

    def test_rows_of_loaddata_are_marked_each_once(self):
        # The child comes last; a parent's row that comes after it is a change of the child, too.
        report = Report(pk=5, headline="a", place="here")
        text = serializers.serialize("json", [Article(pk=5, headline="a"), report])
        with mock.patch("sys.stdin", io.StringIO(text)):
            call_command("loaddata", "-", format="json", verbosity=0)
        self.assertEqual(
            sorted(self.marks()), [("newsdesk.article", "5"), ("newsdesk.report", "5")]
        )

    def test_a_row_that_a_manager_hides_is_sent_and_not_taken_for_gone(self):
        photo = Photo.objects.create(hidden=True)
        self.assertEqual(self.pushed(), [("save", "newsdesk.photo", str(photo.pk))])

    def test_what_portal_owns_is_never_sent(self):
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            brief = Brief.objects.create(text="mine")
            brief.tags.add(Tag.objects.create(name="x"))
        self.assertIn("is overwritten by portal", logs.output[0])
        self.assertEqual({model for model, _ in self.marks()}, {"newsdesk.tag"})
