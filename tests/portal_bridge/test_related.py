"""The rows that the mapping reads with one: they go with it, and a change of theirs is one of it."""

import json
import tempfile
import threading
from importlib.util import find_spec
from unittest import mock, skipIf, skipUnless

from bridge_test import BridgeTest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import DataError, connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from newsdesk.models import (
    Article,
    ArticleProxy,
    Category,
    Credit,
    Desk,
    Dossier,
    Essay,
    LongReport,
    Person,
    PersonProxy,
    Report,
    Tag,
    Writer,
)
from portal_bridge import push, rows, signals
from portal_bridge.models import PortalOutbox
from portal_bridge.outbox import mark, mark_those
from wagtailcore.models import Page, PageViewRestriction

PATHS = ["category", "tags", "credit__person"]


class HearingTest(BridgeTest):
    """What is followed in a test is forgotten after it."""

    def setUp(self):
        super().setUp()
        for signal in (pre_save, post_save, pre_delete, post_delete, m2m_changed):
            self.addCleanup(self.restore, signal, list(signal.receivers))

    @staticmethod
    def restore(signal, receivers):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()

    def follow(self, **settings):
        """Nothing else, as at the start of a site with these settings."""
        self.set(**{"models": [], "owned_by_portal": [], "related": {}, **settings})
        for signal in (pre_save, post_save, pre_delete, post_delete, m2m_changed):
            self.restore(signal, [])
        signals.connect()

    def forget(self):
        PortalOutbox.objects.all().delete()

    def marked(self, change):
        """Labels and keys of what is marked by that change, each once."""
        self.forget()
        change()
        return set(self.marks())

    def related(self, row):
        """Labels and keys of what goes with that row."""
        self.forget()
        self.portal.applied.clear()
        row.save()
        self.push()
        label = row._meta.label_lower
        change = [one for one in self.portal.applied if one["model"] == label][-1]
        return sorted((one["model"], one["pk"]) for one in change["related"])


class NamedInTextTest(HearingTest):
    """Wagtail's StreamFields and rich text name rows by keys within a text."""

    def test_what_a_text_names_goes_with_the_row(self):
        self.follow(models=["newsdesk.Article"])
        sport, gone = Category.objects.create(name="Sport"), Category.objects.create(name="x")
        article = Article.objects.create(headline=f"{sport.pk} {gone.pk} {sport.pk}")
        lost = gone.pk
        gone.delete()

        def extract_references(text):
            for key in text.split():
                yield Category, key, "", ""

        field = Article._meta.get_field("headline")
        with mock.patch.object(field, "extract_references", extract_references, create=True):
            self.assertEqual(self.related(article), [("newsdesk.category", sport.pk)])
        self.assertIn(str(lost), article.headline)
        self.assertEqual(self.related(article), [])


