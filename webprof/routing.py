"""All WebSocket routes."""

from typing import Any

from django.urls import path

from profiler.consumers.bpftrace import BpftraceConsumer
from profiler.consumers.hosts import HostsConsumer
from profiler.consumers.run import RunConsumer
from profiler.consumers.watch import WatchConsumer

# Django's `path` is typed for views; Channels routes applications by it.
bpftrace: Any = BpftraceConsumer.as_asgi()
hosts: Any = HostsConsumer.as_asgi()
run: Any = RunConsumer.as_asgi()
watch: Any = WatchConsumer.as_asgi()
sockets: list[Any] = [
    path("ws/bpftrace/<uuid:run_id>/", bpftrace),
    path("ws/hosts/", hosts),
    path("ws/hosts/<str:host_id>/feeds/<str:probe>/", watch),
    path("ws/runs/<uuid:run_id>/", run),
]
