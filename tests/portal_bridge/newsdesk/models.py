"""A model of each kind whose changes Django tells of in another way."""

import uuid

from django.db import models


class Category(models.Model):
    name = models.TextField()


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)


class Person(models.Model):
    name = models.CharField(max_length=50)
    colleagues = models.ManyToManyField("self")


class Article(models.Model):
    headline = models.CharField(max_length=200)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True)
    tags = models.ManyToManyField(Tag)
    people = models.ManyToManyField(Person, through="Credit")


class ArticleProxy(Article):
    class Meta:
        proxy = True


class Report(Article):
    """Has a table of its own beside Article's."""

    place = models.CharField(max_length=50)


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