class RelatedTest(HearingTest):
    def setUp(self):
        super().setUp()
        self.follow_paths(*PATHS)

    def follow_paths(self, *paths):
        self.follow(models=["newsdesk.article"], related={"newsdesk.Article": paths})

    def article(self):
        article = Article.objects.create(
            headline="Storm", category=Category.objects.create(name="sports")
        )
        article.tags.set([Tag.objects.create(name="sea")])
        Credit.objects.create(article=article, person=Person.objects.create(name="Ann"))
        self.push()
        self.portal.applied.clear()
        return article

    def test_they_go_with_the_row_each_once(self):
        article = self.article()
        article.save()
        self.push()
        change = [one for one in self.portal.applied if one["model"] == "newsdesk.article"][-1]
        related = sorted((one["model"], one["fields"].get("name")) for one in change["related"])
        self.assertEqual(
            related,
            [
                ("newsdesk.category", "sports"),
                ("newsdesk.credit", None),
                ("newsdesk.person", "Ann"),
                ("newsdesk.tag", "sea"),
            ],
        )

    def test_a_change_of_theirs_is_one_of_the_row(self):
        article = self.article()
        for row in (article.category, article.tags.get(), Person.objects.get(), Credit.objects.get()):
            row.save()
            with self.subTest(row=row):
                self.assertIn(("save", "newsdesk.article", article.pk), self.pushed())
        Category.objects.create(name="other")
        self.assertNotIn(("save", "newsdesk.article", article.pk), self.pushed())

    def test_so_is_their_end(self):
        article = self.article()
        Credit.objects.get().delete()
        self.push()
        change = [one for one in self.portal.applied if one["model"] == "newsdesk.article"][-1]
        self.assertNotIn("newsdesk.person", [one["model"] for one in change["related"]])
        article.tags.get().delete()
        self.assertIn(("save", "newsdesk.article", article.pk), self.pushed())

    def test_a_row_with_too_many_is_kept_as_a_refusal(self):
        article = self.article()
        article.save()
        with mock.patch.object(push, "RELATED_MAX", 2):
            self.push()
        self.assertEqual(self.refusals()[-1], ("newsdesk.article", str(article.pk), "unreadable"))

    def test_wrong_paths_are_told(self):
        for related in (
            {"newsdesk.Article": ["headline"]},
            {"newsdesk.Article": ["category__nothing"]},
            {"newsdesk.Unfollowed": ["name"]},
            {"newsdesk.Article": "category"},
            ["newsdesk.Article"],
        ):
            self.set(models=["newsdesk.article"], related=related)
            with self.subTest(related=related):
                self.assertTrue(
                    [found for found in run_checks() if found.id.startswith("portal_bridge.E")]
                )

    def test_a_row_that_is_saved_as_its_proxy_or_its_child_is_heard(self):
        key = ("newsdesk.article", str(self.article().pk))
        person = Person.objects.get()
        self.assertEqual(self.marked(PersonProxy.objects.get(pk=person.pk).save), {key})
        writer = Writer.objects.create(name="Bea", beat="sea")
        Credit.objects.create(article_id=key[1], person=writer)
        self.assertEqual(self.marked(writer.save), {key})
        self.assertEqual(self.marked(writer.delete), {key})

    def test_a_row_that_points_back_and_moves_is_a_change_of_both(self):
        article, other = self.article(), Article.objects.create(headline="Calm")
        credit = Credit.objects.get()
        credit.article = other
        keys = {("newsdesk.article", str(row.pk)) for row in (article, other)}
        self.assertEqual(self.marked(credit.save), keys)

    def test_a_new_row_is_no_change_of_those_that_have_none(self):
        Article.objects.create(headline="Calm")
        self.assertEqual(self.marked(lambda: Category.objects.create(name="new")), set())

    def test_links_of_a_list_that_others_have_are_heard(self):
        self.follow_paths("dossier")
        article = self.article()
        key = ("newsdesk.article", str(article.pk))
        dossier = Dossier.objects.create()
        for change in (
            lambda: dossier.articles.add(article),
            lambda: article.dossier_set.remove(dossier),
            lambda: article.dossier_set.add(dossier),
            dossier.articles.clear,
        ):
            self.assertEqual(self.marked(change), {key})
        self.assertEqual(self.marked(lambda: dossier.articles.set([])), set())

    def test_links_of_a_later_step_are_heard(self):
        self.follow_paths("credit__person__colleagues")
        key = ("newsdesk.article", str(self.article().pk))
        person, colleague = Person.objects.get(), Person.objects.create(name="Bea")
        for change in (
            lambda: person.colleagues.add(colleague),
            lambda: colleague.colleagues.remove(person),
            lambda: colleague.colleagues.add(person),
            colleague.colleagues.clear,
        ):
            self.assertEqual(self.marked(change), {key})

    def test_links_that_are_rows_of_the_site_s_own_are_heard(self):
        for paths in (["people"], ["credit__person"]):
            self.follow_paths(*paths)
            article, other = self.article(), Article.objects.create(headline="Calm")
            key, both = ("newsdesk.article", str(article.pk)), {
                ("newsdesk.article", str(row.pk)) for row in (article, other)
            }
            person = Person.objects.create(name="Bea")
            with self.subTest(paths=paths):
                self.assertEqual(self.marked(lambda: article.people.add(person)), {key})
                credit = Credit.objects.get(person=person)
                credit.article = other
                self.assertEqual(self.marked(credit.save), both)
                self.assertEqual(self.marked(other.people.clear), both - {key})
            Tag.objects.all().delete()

    def test_rows_that_come_to_another_while_it_changes_are_not_missed(self):
        # Given rows that lead nowhere while others change
        self.follow_paths("category", "tags", "credit__person__colleagues")
        article = Article.objects.create(headline="Storm")
        category, tag = Category.objects.create(name="sports"), Tag.objects.create(name="sea")
        person, colleague = (Person.objects.create(name=name) for name in ("Ann", "Bea"))
        through = Article.tags.through
        credit = Credit(article=article, person=person)
        rows = (
            (category.save, lambda: Article.objects.update(category=category)),
            (tag.save, lambda: through.objects.bulk_create([through(article=article, tag=tag)])),
            (lambda: person.colleagues.add(colleague), lambda: Credit.objects.bulk_create([credit])),
            (colleague.save, lambda: None),
            (colleague.delete, lambda: Credit.objects.update(article=article)),
        )
        self.set(batch=1)
        for number, (change, come) in enumerate(rows):
            with self.subTest(number=number):
                self.push()
                change()
                # When they come by a transaction that the first did not see, which sends no signal
                come()
                # Then they are told of
                self.assertIn(("save", "newsdesk.article", article.pk), self.pushed())

    @skipIf(connection.vendor == "sqlite", "one transaction at a time")
    def test_transactions_that_meet_leave_nothing_as_it_was(self):
        # Given a category that somebody is renaming
        category = Category.objects.create(name="before")
        article = Article.objects.create(headline="Storm")
        begun, go = threading.Event(), threading.Event()

        def rename():
            with transaction.atomic():
                Category(pk=category.pk, name="after").save()
                begun.set()
                go.wait(60)
            connection.close()

        thread = threading.Thread(target=rename)
        thread.start()
        begun.wait(60)
        # When an article comes to it, and is pushed, before that is committed
        article.category = category
        article.save()
        self.push()
        go.set()
        thread.join()
        self.push()
        # Then portal has it with the new name in the end
        told = [one["related"] for one in self.portal.applied if one["pk"] == article.pk]
        names = [related[0]["fields"]["name"] for related in told if related]
        self.assertEqual(names, ["before", "after"])

    def test_a_lookup_that_makes_no_sense_any_more_holds_up_nothing(self):
        article = self.article()
        PortalOutbox.objects.create(model="newsdesk.gone", lookup="x", row="1")
        PortalOutbox.objects.create(model="newsdesk.article", lookup="gone__pk", row="1")
        PortalOutbox.objects.create(model="newsdesk.article", lookup="category__pk", row="x")
        article.category.save()
        secret = "0123456789abcdef"
        PortalOutbox.objects.create(model="newsdesk.article", lookup="category__pk", row=secret)
        with self.assertLogs("portal_bridge", "WARNING") as logs:
            self.assertEqual(self.pushed(), [("save", "newsdesk.article", article.pk)])
        self.assertEqual(len(logs.output), 4)
        self.assertNotIn(secret, "".join(logs.output))
        self.assertEqual(self.marks(), [])

    def test_a_lookup_that_fails_in_whatever_way_holds_up_nothing_and_leaves_no_part(self):
        # Given a mark whose look-up breaks off after it has marked a row
        article = self.article()

        def break_off(model, lookup, value, database, **more):
            if value != "of another":
                return mark_those(model, lookup, value, database, **more)
            mark(model, ["999"], database)
            raise error("of another")

        for error in (DataError, TypeError, OverflowError, AttributeError, FieldError):
            PortalOutbox.objects.create(
                model="newsdesk.article", lookup="category__pk", row="of another"
            )
            article.category.save()
            # Then it is dropped with what it has marked, and the next one is sent
            with (
                self.subTest(error=error),
                mock.patch.object(push, "mark_those", side_effect=break_off),
                self.assertLogs("portal_bridge", "WARNING") as logs,
            ):
                self.assertEqual(self.pushed(), [("save", "newsdesk.article", article.pk)])
            self.assertEqual(len(logs.output), 1)
            self.assertEqual(self.marks(), [])

    def test_a_key_that_is_not_the_primary_one_is_followed(self):
        self.follow_paths("desk")
        desk = Desk.objects.create(code="sea")
        article = Article.objects.create(headline="Storm", desk=desk)
        self.assertEqual(self.marked(desk.save), {("newsdesk.article", str(article.pk))})

    def test_related_rows_of_another_database_are_none_of_these(self):
        article = self.article()
        self.set(database="archive")
        with mock.patch.object(signals, "mark") as mark:
            article.category.save()
        self.assertFalse(mark.called)

    def test_a_login_of_an_author_is_no_change_of_the_articles(self):
        self.follow_paths("author")
        user = User.objects.create_user("ann", password="old")
        article = Article.objects.create(headline="Storm", author=user)
        for fields in (["last_login"], ["password"], ["last_login", "password"]):
            self.assertEqual(self.marked(lambda: user.save(update_fields=fields)), set())
        key = ("newsdesk.article", str(article.pk))
        self.assertEqual(self.marked(lambda: user.save(update_fields=["last_name"])), {key})
        self.assertEqual(self.marked(user.save), {key})

    def test_a_login_is_no_change_of_the_account_and_a_password_is(self):
        self.follow(models=["auth.User"])
        user = User.objects.create_user("ann", password="old")
        key = ("auth.user", str(user.pk))
        self.assertEqual(self.marked(lambda: user.save(update_fields=["last_login"])), set())
        self.assertEqual(self.marked(lambda: user.save(update_fields=["password"])), {key})
        self.assertEqual(self.marked(user.save), {key})

    def test_a_proxy_goes_by_the_name_of_what_it_stands_for(self):
        proxy = PersonProxy.objects.create(name="Ann")
        self.assertEqual(rows.record_of(proxy)["model"], "newsdesk.person")
        person = Person.objects.get()
        with mock.patch.object(rows, "_step", return_value=[proxy, person]):
            found = rows.related_of(Article.objects.create(headline="a"), ["category"], 10)
        self.assertEqual(len(found), 1)

    def test_no_more_rows_are_read_than_may_go_with_one(self):
        self.follow_paths("credit__person")
        article = self.article()
        for number in range(20):
            person = Person.objects.create(name=str(number))
            Credit.objects.create(article=article, person=person)
        read, from_db = [], Credit.from_db
        counted = classmethod(lambda _, *values: read.append(values) or from_db(*values))
        with mock.patch.object(Credit, "from_db", counted), self.assertRaises(OverflowError):
            rows.related_of(article, ["credit"], 5)
        self.assertLessEqual(len(read), 6)

    def test_what_is_too_large_is_not_written_down_to_its_end(self):
        self.follow_paths("credit__person")
        article = self.article()
        for number in range(20):
            Credit.objects.create(article=article, person=Person.objects.create(name="x" * 50))
        self.set(body_bytes_max=1024)
        self.forget()
        article.save()
        with mock.patch.object(push, "record_of", wraps=push.record_of) as written:
            self.push()
        self.assertEqual(self.refusals()[-1], ("newsdesk.article", str(article.pk), "too_large"))
        self.assertLess(written.call_count, 20)


