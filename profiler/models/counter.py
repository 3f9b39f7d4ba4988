"""Counters of hosts over time: blocks of steps of one length (`core/counter_block.py`)."""

from django.db import models

from profiler.models.host import Host


class CounterBlock(models.Model):
    """SLOTS steps of `step_s` from `begin_s` (Unix) on. A host has a thousand at most: 5 MB."""

    id = models.BigAutoField(primary_key=True)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="+")
    step_s = models.SmallIntegerField()
    begin_s = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("host", "step_s", "begin_s"), name="one_counter_block_each"),)
        indexes = (models.Index(fields=("step_s", "begin_s"), name="counter_blocks_by_age"),)

    def __str__(self) -> str:
        return f"{self.host_id}: {self.step_s} s from {self.begin_s}"
