"""What people wrote about a function of a profile."""

import uuid

from django.conf import settings
from django.db import models

from profiler.models.profile import StoredProfile

MAX_NOTE = 2000  # characters: a paragraph beside a graph; what is longer belongs in a ticket, and a link to it here


class Note(models.Model):
    """A note is pinned to a function, its name and module as the profile's frames have them, wherever it was called.

    `text` is plain. Nobody checks that the profile has the function: debug files may name it otherwise tomorrow.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(StoredProfile, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    name = models.TextField()
    module = models.TextField(blank=True)
    text = models.CharField(max_length=MAX_NOTE)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"note on {self.name[:100]} in {self.profile_id}"
