"""What the answers of a 60-second check mean, in words. Each limit says what it is taken from."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from profiler.core.checkup import SLOW_US, Answer, Checkup
from profiler.core.histogram import Buckets, percentile

# A shell that forks in a loop starts hundreds a second; a busy build tens.
MANY_PROGRAMS_PER_S = 20
MANY_OPENS_PER_S = 5000
# A search along PATH fails at most of its places; more is somebody who looks for what is not there.
MANY_FAILED_OPENS = 0.5
MANY_CONNECTIONS_PER_S = 100
# Of packets sent again: each costs its connection at least 200 ms (TCP_RTO_MIN of Linux).
MANY_RETRANSMITS_PER_S = 1
# Longer than one turn of the scheduler on a host that has CPUs to spare.
LONG_WAIT_NS = 10_000_000
LONG_DISK_NS = 20_000_000
LOW_HIT_RATIO = 0.9
FEW_PAGES_PER_S = 100
BUSY_CPUS = 0.8
ONE_FUNCTION = 0.2


class Level(StrEnum):
    """How much it matters."""

    PROBLEM = "problem"
    NOTICE = "notice"
    FINE = "fine"
    UNKNOWN = "unknown"


class Finding(NamedTuple):
    """`question`: whose answer is the evidence."""

    level: Level
    question: str
    text: str


def findings(checkup: Checkup) -> list[Finding]:
    """One for each question; problems first, in the order of the questions."""
    found = [_finding(checkup, name, judge) for name, judge in _JUDGES.items()]
    order = list(Level)
    return sorted(found, key=lambda finding: order.index(finding.level))


Judge = Callable[[Checkup, Answer], tuple[Level, str]]


def _finding(checkup: Checkup, question: str, judge: Judge) -> Finding:
    answer = checkup.answer(question)
    if answer.missing:
        return Finding(Level.UNKNOWN, question, answer.missing)
    level, text = judge(checkup, answer)
    most = "" if question in _WITHOUT_MOST else _most(answer)
    lost = f" {answer.lost:,} more were lost on the way." if answer.lost else ""
    return Finding(level, question, text + most + lost)


def _programs(checkup: Checkup, _: Answer) -> tuple[Level, str]:
    rate = checkup.per_second("programs")
    level = Level.PROBLEM if rate > MANY_PROGRAMS_PER_S else Level.FINE
    return level, f"{_rate(rate)} programs started a second."


def _opens(checkup: Checkup, answer: Answer) -> tuple[Level, str]:
    rate = checkup.per_second("opens")
    failed = answer.errors / answer.total if answer.total else 0
    is_much = rate > MANY_OPENS_PER_S or (failed > MANY_FAILED_OPENS and rate > MANY_OPENS_PER_S / 10)
    level = Level.NOTICE if is_much else Level.FINE
    return level, f"{_rate(rate)} files opened a second, {failed:.0%} of the tries failed."


def _slow(noun: str, level: Level) -> Judge:
    """Of events that are only sent when they are slow."""

    def judge(_: Checkup, answer: Answer) -> tuple[Level, str]:
        limit = _time(SLOW_US * 1000)
        if not answer.total:
            return Level.FINE, f"No {noun} took {limit} or longer."
        count, slowest = _number(answer.total, noun), _time(answer.slowest)
        return level, f"{count} took {limit} or longer, the slowest {slowest}."

    return judge


def _latency(nothing: str, counted: Callable[[int], str], took: str, limit_ns: int) -> Judge:
    """Of histograms of times: a problem when the slowest hundredth takes longer than the limit."""

    def judge(_: Checkup, answer: Answer) -> tuple[Level, str]:
        if not answer.total:
            return Level.FINE, nothing
        slow = _slowest_percent(answer)
        level = Level.PROBLEM if slow > limit_ns else Level.FINE
        return level, f"{counted(answer.total)}; one in a hundred {took} {_time(slow)} or longer."

    return judge


def _cache(_: Checkup, answer: Answer) -> tuple[Level, str]:
    pages = answer.total
    if not pages:
        return Level.FINE, "No file was read."
    # Pages that are read ahead are missed too, and may never be read.
    ratio = 1 - min(1, answer.figures.get("missed", 0) / pages)
    is_low = ratio < LOW_HIT_RATIO and pages / (answer.seconds or 1) > FEW_PAGES_PER_S
    level = Level.NOTICE if is_low else Level.FINE
    return level, f"{ratio:.1%} of {_number(pages, 'page')} that were read came from memory."


def _connections(words: str) -> Judge:
    def judge(checkup: Checkup, answer: Answer) -> tuple[Level, str]:
        rate = checkup.per_second(answer.question)
        level = Level.NOTICE if rate > MANY_CONNECTIONS_PER_S else Level.FINE
        return level, f"{_rate(rate)} connections {words} a second."

    return judge


def _failed(_: Checkup, answer: Answer) -> tuple[Level, str]:
    if not answer.total:
        return Level.FINE, "No connection was refused."
    return Level.NOTICE, f"{_number(answer.total, 'connection')} refused or timed out."


def _retransmits(checkup: Checkup, answer: Answer) -> tuple[Level, str]:
    if not answer.total:
        return Level.FINE, "No packet of TCP was sent again."
    rate = checkup.per_second("retransmits")
    level = Level.PROBLEM if rate > MANY_RETRANSMITS_PER_S else Level.NOTICE
    return level, f"{_number(answer.total, 'packet')} of TCP sent again: something loses them."


def _cpu(checkup: Checkup, answer: Answer) -> tuple[Level, str]:
    seconds = answer.seconds or checkup.seconds
    busy = answer.total * answer.figures.get("period_ns", 0) / (seconds * 1e9 * checkup.cpus)
    text = f"{checkup.cpus} CPUs were {busy:.0%} busy."
    first = answer.top[0] if answer.top and answer.total else None
    share = first.count / answer.total if first else 0
    if first and share > ONE_FUNCTION:
        text += f" {share:.0%} of it was {first.label}."
    return (Level.PROBLEM if busy > BUSY_CPUS else Level.FINE), text


# Their commonest is a CPU's number, or is told already.
_WITHOUT_MOST = {"run_queue", "cpu"}
_JUDGES: dict[str, Judge] = {
    "programs": _programs,
    "opens": _opens,
    "slow_files": _slow("file operation", Level.PROBLEM),
    "disk_latency": _latency(
        "The disks had nothing to do.", lambda total: _number(total, "disk request"), "took", LONG_DISK_NS
    ),
    "slow_disks": _slow("disk request", Level.NOTICE),
    "cache": _cache,
    "connects": _connections("made"),
    "failed": _failed,
    "accepts": _connections("taken"),
    "retransmits": _retransmits,
    "run_queue": _latency(
        "No thread waited for a CPU.", lambda total: f"Threads got a CPU {total:,} times", "waited", LONG_WAIT_NS
    ),
    "cpu": _cpu,
}


def _slowest_percent(answer: Answer) -> float:
    """Nanoseconds that 99 % were faster than, as exact as buckets tell: their lower end."""
    told = answer.distribution
    if told is None:
        return 0
    found = percentile(np.array(told.counts), Buckets(len(told.counts), told.step), 0.99)
    return found.low if found else 0


def _most(answer: Answer) -> str:
    """The commonest, when it is many."""
    if not answer.top or not answer.top[0].label:
        return ""
    first = answer.top[0]
    return f" Most often: {first.label} ({first.count:,})."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def _time(ns: float) -> str:
    units: Iterator[tuple[float, str]] = iter(((1e9, "s"), (1e6, "ms"), (1e3, "µs")))
    size, unit = next(((size, unit) for size, unit in units if ns >= size), (1.0, "ns"))
    return f"{ns / size:.3g} {unit}"
