"""HTTP to Django, WebSockets to the consumers."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup(set_prefix=False)  # what is imported below needs that

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from profiler.api.auth import knows_caller  # noqa: E402
from profiler.debugfiles.storage import MAX_DEBUG_FILE_BYTES  # noqa: E402
from profiler.ingest.upload import MAX_UPLOAD_BYTES  # noqa: E402
from webprof.body_limit import BodyLimit  # noqa: E402
from webprof.handler import PooledHandler  # noqa: E402
from webprof.routing import sockets  # noqa: E402
from webprof.static_app import StaticApp  # noqa: E402

# The file, and the form's other fields and boundaries around it.
UPLOAD_LIMITS = {
    "/api/v1/profiles": MAX_UPLOAD_BYTES + 2**20,
    "/api/v1/debug-files": MAX_DEBUG_FILE_BYTES + 2**20,
}

application = ProtocolTypeRouter(
    {
        "http": StaticApp(
            BodyLimit(PooledHandler(), UPLOAD_LIMITS, knows_caller), settings.STATIC_ROOT, settings.STATIC_URL
        ),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(sockets))),
    }
)
