from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles.views import serve as serve_static
from django.urls import include, path, re_path
from django.views.static import serve as serve_file

from news import api, views

urlpatterns = [
    path("", views.front_page),
    path("articles/<slug:slug>/", views.article_page, name="article"),
    path("contact/", views.contact),
    path("upload/", views.upload),
    path("download/lines-<int:size>.txt", views.download),
    path("moved/relative/", views.moved_relative),
    path("moved/absolute/", views.moved_absolute),
    path("stream/", views.stream),
    path("events/", views.events),
    path("whoami/", views.whoami),
    path("portal/whoami/", views.who_has_logged_in),
    path("cookies/", views.cookies),
    path("slow/", views.slow),
    path("status/<int:code>/", views.status),
    path("broken/", views.broken),
    path("api/", include(api.urls)),
    path("admin/", admin.site.urls),
    # DEBUG is off, so this needs to be said: a newsroom leaves these two to its web server.
    re_path(r"^static/(?P<path>.*)$", serve_static, {"insecure": True}),
    re_path(r"^media/(?P<path>.*)$", serve_file, {"document_root": settings.MEDIA_ROOT}),
]
if settings.HAS_WAGTAIL:
    from wagtail import urls as wagtail_urls
    from wagtail.admin import urls as wagtail_admin_urls

    urlpatterns += [path("cms/", include(wagtail_admin_urls)), path("pages/", include(wagtail_urls))]
