"""What to record, and one execution of it on one host."""

import uuid

from django.conf import settings
from django.db import models

from profiler.core.channel import RunState
from profiler.core.spec import RecordingSpec
from profiler.models.host import Host

FINAL_STATES = sorted(state.value for state in RunState if state.final)


class Job(models.Model):
    """A recording somebody asked for. `spec` is a RecordingSpec as JSON."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    spec = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"job {self.id}"

    @property
    def recording(self) -> RecordingSpec:
        return RecordingSpec.model_validate(self.spec)


class Run(models.Model):
    """One execution of a job on one host. `state` follows the agent's reports; a final state never changes.

    Two exceptions: `given_up` is a failure the server only guessed from silence, so a final report of the agent
    replaces it; and a run reported as done whose profile could not be stored becomes failed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="runs")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RunState], default=RunState.QUEUED)
    message = models.CharField(max_length=2000, blank=True)
    elapsed_s = models.FloatField(default=0)
    samples = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    given_up = models.BooleanField(default=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            # Two runs at once on one host would disturb each other; the database decides races.
            models.UniqueConstraint(
                fields=("host",), condition=~models.Q(state__in=FINAL_STATES), name="one_active_run_per_host"
            ),
        )

    def __str__(self) -> str:
        return f"run {self.id} on {self.host_id}"

    @property
    def is_final(self) -> bool:
        return RunState(self.state).final
