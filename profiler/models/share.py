"""Links that open one thing without a login."""

import uuid

from django.conf import settings
from django.db import models

from profiler.models.checkup import Checkup
from profiler.models.profile import StoredProfile

MAX_VIEW_STATE = 4000  # a query string that every browser and proxy still takes


class SecretLink(models.Model):
    """The link's token is shown once; only its SHA-256 is kept, so a stolen database opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)ss")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="empty: it opens until it is revoked")
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("-created_at",)


class Share(SecretLink):
    """Opens a profile."""

    profile = models.ForeignKey(StoredProfile, on_delete=models.CASCADE, related_name="shares")
    view_state = models.CharField(max_length=MAX_VIEW_STATE, blank=True, help_text="query string the link opens with")

    def __str__(self) -> str:
        return f"share of {self.profile_id}"


class CheckupShare(SecretLink):
    """Opens the report of a 60-second check, and the CPU profiles that are part of it."""

    checkup = models.ForeignKey(Checkup, on_delete=models.CASCADE, related_name="shares")

    def __str__(self) -> str:
        return f"share of {self.checkup_id}"
