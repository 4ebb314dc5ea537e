import json
from datetime import timezone

from django.core.management.base import BaseCommand

from news.models import Article

BATCH = 500


def text_of(moment):
    return moment and moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


class Command(BaseCommand):
    help = (
        "Writes the articles as the JSON lines that `portal import news` takes. With --plant N "
        "every Nth headline is another one than here, for who wants to find differences."
    )

    def add_arguments(self, parser):
        parser.add_argument("--plant", type=int, default=0)

    def handle(self, plant, **options):
        articles = Article.objects.select_related("author", "category").prefetch_related("tags")
        articles = articles.order_by("pk")
        # Not iterator(): before Django 4.1 it asks for the tags of each article alone.
        for first in range(0, articles.count(), BATCH):
            for article in articles[first : first + BATCH]:
                self.stdout.write(json.dumps(self.line(article, plant)))

    def line(self, article, plant):
        planted = plant and article.pk % plant == 0
        return {
            "source_id": article.pk,
            "news_type": article.category.slug,
            "title": article.headline + (" (planted)" if planted else ""),
            "description": article.summary,
            "content": article.content,
            "author": article.byline,
            "tags": [tag.name for tag in article.tags.all()],
            "status": article.status,
            "published_at": text_of(article.pub_date),
            "created_at": text_of(article.created),
            "updated_at": text_of(article.modified),
            "slug": article.slug,
            "extra": {"subtitle": article.subtitle},
        }
