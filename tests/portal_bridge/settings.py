"""Of the site that the bridge is tested in. BRIDGE_DATA is the folder of its database; BRIDGE_URL,
where portal answers, is for the processes that tests start."""

import os
from importlib.util import find_spec
from pathlib import Path

SECRET_KEY = "for-tests-only"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "wagtailcore",
    "newsdesk",
    "portal_bridge",
]
if find_spec("rest_framework"):
    INSTALLED_APPS.append("rest_framework.authtoken")
# The models of the tests have no migrations, and their keys lead to these.
MIGRATION_MODULES = dict.fromkeys(("auth", "authtoken", "contenttypes", "sessions"))
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
if find_spec("cryptography"):
    MIDDLEWARE.append("portal_bridge.auth.PortalMiddleware")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(os.environ["BRIDGE_DATA"]) / "db.sqlite3"),
        "OPTIONS": {"timeout": 60},
        # Tests start processes that look at the same file, so it is no database in memory.
        "TEST": {"NAME": str(Path(os.environ["BRIDGE_DATA"]) / "db.sqlite3")},
    }
}
if os.environ.get("BRIDGE_POSTGRES"):  # the folder of its socket
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["BRIDGE_POSTGRES"],
        "NAME": "postgres" if "BRIDGE_URL" not in os.environ else "test_postgres",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"": {"handlers": ["nowhere"]}},
}
ROOT_URLCONF = "newsdesk.urls"
ALLOWED_HOSTS = ["*"]
PORTAL_BRIDGE = {
    "url": os.environ.get("BRIDGE_URL", "http://127.0.0.1:9"),
    "models": [
        "newsdesk.Category",
        "newsdesk.Tag",
        "newsdesk.Article",
        "newsdesk.Report",
        "newsdesk.Credit",
        "newsdesk.Person",
        "newsdesk.Photo",
    ],
    "owned_by_portal": ["newsdesk.Brief", "newsdesk.Note"],
    "batch": int(os.environ.get("BRIDGE_BATCH", "200")),
    "poll_s": 0.05,
    "users_by": ["legacy_id", "login", "email"],
}
