"""What histograms counted while somebody watched, kept for a week."""

from django.db import models

from profiler.models.host import Host


class HistogramBlock(models.Model):
    """Batches of one feed, in their order (core/histogram_block.py).

    `feed` is `core.feed_channel.feed_id`: probe and parameters. Times are Unix nanoseconds.
    """

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="+")
    feed = models.CharField(max_length=64)
    begin_ns = models.BigIntegerField()
    end_ns = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("host", "feed", "begin_ns"), name="one_histogram_block_each"),)
        indexes = (models.Index(fields=("end_ns",), name="histogram_blocks_by_age"),)

    def __str__(self) -> str:
        return f"{self.feed} of {self.host_id}, {self.begin_ns} to {self.end_ns}"
