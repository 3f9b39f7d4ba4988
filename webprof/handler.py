"""Django's HTTP handler with a pool of threads, each of which answers a whole request."""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.db import close_old_connections
from django.http import HttpResponseBase

# Requests that are answered at the same time; each thread keeps a connection to the database.
THREADS = 16


class PooledHandler(ASGIHandler):
    """Django's own makes a thread for each request, which opens a connection to the database, and changes between it
    and the event loop for each middleware: most of the time that a small page took.
    """

    def __init__(self) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def] # as Django's
        if scope["type"] != "http":
            raise ValueError(f"not an HTTP connection: {scope['type']}")
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: ASGIRequest) -> HttpResponseBase:  # type: ignore[override]
        return await sync_to_async(self._respond, thread_sensitive=False, executor=self._pool)(request)

    def _respond(self, request: ASGIRequest) -> HttpResponseBase:
        # The signals that Django closes them by are heard in another thread.
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
