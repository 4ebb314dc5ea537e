"""The rows that the mapping reads with one: they go with it, and a change of theirs is one of it."""

from unittest import mock

from bridge_test import BridgeTest
from django.core.checks import run_checks
from django.db.models.signals import post_save, pre_delete
from newsdesk.models import Article, Category, Credit, Person, Tag
from portal_bridge import push, signals

PATHS = ["category", "tags", "credit__person"]


class RelatedTest(BridgeTest):
    def setUp(self):
        super().setUp()
        self.set(models=["newsdesk.article"], related={"newsdesk.Article": PATHS})
        for path in PATHS:
            signals.follow_related(Article, path)
            self.addCleanup(self.forget, path)

    @staticmethod
    def forget(path):
        names = path.split("__")
        for length, (_, _, target) in enumerate(signals.relation(Article, path), start=1):
            uid = f"portal_bridge.related.newsdesk.article.{'__'.join(names[:length])}"
            for signal in (post_save, pre_delete):
                signal.disconnect(sender=target, dispatch_uid=uid)

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
