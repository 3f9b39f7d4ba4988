"""A machine that runs an agent."""

from django.db import models


class Host(models.Model):
    """Known since its first heartbeat. `inventory` is the last heartbeat's content (see `agent/host/inventory.py`)."""

    id = models.CharField(primary_key=True, max_length=64)
    inventory = models.JSONField(default=dict)
    first_seen = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.id
