"""A model of each kind whose changes Django tells of in another way."""

import uuid

from django.conf import settings
from django.db import models
from wagtailcore.models import Page


class Category(models.Model):
    name = models.TextField()


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)


class Person(models.Model):
    name = models.CharField(max_length=50)
    colleagues = models.ManyToManyField("self")


class PersonProxy(Person):
    class Meta:
        proxy = True


class Writer(Person):
    """Has a table of its own beside Person's."""

    beat = models.CharField(max_length=50)


class Desk(models.Model):
    code = models.CharField(max_length=10, unique=True)


class Article(models.Model):
    headline = models.CharField(max_length=200)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True)
    tags = models.ManyToManyField(Tag)
    people = models.ManyToManyField(Person, through="Credit")
    desk = models.ForeignKey(Desk, models.SET_NULL, null=True, to_field="code")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)


class ArticleProxy(Article):
    class Meta:
        proxy = True


class Report(Article):
    """Has a table of its own beside Article's."""

    place = models.CharField(max_length=50)


class LongReport(Report):
    """A child of a child."""

    parts = models.IntegerField(default=1)


class Dossier(models.Model):
    articles = models.ManyToManyField(Article)


class Essay(Page):
    text = models.TextField()


class Credit(models.Model):
    article = models.ForeignKey(Article, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    part = models.CharField(max_length=20, default="text")


class Photo(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    taken = models.DateTimeField(null=True)
    hidden = models.BooleanField(default=False)

    class Shown(models.Manager):
        def get_queryset(self):
            return super().get_queryset().filter(hidden=False)

    objects = Shown()


class Brief(models.Model):
    """Owned by portal."""

    text = models.CharField(max_length=200)
    source = models.CharField(max_length=20, unique=True, null=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True)
    tags = models.ManyToManyField(Tag)


class Note(models.Model):
    """Owned by portal too."""

    brief = models.ForeignKey(Brief, on_delete=models.CASCADE)


class Unfollowed(models.Model):
    name = models.CharField(max_length=50)
