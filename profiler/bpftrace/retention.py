"""What is let go of when: results are large and soon old; who ran what is kept for more than a year."""

from datetime import timedelta

from django.utils import timezone

from profiler.jobs.transitions import ACTIVE
from profiler.models import BpftraceProgram, BpftraceResults, BpftraceRun

RESULTS_KEPT = timedelta(days=30)
RECORD_KEPT = timedelta(days=400)


def clean_programs() -> None:
    now = timezone.now()
    BpftraceResults.objects.filter(run__created_at__lt=now - RESULTS_KEPT).delete()
    running = BpftraceRun.objects.filter(ACTIVE).values("program")
    BpftraceProgram.objects.filter(created_at__lt=now - RECORD_KEPT).exclude(pk__in=running).delete()
