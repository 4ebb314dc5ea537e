"""The API that the newsroom's front ends use: the same articles in each of the envelopes of REST
framework."""
import time

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import (
    CursorPagination,
    LimitOffsetPagination,
    PageNumberPagination,
)
from rest_framework.routers import DefaultRouter

from .models import Article, Category, Tag


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["name"]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["name"]


class ArticleSerializer(serializers.ModelSerializer):
    body = serializers.CharField(source="content")
    published = serializers.DateTimeField(source="pub_date", read_only=True)
    category = CategorySerializer(read_only=True)
    tags = TagSerializer(many=True, read_only=True)
    section = serializers.SlugRelatedField(
        source="category", slug_field="slug", queryset=Category.objects.all(), write_only=True
    )
    hits = serializers.SerializerMethodField()

    class Meta:
        model = Article
        fields = [
            "id",
            "headline",
            "subtitle",
            "body",
            "byline",
            "slug",
            "published",
            "category",
            "section",
            "tags",
            "hits",
        ]

    def get_hits(self, article):
        # Never twice the same: what a comparison has to learn to overlook.
        return time.time_ns() // 1000


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class Offsets(LimitOffsetPagination):
    default_limit = 20
    max_limit = 100


class Cursors(CursorPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ["-pub_date", "-id"]


class ArticleViewSet(viewsets.ModelViewSet):
    serializer_class = ArticleSerializer
    pagination_class = Pages
    filter_backends = [OrderingFilter]
    ordering_fields = ["published", "headline", "id"]

    def get_queryset(self):
        articles = (
            Article.objects.public()
            .select_related("author", "category")
            .prefetch_related("tags")
            .annotate(
                published=F("pub_date"),
                signed=Concat("author__first_name", Value(" "), "author__last_name"),
            )
        )
        filters = {"category": "category__slug", "tag": "tags__name", "author": "signed"}
        for name, column in filters.items():
            if wanted := self.request.query_params.get(name):
                articles = articles.filter(**{column: wanted})
        return articles

    def perform_create(self, serializer):
        serializer.save(author=self.request.user)


class OffsetViewSet(ArticleViewSet):
    pagination_class = Offsets


class CursorViewSet(ArticleViewSet):
    pagination_class = Cursors
    filter_backends = []


class ArrayViewSet(ArticleViewSet):
    pagination_class = None


router = DefaultRouter()
router.register("articles", ArticleViewSet, "api-article")
router.register("offset/articles", OffsetViewSet, "api-offset")
router.register("cursor/articles", CursorViewSet, "api-cursor")
router.register("array/articles", ArrayViewSet, "api-array")
urls = [path("auth-token/", obtain_auth_token), path("", include(router.urls))]
if settings.HAS_JWT:
    from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

    urls += [
        path("token/", TokenObtainPairView.as_view()),
        path("token/refresh/", TokenRefreshView.as_view()),
    ]
