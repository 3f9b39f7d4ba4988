"""The Django application."""

from importlib import import_module

from django.apps import AppConfig


class ProfilerConfig(AppConfig):
    name = "profiler"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("profiler.checks")
        import_module("profiler.catalog.follow")