class ParentsTest(HearingTest):
    def test_a_parent_s_row_that_is_saved_alone_is_a_change_of_its_child(self):
        report = LongReport.objects.create(headline="a", place="here")
        self.follow(models=["newsdesk.LongReport"])
        key = ("newsdesk.longreport", str(report.pk))
        for kind in (Article, ArticleProxy, Report, LongReport):
            with self.subTest(kind=kind):
                self.forget()
                kind.objects.get().save()
                self.assertEqual(self.marks(), [key])
        self.assertEqual(self.marked(lambda: Article.objects.create(headline="b")), set())
        self.assertEqual(self.marked(Article.objects.get(pk=report.pk).delete), {key})

    def test_so_is_a_list_of_its_parent(self):
        report = LongReport.objects.create(headline="a", place="here")
        self.follow(models=["newsdesk.LongReport"])
        tag = Tag.objects.create(name="x")
        key = ("newsdesk.longreport", str(report.pk))
        self.assertEqual(self.marked(lambda: report.tags.add(tag)), {key})
        self.assertEqual(self.marked(tag.article_set.clear), {key})

    def test_all_its_parents_go_with_a_row(self):
        self.follow(models=["newsdesk.LongReport"])
        report = LongReport.objects.create(headline="a", place="here")
        self.assertEqual(
            self.related(report), [("newsdesk.article", report.pk), ("newsdesk.report", report.pk)]
        )


