"""Makes the Celery application the current one wherever Django is: hosts import `webprof.cli` without either."""

from importlib import import_module

from django.apps import AppConfig


class WebprofConfig(AppConfig):
    name = "webprof"

    def ready(self) -> None:
        import_module("webprof.celery")
