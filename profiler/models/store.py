"""Rows of the profile store (`profiler/catalog` is the only one to touch them)."""

from django.db import models


class StoreSubject(models.Model):
    """A service with a kind and unit of values."""

    id = models.AutoField(primary_key=True)
    service = models.CharField(max_length=255)
    kind = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("service", "kind", "unit"), name="one_subject_each"),)

    def __str__(self) -> str:
        return f"{self.service}: {self.kind}"


class StoreSeries(models.Model):
    """A set of labels of a subject with a period. `key` is a hash of all."""

    id = models.AutoField(primary_key=True)
    subject = models.ForeignKey(StoreSubject, on_delete=models.CASCADE, related_name="series")
    labels = models.JSONField()
    key = models.BigIntegerField(unique=True)
    # Rates differ, and only time can be added: values stay counts, and are multiplied when they are asked for.
    period_ns = models.BigIntegerField(default=0, help_text="CPU time of each counted sample; 0: values are no samples")

    def __str__(self) -> str:
        return f"series {self.pk}"


class StoreSeen(models.Model):
    """The key of a kept profile, so that it is kept once. An integer key: SQLite stores it in a dozen bytes."""

    key = models.BigIntegerField(primary_key=True)
    day = models.IntegerField(db_index=True)
    profile = models.BigIntegerField(default=0, db_index=True, help_text="hash of the recording's id")

    def __str__(self) -> str:
        return f"profile {self.key}"


class StoreDeletion(models.Model):
    """A kept profile that has to leave the store: its recording was deleted."""

    key = models.BigIntegerField(primary_key=True)
    day = models.IntegerField()

    def __str__(self) -> str:
        return f"deletion of {self.key}"


class StoreHot(models.Model):
    """A kept profile on its way into a segment."""

    id = models.BigAutoField(primary_key=True)
    key = models.BigIntegerField()
    subject = models.IntegerField()
    series = models.IntegerField()
    day = models.IntegerField()
    ts_ms = models.BigIntegerField()
    duration_ms = models.BigIntegerField()
    total = models.BigIntegerField()
    stacks = models.IntegerField()
    data = models.BinaryField()
    # Written down before it is sent to a server, so that the same rows are sent again if need be. 0: it waits.
    batch = models.BigIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=("day", "subject"), name="hot_by_day"),
            models.Index(fields=("batch",), name="hot_on_their_way", condition=~models.Q(batch=0)),
        )

    def __str__(self) -> str:
        return f"hot profile {self.pk}"


class StoreSegment(models.Model):
    """A Parquet file. Unlisted ones are only kept for questions that are still reading them."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    day = models.IntegerField()
    level = models.IntegerField()
    path = models.CharField(max_length=255, unique=True)
    t_min = models.BigIntegerField()
    t_max = models.BigIntegerField()
    subject_min = models.IntegerField()
    subject_max = models.IntegerField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    crc32 = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    unlisted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("day", "kind"), name="segments_by_day"),)

    def __str__(self) -> str:
        return self.path


class StoreState(models.Model):
    """The one row that every change of the segments counts up: who read another number was overtaken."""

    id = models.IntegerField(primary_key=True)
    generation = models.BigIntegerField(default=0)
    identity = models.CharField(max_length=32, default="", help_text="what an object store says that it belongs to")

    def __str__(self) -> str:
        return f"generation {self.generation}"
