"""bpftrace programs that people ran: who, what, where, when, and what came of it."""

import uuid

from django.conf import settings
from django.db import models

from profiler.core.channel import RunState
from profiler.models.job import FINAL_STATES


class BpftraceProgram(models.Model):
    """Kept as a record of who ran what: it outlives its owner's account, and its results (bpftrace/retention.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField(max_length=150)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    duration_s = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.title or self.text[:60]


class BpftraceRun(models.Model):
    """A program on one host. `state` follows the agent's reports; `given_up`: only silence says that it ended.

    `host` is a name, not a row: the record stays when a host is forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(BpftraceProgram, on_delete=models.CASCADE, related_name="runs")
    host = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RunState], default=RunState.QUEUED)
    message = models.CharField(max_length=2000, blank=True)
    elapsed_s = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    given_up = models.BooleanField(default=False)

    class Meta:
        ordering = ("host",)
        constraints = (
            models.UniqueConstraint(
                fields=("host",), condition=~models.Q(state__in=FINAL_STATES), name="one_active_program_per_host"
            ),
        )

    def __str__(self) -> str:
        return f"bpftrace run {self.id} on {self.host}"

    @property
    def is_final(self) -> bool:
        return RunState(self.state).final


class BpftraceResults(models.Model):
    """What a run said, as its agent sent it (core/bpftrace/results.py): apart, so that lists never load it."""

    run = models.OneToOneField(BpftraceRun, primary_key=True, on_delete=models.CASCADE, related_name="results")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"results of {self.run_id}"
