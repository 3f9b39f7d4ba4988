"""A checkup goes on until each host has said enough, or is not expected to say more; then it is put into words once."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.utils import timezone

from profiler import heartbeats
from profiler.checkups.feeds import covered_ms, distinct, entries, feeds_of, keep_running, refusal
from profiler.core import batch, event_batch, histogram_batch
from profiler.core.checkup import CPU, QUESTIONS, Answer, Question
from profiler.core.checkup import Checkup as Report
from profiler.core.checkup_answers import of_counts, of_events, of_histograms, of_profile
from profiler.core.errors import BatchError, WebprofError
from profiler.core.probe import Emits
from profiler.jobs.watch import Watch
from profiler.models import Checkup, HostCheckup

log = logging.getLogger(__name__)

# Compiling ten programs for the first time takes a busy host most of a minute.
PATIENCE_S = 90
T = TypeVar("T")


def advance(checkup_id: str | UUID) -> bool:
    """Keep feeds running and put together what is complete; False when nothing is left to do."""
    checkup = Checkup.objects.filter(pk=checkup_id).first()
    if checkup is None:
        return False
    for checked in checkup.hosts.filter(data__isnull=True).select_related("run"):
        watched = feeds_of(checked.host_id)
        if _is_late(checkup) or _is_complete(checkup, checked, watched):
            _finish(checkup, checked, watched)
        else:
            keep_running(distinct(watched.values()), checkup.since_ms)
    return not checkup.is_final


def finish_late() -> None:
    """Those that nobody looks at any more: the worker that did was stopped."""
    for checkup in Checkup.objects.filter(hosts__data__isnull=True).distinct():
        if _is_late(checkup):
            advance(checkup.pk)


def _is_late(checkup: Checkup) -> bool:
    return timezone.now() > checkup.created_at + timedelta(seconds=checkup.seconds + PATIENCE_S)


def _is_complete(checkup: Checkup, checked: HostCheckup, watched: dict[str, Watch]) -> bool:
    if checked.run is not None and not checked.run.is_final:
        return False
    return all(
        refusal(each, checkup.since_ms) or covered_ms(each, checkup.since_ms) >= checkup.seconds * 1000
        for each in distinct(watched.values())
    )


def _finish(checkup: Checkup, checked: HostCheckup, watched: dict[str, Watch]) -> None:
    answers = [
        _of_run(checked, question) if question.probe == CPU else _of_feed(checkup, question, watched[question.name])
        for question in QUESTIONS
    ]
    report = Report(
        host=checked.host_id,
        start_ns=checkup.since_ms * 1_000_000,
        seconds=checkup.seconds,
        cpus=_cpus(checked.host_id),
        answers=tuple(answers),
    )
    checked.data = report.model_dump(mode="json")
    checked.save(update_fields=["data"])


def _of_feed(checkup: Checkup, question: Question, watched: Watch) -> Answer:
    covered = covered_ms(watched, checkup.since_ms)
    if not covered:
        said = refusal(watched, checkup.since_ms) or f"host {watched.host} sent nothing"
        return Answer(question=question.name, missing=said[:1000])
    answer = _answered(question, watched, entries(watched, checkup.since_ms, int(checkup.seconds * 1000)))
    return answer.model_copy(update={"seconds": min(covered / 1000, checkup.seconds)})


def _answered(question: Question, watched: Watch, batches: list[bytes]) -> Answer:
    match watched.probe.emits:
        case Emits.HISTOGRAM:
            return of_histograms(question, _readable(batches, histogram_batch.decode, question))
        case Emits.COUNTERS:
            return of_counts(question, watched.probe, _readable(batches, event_batch.decode, question))
        case _:
            return of_events(question, watched.probe, _readable(batches, event_batch.decode, question))


def _readable(batches: list[bytes], decode: Callable[[bytes], T], question: Question) -> list[T]:
    """What is damaged is left out, and logged."""
    found = []
    for data in batches:
        try:
            found.append(decode(data))
        except BatchError as error:
            log.warning("checkup: %s: a batch was left out: %s", question.name, error)
    return found


def _of_run(checked: HostCheckup, question: Question) -> Answer:
    run = checked.run
    if run is None:
        return Answer(question=question.name, missing=checked.no_run or "its recording was deleted")
    stored = getattr(run, "profile", None)
    if stored is None:
        return Answer(question=question.name, missing=run.message or f"the recording is {run.state}")
    try:
        answer = of_profile(question, batch.decode(stored.data.batch))
    except WebprofError as error:
        return Answer(question=question.name, missing=str(error)[:1000])
    return answer.model_copy(update={"seconds": run.elapsed_s})


def _cpus(host: str) -> int:
    """One, when the host is gone by now."""
    told = heartbeats.of([host]).get(host)
    return told.system.cpus if told else 1
