"""All WebSocket routes."""

from typing import Any

from django.urls import path

from profiler.consumers.hosts import HostsConsumer
from profiler.consumers.run import RunConsumer

# Django's `path` is typed for views; Channels routes applications by it.
hosts: Any = HostsConsumer.as_asgi()
run: Any = RunConsumer.as_asgi()
sockets: list[Any] = [path("ws/hosts/", hosts), path("ws/runs/<uuid:run_id>/", run)]
