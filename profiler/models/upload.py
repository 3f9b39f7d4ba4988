"""A file somebody sent to be read as a profile."""

import uuid

from django.conf import settings
from django.db import models

from profiler.models.profile import StoredProfile


class Upload(models.Model):
    """Parsed by a worker, never by the web process. The file is deleted when it is done or refused."""

    class State(models.TextChoices):
        QUEUED = "queued"
        READING = "reading"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=255)
    title = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    message = models.CharField(max_length=2000, blank=True)
    profiles = models.ManyToManyField(StoredProfile, related_name="uploads", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name
