"""A link that opens one profile without a login."""

import uuid

from django.conf import settings
from django.db import models

from profiler.models.profile import StoredProfile

MAX_VIEW_STATE = 4000  # a query string that every browser and proxy still takes


class Share(models.Model):
    """The link's token is shown once; only its SHA-256 is kept, so a stolen database opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(StoredProfile, on_delete=models.CASCADE, related_name="shares")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)
    view_state = models.CharField(max_length=MAX_VIEW_STATE, blank=True, help_text="query string the link opens with")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"share of {self.profile_id}"
