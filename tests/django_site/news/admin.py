from django.contrib import admin

from .models import Article, Category, Message, Tag


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["headline", "category", "author", "status", "pub_date"]
    list_filter = ["status", "category"]
    search_fields = ["headline"]
    filter_horizontal = ["tags"]
    prepopulated_fields = {"slug": ["headline"]}


admin.site.register([Category, Tag, Message])
