from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.redirects.models import Redirect
from django.core.management.base import BaseCommand
from django.db import transaction

from news.models import Article, Category, Tag
from news.samples import AUTHORS, CATEGORIES, TAGS, sample

BATCH = 500


class Command(BaseCommand):
    help = "Fills an empty newsroom: people, categories, tags, redirects, a picture, N articles."

    def add_arguments(self, parser):
        parser.add_argument("--articles", type=int, default=100)

    @transaction.atomic
    def handle(self, articles, **options):
        authors = self.make_people()
        categories = Category.objects.bulk_create(
            [Category(pk=pk, name=name, slug=name) for pk, name in enumerate(CATEGORIES, 1)]
        )
        tags = Tag.objects.bulk_create([Tag(pk=pk, name=name) for pk, name in enumerate(TAGS, 1)])
        for first in range(1, articles + 1, BATCH):
            numbers = range(first, min(first + BATCH, articles + 1))
            self.make_articles([sample(number) for number in numbers], authors, categories, tags)
        Redirect.objects.create(site_id=1, old_path="/old-contact/", new_path="/contact/")
        Redirect.objects.create(site_id=1, old_path="/gone/", new_path="")
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / "picture.bin").write_bytes(bytes(range(256)) * 1024)

    def make_people(self):
        """An admin and an editor who can log in, and the authors, who cannot."""
        User = get_user_model()
        User.objects.create_superuser("admin", "admin@example.org", "admin-password")
        editor = User.objects.create_user(
            "editor", "editor@example.org", "editor-password", is_staff=True
        )
        # Wagtail has made one of that name.
        editor.groups.add(Group.objects.get_or_create(name="Editors")[0])
        authors = [
            User(username=login, first_name=first, last_name=last, email=f"{login}@example.org")
            for login, first, last in AUTHORS
        ]
        for author in authors:
            author.set_unusable_password()
            author.save()
        return authors

    def make_articles(self, samples, authors, categories, tags):
        links = []
        rows = []
        for article in samples:
            links += [
                Article.tags.through(article_id=article["pk"], tag_id=tags[index].pk)
                for index in article.pop("tags")
            ]
            article["author"] = authors[article["author"]]
            article["category"] = categories[article["category"]]
            rows.append(Article(**article))
        Article.objects.bulk_create(rows)
        Article.tags.through.objects.bulk_create(links)
