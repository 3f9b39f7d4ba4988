"""The seven things a server may ask of an agent. Everything else on its queue is refused, with a report if possible."""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from celery import Celery, signals
from kombu import Message
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from profiler.agent.bpftrace.programs import Programs
from profiler.agent.probes.watch import Watcher
from profiler.agent.recorder import Recorder
from profiler.core.bpftrace.channel import TASK_BPFTRACE, TASK_BPFTRACE_STOP, BpftraceMessage, BpftraceStopMessage
from profiler.core.channel import TASK_CANCEL, TASK_CONTINUOUS, TASK_FLIGHT, TASK_RECORD, RunId
from profiler.core.continuous import ContinuousSettings
from profiler.core.errors import WebprofError
from profiler.core.feed_channel import TASK_WATCH, WatchMessage
from profiler.core.flight import FlightSettings
from profiler.core.probe import ProbeError
from profiler.core.spec import RecordingSpec
from profiler.probes.stacks import parameters_of

logger = logging.getLogger(__name__)

# Of a wrong value, enough to recognise it.
MAX_SHOWN = 60
MAX_SHOWN_ERRORS = 5
TASKS = (TASK_RECORD, TASK_CANCEL, TASK_FLIGHT, TASK_CONTINUOUS, TASK_WATCH, TASK_BPFTRACE, TASK_BPFTRACE_STOP)
Model = TypeVar("Model", bound=BaseModel)
_run_id: TypeAdapter[str] = TypeAdapter(RunId)


class TaskError(WebprofError):
    """A task message that is not what docs/architecture.md says."""


class RecordMessage(BaseModel):
    """Arguments of `webprof.record`."""

    model_config = ConfigDict(extra="forbid")
    run: RunId
    spec: RecordingSpec


class CancelMessage(BaseModel):
    """Arguments of `webprof.cancel`."""

    model_config = ConfigDict(extra="forbid")
    run: RunId


def register(app: Celery, recorder: Recorder, watcher: Watcher, programs: Programs) -> None:
    """Make `app` accept the seven tasks and no other; Celery's own (celery.map, …) could call anything."""

    def record(*args: object, **kwargs: object) -> None:
        with _Refusing(recorder, TASK_RECORD, args, kwargs):
            message = _parsed(RecordMessage, TASK_RECORD, args, kwargs)
            _require_probe(message.spec)
            recorder.record(message.run, message.spec)

    def cancel(*args: object, **kwargs: object) -> None:
        with _Refusing(recorder, TASK_CANCEL, args, kwargs):
            recorder.cancel(_parsed(CancelMessage, TASK_CANCEL, args, kwargs).run)

    def flight(*args: object, **kwargs: object) -> None:
        with _Refusing(recorder, TASK_FLIGHT, args, kwargs):
            recorder.flight.configure(_parsed(FlightSettings, TASK_FLIGHT, args, kwargs))

    def continuous(*args: object, **kwargs: object) -> None:
        with _Refusing(recorder, TASK_CONTINUOUS, args, kwargs):
            recorder.continuous.configure(_parsed(ContinuousSettings, TASK_CONTINUOUS, args, kwargs))

    def watch(*args: object, **kwargs: object) -> None:
        with _Refusing(recorder, TASK_WATCH, args, kwargs):
            watcher.watch(_parsed(WatchMessage, TASK_WATCH, args, kwargs))

    app.task(name=TASK_RECORD)(record)
    app.task(name=TASK_CANCEL)(cancel)
    app.task(name=TASK_FLIGHT)(flight)
    app.task(name=TASK_CONTINUOUS)(continuous)
    app.task(name=TASK_WATCH)(watch)
    _register_programs(app, programs)
    app.finalize()
    for name in set(app.tasks) - set(TASKS):
        app.tasks.unregister(name)
    _refuse_unknown(recorder)


