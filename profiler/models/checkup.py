"""The 60-second check of some hosts, and what came of it on each."""

import uuid

from django.conf import settings
from django.db import models

from profiler.core.checkup import Checkup as Report
from profiler.models.host import Host
from profiler.models.job import Run


class Checkup(models.Model):
    """`since_ms`: when it began, by the clock of Redis."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="checkups")
    seconds = models.FloatField()
    since_ms = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"checkup {self.id}"

    @property
    def is_final(self) -> bool:
        return all(host.is_final for host in self.hosts.all())


class HostCheckup(models.Model):
    """`data` is a core.checkup.Checkup as JSON, once there is one. `no_run`: why the CPUs were not sampled."""

    checkup = models.ForeignKey(Checkup, on_delete=models.CASCADE, related_name="hosts")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="checkups")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="checkups")
    no_run = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("host_id",)
        constraints = (models.UniqueConstraint(fields=("checkup", "host"), name="one_checkup_of_a_host"),)

    def __str__(self) -> str:
        return f"checkup of {self.host_id}"

    @property
    def is_final(self) -> bool:
        return self.data is not None

    @property
    def report(self) -> Report | None:
        return None if self.data is None else Report.model_validate(self.data)
