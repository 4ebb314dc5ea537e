from django.apps import AppConfig


class PortalBridgeConfig(AppConfig):
    name = "portal_bridge"
    verbose_name = "portal bridge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import checks, logout, signals  # noqa: F401: checks register themselves

        signals.connect()
        logout.connect()
