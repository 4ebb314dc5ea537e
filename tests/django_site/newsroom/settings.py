"""Settings as a newsroom would have them in production. What a test varies comes from the
environment: NEWSROOM_DATA (folder of the database and the uploads), NEWSROOM_HOSTS,
NEWSROOM_TRUSTED_ORIGINS (both lists with commas), NEWSROOM_BEHIND_TLS, NEWSROOM_FORWARDED_HOST,
NEWSROOM_SSL_REDIRECT (1 or nothing), NEWSROOM_SESSIONS (db or signed_cookies). The file
`portal_bridge.json` in the data folder, if there is one, has the settings of portal_bridge."""
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import django

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("NEWSROOM_DATA", BASE_DIR / "data"))


def switched_on(name):
    return os.environ.get(name) == "1"


def listed(name, default=""):
    return [entry for entry in os.environ.get(name, default).split(",") if entry]


def installed(module):
    return find_spec(module) is not None


DEBUG = False
SECRET_KEY = "for-tests-only-and-of-no-other-use-0123456789-abcdefghij"
ALLOWED_HOSTS = listed("NEWSROOM_HOSTS", "localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = listed("NEWSROOM_TRUSTED_ORIGINS")
USE_X_FORWARDED_HOST = switched_on("NEWSROOM_FORWARDED_HOST")
SECURE_SSL_REDIRECT = switched_on("NEWSROOM_SSL_REDIRECT")
if switched_on("NEWSROOM_BEHIND_TLS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SESSION_ENGINE = "django.contrib.sessions.backends." + os.environ.get("NEWSROOM_SESSIONS", "db")
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"

HAS_WAGTAIL = installed("wagtail")
HAS_JWT = installed("rest_framework_simplejwt")

INSTALLED_APPS = [
    "news",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.redirects",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
]
if HAS_WAGTAIL:
    INSTALLED_APPS += [
        "wagtail.contrib.forms",
        "wagtail.contrib.redirects",
        "wagtail.embeds",
        "wagtail.sites",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.search",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
        "django_filters",
    ]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.redirects.middleware.RedirectFallbackMiddleware",
]

if (DATA / "portal_bridge.json").exists():
    sys.path.append(str(BASE_DIR.parent.parent / "integrations/django/portal_bridge"))
    INSTALLED_APPS.append("portal_bridge")
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1,
        "portal_bridge.auth.PortalMiddleware",
    )
    PORTAL_BRIDGE = json.loads((DATA / "portal_bridge.json").read_text())

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
ASGI_APPLICATION = "newsroom.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "db.sqlite3",
        "OPTIONS": {"timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_TZ = True
if django.VERSION < (4, 0):
    USE_L10N = True

STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
LOGIN_URL = "/admin/login/"

# The upload page takes any size: it reads pieces and keeps none.
DATA_UPLOAD_MAX_MEMORY_SIZE = None
FILE_UPLOAD_TEMP_DIR = DATA

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        *(["rest_framework_simplejwt.authentication.JWTAuthentication"] if HAS_JWT else []),
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
WAGTAIL_SITE_NAME = "Newsroom"
WAGTAILADMIN_BASE_URL = "http://localhost"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # It says where it listens.
    "loggers": {"daphne": {"level": "INFO"}},
}
