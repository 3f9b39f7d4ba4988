"""The 60-second check: the questions that are asked of a slow host first, and what an answer to one is.

The questions are those of Brendan Gregg's "Linux performance analysis in 60,000 milliseconds" that BPF answers better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.probe import Value

# Long enough to see what happens each few seconds, short enough to wait for.
DEFAULT_SECONDS = 20
LEAST_SECONDS, MOST_SECONDS = 5, 120
# What counts as slow: a disk that turns needs 10 ms to get anywhere.
SLOW_US = 10_000
MAX_TOP = 10
MAX_EVENTS = 20
MAX_BUCKETS = 63

Text = Annotated[str, StringConstraints(max_length=1024)]


@dataclass(frozen=True)
class Question:
    """`only`: the column and value of events that it is about; `label`: what is alike, with columns in braces."""

    name: str
    title: str
    probe: str
    values: Mapping[str, Value] = field(default_factory=dict)
    only: tuple[str, str] | None = None
    label: str = ""


QUESTIONS = (
    Question("programs", "Programs started", "execs", only=("what", "began"), label="{command}, begun by {ppid}"),
    Question("opens", "Files opened", "opens", label="{name} {path}"),
    Question(
        "slow_files",
        "Slow file operations",
        "slow_file_io",
        {"min_us": SLOW_US},
        label="{operation} of {path} by {name}",
    ),
    Question("disk_latency", "Disk latency", "block_latency"),
    Question(
        "slow_disks",
        "Slow disk requests",
        "slow_block_io",
        {"min_us": SLOW_US},
        label="{operation} on {disk} by {name}",
    ),
    Question("cache", "Page cache", "page_cache", label="{comm}"),
    Question("connects", "Connections made", "tcp", only=("what", "connect"), label="{name} to {remote}:{remote_port}"),
    Question("failed", "Connections refused", "tcp", only=("what", "failed"), label="{name} to {remote}:{remote_port}"),
    Question("accepts", "Connections taken", "tcp", only=("what", "accept"), label="{name} at port {local_port}"),
    Question("retransmits", "Packets sent again", "tcp_retransmits", label="to {remote}:{remote_port}, {state}"),
    Question("run_queue", "Waiting for a CPU", "run_queue_latency"),
    Question("cpu", "On the CPUs", "cpu"),
)
# Answered by a recording, which is a profile to look at; all others by feeds.
CPU = "cpu"


class Common(BaseModel):
    """What many events have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: Text
    count: int = Field(ge=0)


class Distribution(BaseModel):
    """A histogram as `core.histogram.Buckets` makes them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    counts: Annotated[tuple[int, ...], Field(max_length=MAX_BUCKETS)]
    step: int | None = None


class Answer(BaseModel):
    """`missing`: why there is none. `total`: events, or samples, in `seconds`; `lost` more are not in it.

    `slowest`: ns. `events`: some of them as they came, by column, as text: the slowest, or the first. `uncounted`: how
    much each count of `top` may lack, when there were too many different labels to keep all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    missing: Text = ""
    seconds: float = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)
    lost: int = Field(default=0, ge=0)
    errors: int = Field(default=0, ge=0)
    slowest: int = Field(default=0, ge=0)
    top: Annotated[tuple[Common, ...], Field(max_length=MAX_TOP)] = ()
    uncounted: int = Field(default=0, ge=0)
    events: Annotated[tuple[dict[str, Text], ...], Field(max_length=MAX_EVENTS)] = ()
    distribution: Distribution | None = None
    figures: dict[str, float] = {}


class Checkup(BaseModel):
    """Of one host."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str
    start_ns: int = Field(ge=0)
    seconds: float = Field(gt=0)
    cpus: int = Field(ge=1)
    answers: tuple[Answer, ...]

    def answer(self, question: str) -> Answer:
        return next(
            (answer for answer in self.answers if answer.question == question),
            Answer(question=question, missing="it was not asked"),
        )

    def per_second(self, question: str) -> float:
        answer = self.answer(question)
        return answer.total / answer.seconds if answer.seconds else 0