class PagesTest(HearingTest):
    def setUp(self):
        super().setUp()
        self.follow(models=["wagtailcore.Page", "newsdesk.Essay"])
        self.root, self.area, self.other = (
            Page.objects.create(path=path) for path in ("0001", "00010001", "00010002")
        )
        self.essay = Essay.objects.create(path="000100010001", text="a")

    def restrict(self, page):
        restriction = PageViewRestriction.objects.create(page=page)
        return ("wagtailcore.pageviewrestriction", restriction.pk), ("wagtailcore.page", page.pk)

    def test_what_restricts_a_page_goes_with_it_and_nothing_else_does(self):
        own = ("wagtailcore.page", self.essay.pk)
        above = [*self.restrict(self.root), *self.restrict(self.area)]
        self.restrict(self.other)
        itself = self.restrict(Page.objects.get(pk=self.essay.pk))[0]
        self.assertEqual(self.related(self.essay), sorted([own, *above, itself]))

    def test_and_with_a_page_of_no_other_kind(self):
        self.assertEqual(self.related(self.area), [])
        restriction, page = self.restrict(self.root)
        self.assertEqual(self.related(self.area), sorted([restriction, page]))
        self.assertEqual(self.related(self.root), [restriction])

    def test_a_page_that_comes_below_while_that_is_said_is_not_missed(self):
        self.push()
        self.restrict(self.area)
        page = Page.objects.bulk_create([Page(path="000100010002")])[0]
        page = Page.objects.get(path=page.path)
        self.assertIn(("save", "wagtailcore.page", page.pk), self.pushed())

    def test_a_restriction_is_a_change_of_all_pages_below(self):
        below = {
            ("wagtailcore.page", str(self.area.pk)),
            ("wagtailcore.page", str(self.essay.pk)),
            ("newsdesk.essay", str(self.essay.pk)),
        }
        self.assertEqual(self.marked(lambda: self.restrict(self.area)), below)
        self.assertEqual(self.marked(PageViewRestriction.objects.get().delete), below)

    def test_loaddata_may_bring_one_before_its_page(self):
        row = {"model": "wagtailcore.pageviewrestriction", "pk": 7, "fields": {"page": 77}}
        page = {"model": "wagtailcore.page", "pk": 77, "fields": {"path": "000100010003"}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as dump:
            json.dump([row, page], dump)
            dump.flush()
            below = self.marked(lambda: call_command("loaddata", dump.name, verbosity=0))
        self.assertEqual(below, {("wagtailcore.page", "77")})

    def test_they_count_among_the_rows_that_go_with_one(self):
        self.restrict(self.root)
        self.restrict(self.area)
        self.forget()
        self.essay.save()
        with mock.patch.object(push, "RELATED_MAX", 4):
            self.push()
        self.assertEqual(self.refusals(), [("newsdesk.essay", str(self.essay.pk), "unreadable")])


class TokenTest(HearingTest):
    @skipUnless(find_spec("rest_framework"), "This test is skipped: no REST framework.")
    def test_a_token_goes_with_its_owner_who_has_changed_when_it_comes_and_goes(self):
        from rest_framework.authtoken.models import Token

        ann = User.objects.create_user("ann")
        owner = ("auth.user", str(ann.pk))
        self.follow(models=["auth.User"], related={"auth.User": ["auth_token"]})

        self.assertEqual(self.marked(lambda: Token.objects.create(user=ann)), {owner})
        self.assertEqual(self.related(ann), [("authtoken.token", Token.objects.get().key)])
        self.assertEqual(self.marked(lambda: Token.objects.get().delete()), {owner})
        self.assertEqual(self.related(User.objects.get()), [])

    @skipUnless(find_spec("rest_framework"), "This test is skipped: no REST framework.")
    def test_the_key_of_a_token_is_in_no_mark(self):
        from rest_framework.authtoken.models import Token

        ann, ben = User.objects.create_user("ann"), User.objects.create_user("ben")
        self.follow(models=["auth.User"], related={"auth.User": ["auth_token"]})
        token = Token.objects.create(user=ann)
        token.user = ben
        token.save()
        token.delete()

        marked = PortalOutbox.objects.order_by("id").values_list("row", flat=True)
        owners = [ann.pk, ann.pk, ben.pk, ben.pk]  # made, moved from one to another, deleted
        self.assertEqual(list(marked), [str(key) for key in owners])
