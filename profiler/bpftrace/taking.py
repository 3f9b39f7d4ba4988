"""From the agents' stream into the database. Idempotent: what comes twice changes nothing the second time."""

from django.db import transaction

from profiler.bpftrace.states import follow
from profiler.core.bpftrace.channel import BPFTRACE_STREAM
from profiler.core.bpftrace.results import ResultsError, decode
from profiler.core.errors import WebprofError
from profiler.ingest.queue import Fields, Queue
from profiler.models import BpftraceResults, BpftraceRun

# One may be MAX_COMPRESSED_BYTES.
REPORTS_AT_ONCE = 1


def _take(fields: Fields) -> None:
    data = fields.get(b"data", b"")
    report = decode(data)
    with transaction.atomic():
        run = BpftraceRun.objects.select_for_update().filter(pk=report.run).first()
        if run is None:
            raise ResultsError(f"bpftrace run {report.run} does not exist")
        if run.host != report.host:
            raise ResultsError(f"bpftrace run {run.pk} is of host {run.host}, but was sent by {report.host}")
        if follow(run, report) and report.state.final:
            BpftraceResults.objects.update_or_create(run=run, defaults={"data": data})


def _refused(fields: Fields, error: WebprofError) -> None:
    """It is set aside for people; reconciling notices when no better one comes."""


PROGRAMS = Queue(BPFTRACE_STREAM, _take, _refused, REPORTS_AT_ONCE)
