"""The server's Celery application: ingest, reconcile, uploads. Agents have their own."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
app = Celery("webprof")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["profiler"])
# Celery's "current" application is per thread; Django's threads send tasks too.
app.set_default()
