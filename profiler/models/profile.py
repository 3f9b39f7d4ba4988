"""A stored profile: facts to list and filter by, and its batch."""

from django.conf import settings
from django.db import models

from profiler.models.host import Host
from profiler.models.job import Run


class StoredProfile(models.Model):
    """`id` is the UUIDv7 of the batch, so storing one twice is impossible. The batch itself is in `ProfileData`."""

    id = models.UUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profiles")
    run = models.OneToOneField(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="profile")
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="profiles")
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=32, help_text="recording, or the format of the uploaded file")
    kind = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    started_at = models.DateTimeField(null=True, blank=True)
    duration_s = models.FloatField(default=0)
    period_ns = models.PositiveBigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    samples = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)
    unknown = models.PositiveBigIntegerField(default=0)
    partial = models.BooleanField(default=False, help_text="the host went away: this is what arrived")
    labels = models.JSONField(default=dict)
    quality = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    time = models.DateTimeField(db_index=True, help_text="started_at, or when it was stored: what lists sort by")
    indexed = models.BooleanField(default=False, help_text="what lacks names in it is listed as UnnamedModule")
    revision = models.PositiveIntegerField(default=0, help_text="grows when debug files change the names in it")

    class Meta:
        ordering = ("-time", "-id")

    def __str__(self) -> str:
        return self.title


class ProfileData(models.Model):
    """The compressed batch, apart from the facts so that lists never load it.

    `batch` stays as it was recorded, addresses and all; `named` is the same with names from debug files, where those
    have some, and is made anew from `batch` when a better file comes. `overview` is the first picture of what is shown
    (query/tree.py), made again with the names; without one it is made when it is asked for.
    """

    profile = models.OneToOneField(StoredProfile, primary_key=True, on_delete=models.CASCADE, related_name="data")
    batch = models.BinaryField()
    named = models.BinaryField(null=True)
    overview = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"data of {self.profile_id}"