def _register_programs(app: Celery, programs: Programs) -> None:
    def bpftrace(*args: object, **kwargs: object) -> None:
        with _Refusing(programs, TASK_BPFTRACE, args, kwargs):
            programs.start(_parsed(BpftraceMessage, TASK_BPFTRACE, args, kwargs))

    def bpftrace_stop(*args: object, **kwargs: object) -> None:
        with _Refusing(programs, TASK_BPFTRACE_STOP, args, kwargs):
            programs.stop_run(_parsed(BpftraceStopMessage, TASK_BPFTRACE_STOP, args, kwargs).run)

    app.task(name=TASK_BPFTRACE)(bpftrace)
    app.task(name=TASK_BPFTRACE_STOP)(bpftrace_stop)


class Runner(Protocol):
    """What runs have their states from."""

    @property
    def current(self) -> str | None: ...

    def fail(self, run: str, message: str) -> None: ...


class _Refusing:
    """Turns a TaskError into a failed report of the run that the message names, if it names one."""

    def __init__(self, runner: Runner, task: str, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        self._runner = runner
        self._task = task
        self._arguments = (args, kwargs)

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, TaskError):
            return False
        refuse(self._runner, str(error), *self._arguments)
        return True


def refuse(runner: Runner, reason: str, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
    """Log a message that is not obeyed, and fail its run when it has a readable id and does not go on."""
    named = kwargs.get("run", args[0] if args else None)
    try:
        run = _run_id.validate_python(named)
    except ValidationError:
        logger.warning("task message refused: %s", reason)
        return
    if run == runner.current:
        logger.warning("task message for run %s, which goes on, refused: %s", run, reason)
    else:
        runner.fail(run, reason)


def _parsed(model: type[Model], task: str, args: Sequence[object], kwargs: Mapping[str, object]) -> Model:
    names = list(model.model_fields)
    if len(args) > len(names):
        raise TaskError(f"{task}({', '.join(names)}): the message has {len(args)} positional arguments")
    try:
        return model.model_validate({**dict(zip(names, args, strict=False)), **kwargs})
    except ValidationError as error:
        raise TaskError(
            "; ".join(_wrong_field(task, detail) for detail in error.errors()[:MAX_SHOWN_ERRORS])
        ) from error


def _require_probe(spec: RecordingSpec) -> None:
    """The probe is one that this agent has, and takes these parameters."""
    try:
        parameters_of(spec)
    except ProbeError as error:
        raise TaskError(f"{TASK_RECORD}: spec.probe={spec.probe!r}: {error}") from error


def _wrong_field(task: str, error: ErrorDetails) -> str:
    """`webprof.record: spec.frequency=5000: Input should be less than or equal to 999`."""
    field = ".".join(map(str, error["loc"])) or "message"
    reason = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{task}: {field} is missing"
    if error["type"] == "extra_forbidden":
        return f"{task}: {field} is not a field this agent knows"
    if isinstance(error["input"], Mapping):
        return f"{task}: {field}: {reason}"
    return f"{task}: {field}={repr(error['input'])[:MAX_SHOWN]}: {reason}"


def _refuse_unknown(recorder: Recorder) -> None:
    def unknown(name: object, message: Message, **_: object) -> None:
        reason = f"task {str(name)[:MAX_SHOWN]!r} is not one of {', '.join(TASKS)}"
        refuse(recorder, reason, *_arguments(message))

    def rejected(message: Message, exc: Exception | None, **_: object) -> None:
        refuse(recorder, f"task message can't be read: {exc or 'no task name'}", *_arguments(message))

    signals.task_unknown.connect(unknown, weak=False)
    signals.task_rejected.connect(rejected, weak=False)


def _arguments(message: Message) -> tuple[Sequence[object], Mapping[str, object]]:
    """Positional and named arguments of a message that may be anything."""
    try:
        args, kwargs, *_ = message.decode()
    except Exception:
        return (), {}
    return args if isinstance(args, list) else (), kwargs if isinstance(kwargs, dict) else {}
