"""What the server asks of agents for programs, and where in Redis the answers are."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.channel import RunId

TASK_BPFTRACE = "webprof.bpftrace"
TASK_BPFTRACE_STOP = "webprof.bpftrace_stop"
# Whether a host allows it: the name of its capability.
CAPABILITY = "bpftrace"
# Reports of programs that ended, entries `{"data": ProgramReport}`.
BPFTRACE_STREAM = "webprof:bpftrace"
# A page of code. What is longer has a file, and a person who runs it there.
MAX_PROGRAM = 32_768
MIN_DURATION_S, MAX_DURATION_S, DEFAULT_DURATION_S = 1, 600, 10
# Compiling and attaching hundreds of probes on a busy machine; at the end, the symbols of all programs in 4,096 stacks.
CHECK_S, ATTACH_S, END_S = 30, 60, 120

ProgramText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PROGRAM, pattern=r"^[^\x00]+$")]


class BpftraceMessage(BaseModel):
    """Arguments of TASK_BPFTRACE."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    run: RunId
    program: ProgramText
    duration_s: Annotated[int, Field(ge=MIN_DURATION_S, le=MAX_DURATION_S)] = DEFAULT_DURATION_S


class BpftraceStopMessage(BaseModel):
    """Arguments of TASK_BPFTRACE_STOP."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    run: RunId


def live_results_key(run: str) -> str:
    """A stream with one entry `{"data": ProgramReport}`: all so far. The next one replaces it."""
    return f"webprof:bpftrace:{run}"
