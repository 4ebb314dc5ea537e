"""What the bridge knows of Wagtail: pages in a tree, and who may see which of them."""

from django.db import models


class Page(models.Model):
    path = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=50)
    steplen = 4


class PageViewRestriction(models.Model):
    page = models.ForeignKey(Page, on_delete=models.CASCADE)
