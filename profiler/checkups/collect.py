"""A checkup goes on until each host has said enough, or is not expected to say more; then it is put into words once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from profiler import heartbeats
from profiler.checkups import progress
from profiler.checkups.feeds import distinct, feeds_of, keep_running
from profiler.checkups.follow import Followed, follow, forget
from profiler.core import batch
from profiler.core.checkup import CPU, QUESTIONS, Answer, Question
from profiler.core.checkup import Checkup as Report
from profiler.core.checkup_answers import of_profile, of_tally
from profiler.core.checkup_tally import Tally
from profiler.core.errors import WebprofError
from profiler.jobs.watch import Watch
from profiler.models import Checkup, HostCheckup

# Compiling nine programs for the first time takes a busy host most of a minute, and one with far too much to do three.
PATIENCE_S = 240
# Who is silent may be about to start again, or is not.
PATIENCE_WITH_SILENT_S = 90
MAX_MISSING = 1000


def advance(checkup_id: str | UUID) -> bool:
    """Read on, keep feeds running and put together what is complete; False when nothing is left to do."""
    checkup = Checkup.objects.filter(pk=checkup_id).first()
    if checkup is None:
        return False
    so_far = {}
    for checked in checkup.hosts.filter(data__isnull=True).select_related("run"):
        watched = feeds_of(checked.host_id)
        followed = follow(checkup.pk, checked.host_id, watched, checkup.seconds)
        so_far[checked.host_id] = _seconds(followed, checkup)
        cpus = _cpus(checked.host_id)
        if timezone.now() > late_at(checkup, silent=cpus is None) or _is_complete(checked, followed):
            _finish(checkup, checked, watched, followed, cpus)
        else:
            feeds = distinct(watched.values())
            keep_running(feeds, [each for each in feeds if not followed[each.feed].said])
    progress.tell(checkup.pk, so_far)
    return not checkup.is_final


def finish_late() -> None:
    """Those that nobody looks at any more: the worker that did was stopped."""
    for checkup in Checkup.objects.filter(hosts__data__isnull=True).distinct():
        if timezone.now() > late_at(checkup, silent=True):
            advance(checkup.pk)


def late_at(checkup: Checkup, *, silent: bool) -> datetime:
    """When a host is reported as it is. `silent`: its agent says nothing at all."""
    patience = PATIENCE_WITH_SILENT_S if silent else PATIENCE_S
    return checkup.created_at + timedelta(seconds=checkup.seconds + patience)


def _seconds(followed: Mapping[str, Followed], checkup: Checkup) -> float:
    """What the slowest of its feeds has covered; one that was refused holds up nothing."""
    return min((each.seconds for each in followed.values() if not each.refusal), default=checkup.seconds)


def _is_complete(checked: HostCheckup, followed: Mapping[str, Followed]) -> bool:
    if checked.run is not None and not checked.run.is_final:
        return False
    return all(each.complete or each.refusal for each in followed.values())


def _finish(
    checkup: Checkup,
    checked: HostCheckup,
    watched: Mapping[str, Watch],
    followed: Mapping[str, Followed],
    cpus: int | None,
) -> None:
    """Once: who comes second, or after somebody deleted it, changes nothing. `cpus` is None of a silent host."""
    answers = [
        _of_run(checked, question)
        if question.probe == CPU
        else _of_feed(question, watched[question.name], followed[watched[question.name].feed], cpus is None)
        for question in QUESTIONS
    ]
    report = Report(
        host=checked.host_id,
        start_ns=checkup.since_ms * 1_000_000,
        seconds=checkup.seconds,
        cpus=cpus or 1,
        answers=tuple(answers),
    )
    HostCheckup.objects.filter(pk=checked.pk, data__isnull=True).update(data=report.model_dump(mode="json"))
    forget(checkup.pk, checked.host_id, followed)


def _of_feed(question: Question, watched: Watch, followed: Followed, silent: bool) -> Answer:
    if not followed.seconds:
        why = f"host {watched.host} sent nothing" + (": its agent is silent" if silent else "")
        return Answer(question=question.name, missing=(followed.refusal or why)[:MAX_MISSING])
    tally = followed.tallies.get(question.name, Tally())
    return of_tally(question, tally, seconds=followed.seconds, lost=followed.lost)


def _of_run(checked: HostCheckup, question: Question) -> Answer:
    run = checked.run
    if run is None:
        return Answer(question=question.name, missing=(checked.no_run or "its recording was deleted")[:MAX_MISSING])
    stored = getattr(run, "profile", None)
    if stored is None:
        return Answer(
            question=question.name, missing=(run.message or "its recording was not done by then")[:MAX_MISSING]
        )
    try:
        answer = of_profile(question, batch.decode(stored.data.batch))
    except WebprofError as error:
        return Answer(question=question.name, missing=str(error)[:MAX_MISSING])
    return answer.model_copy(update={"seconds": run.elapsed_s})


def _cpus(host: str) -> int | None:
    """None: its agent is silent."""
    told = heartbeats.of([host]).get(host)
    return told.system.cpus if told else None
