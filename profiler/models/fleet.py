"""What is wanted of all hosts: continuous profiling by plan, services by rule; and who changed what."""

from django.conf import settings
from django.db import models


class ContinuousPlan(models.Model):
    """Hosts that fit `selector` profile continuously, or don't. Of the plans that fit a host the first one counts."""

    id = models.AutoField(primary_key=True)
    position = models.IntegerField(db_index=True)
    selector = models.TextField(blank=True)
    on = models.BooleanField(default=True)
    frequency = models.PositiveSmallIntegerField()
    length_s = models.PositiveSmallIntegerField()
    labels = models.JSONField(default=dict)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.selector or "every host"


class ServiceRule(models.Model):
    """Processes that fit are of a service. Of the rules that fit a process the first one counts.

    `source` and `variable` say what is looked at, `pattern` must fit all of it, `service` may hold `\\1`.
    """

    id = models.AutoField(primary_key=True)
    position = models.IntegerField(db_index=True)
    source = models.CharField(max_length=16)
    variable = models.CharField(max_length=64, blank=True)
    pattern = models.CharField(max_length=256)
    service = models.CharField(max_length=255)
    selector = models.TextField(blank=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.variable or self.source} ~ {self.pattern}"


class Change(models.Model):
    """Somebody changed what concerns the whole team. Rows are only added. `before`, `after`: null where nothing was."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    user_name = models.CharField(max_length=150)
    what = models.CharField(max_length=32)
    name = models.CharField(max_length=300)
    action = models.CharField(max_length=16)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.user_name} {self.action} {self.what} {self.name}"


class Upkeep(models.Model):
    """One sort of work that workers do again and again: its last round, its last round that did something, its last
    failure.
    """

    work = models.CharField(primary_key=True, max_length=32)
    ran_at = models.DateTimeField()
    took_s = models.FloatField()
    outcome = models.CharField(max_length=16)
    message = models.CharField(max_length=500, blank=True)
    worked_at = models.DateTimeField(null=True)
    worked = models.CharField(max_length=500, blank=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.work}: {self.outcome}"
