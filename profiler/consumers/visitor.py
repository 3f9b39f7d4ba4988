"""Who is behind a socket, as of now: a socket may outlive a right."""

from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser, User

from profiler.access import Visitor

# WebSocket close codes of our own (4000-4999): 404 and 403 as HTTP has them, for what the handshake can't say.
NOT_FOUND = 4404
# 1011 of RFC 6455: the server met an unexpected condition. Browsers come back later.
UNAVAILABLE = 1011


@database_sync_to_async
def visitor(scope: Any) -> Visitor:
    """The user of the socket's session, read anew; anonymous when the account is gone."""
    user = scope.get("user")
    key = getattr(user, "pk", None)
    return User.objects.filter(pk=key).first() or AnonymousUser() if key else AnonymousUser()
