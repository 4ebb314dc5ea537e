"""The site with portal_bridge, which `--pythonpath` finds: portal owns the articles."""
from .settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "portal_bridge"]  # noqa: F405
# Where portal is says `--url`.
PORTAL_BRIDGE = {"url": "http://127.0.0.1:9", "owned_by_portal": ["news.Article"]}
