"""Names and messages that agents and server share: Redis keys, Celery queues and task names.

Neither side imports the other; both import this.
"""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SERVER_QUEUE = "server"
TASK_RECORD = "webprof.record"
TASK_CANCEL = "webprof.cancel"
TASK_FLIGHT = "webprof.flight"
TASK_CONTINUOUS = "webprof.continuous"
TASK_INGEST = "webprof.ingest"
TASK_RECONCILE = "webprof.reconcile"
TASK_READ_UPLOAD = "webprof.read_upload"
TASK_COMPACT = "webprof.compact"
TASK_CHECKUP = "webprof.checkup"
TASK_CLEANUP = "webprof.cleanup"
TASK_READ_DEBUG_FILE = "webprof.read_debug_file"
TASK_NAME_PROFILES = "webprof.name_profiles"
TASK_FETCH_DEBUG_FILES = "webprof.fetch_debug_files"
TASK_COUNTERS = "webprof.counters"
TASK_HISTOGRAMS = "webprof.histograms"

PROFILES_STREAM = "webprof:profiles"
RUNS_STREAM = "webprof:runs"
CONTINUOUS_STREAM = "webprof:continuous"
HOSTS_STREAM = "webprof:hosts"
SERVER_GROUP = "server"

HEARTBEAT_INTERVAL_S = 5
# Three missed heartbeats and a little: a host that is merely busy must not look dead.
HEARTBEAT_TTL_S = 18
# Long enough to open a run's page after the fact, short enough that Redis forgets abandoned runs.
LIVE_TTL_S = 3600
# The stream only wakes the hosts page; old entries say nothing.
HOSTS_STREAM_CAP = 1000
# A live stream is deltas since the last snapshot; a snapshot replaces them this often.
SNAPSHOT_INTERVAL_S = 30
DELTA_INTERVAL_S = 1
# While so many profiles of continuous profiling wait for the server, agents keep theirs on disk: the backlog of a fleet
# belongs on its many disks, not into one Redis. At 100 KB each it is 200 MB, and twenty seconds of ingest.
MAX_CONTINUOUS_BACKLOG = 2000
# While nobody watches a delta comes this often: what a host that is lost takes with it.
UNWATCHED_INTERVAL_S = 10
# A host's counters wait an hour for a server that is away: as long as it keeps their seconds.
COUNTERS_TTL_S = 3600
COUNTERS_INTERVAL_S = 2
MAX_COUNTER_ENTRIES = COUNTERS_TTL_S // COUNTERS_INTERVAL_S
# A viewer says so again every half of this.
WATCHED_TTL_S = 20

HOST_ID_PATTERN = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"
HostId = Annotated[str, StringConstraints(pattern=HOST_ID_PATTERN)]
RunId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def host_id(hostname: str) -> str:
    """The id a host goes by: its name in lower case, anything unusual replaced by '-'."""
    cleaned = re.sub(r"[^a-z0-9._-]+", "-", hostname.lower())[:64].strip("-._")
    return cleaned or "host"


def host_queue(host: str) -> str:
    return f"host.{host}"


def live_key(run: str) -> str:
    return f"webprof:live:{run}"


def watched_key(run: str) -> str:
    """Exists while somebody watches the run's live stream."""
    return f"webprof:watched:{run}"


def heartbeat_key(host: str) -> str:
    return f"webprof:heartbeat:{host}"


def counters_key(host: str) -> str:
    """A stream of entries `{"data": CounterBatch}`; the server takes away what it keeps."""
    return f"webprof:counters:{host}"


class EntryKind(StrEnum):
    """What one entry of a live stream holds."""

    DELTA = "delta"
    SNAPSHOT = "snapshot"
    STATE = "state"


class RunState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RECORDING = "recording"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class RunReport(BaseModel):
    """What an agent says about a run of its own. Sent as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunId
    host: HostId
    state: RunState
    at_ns: int = Field(ge=0)
    elapsed_s: float = Field(default=0, ge=0)
    samples: int = Field(default=0, ge=0)
    lost: int = Field(default=0, ge=0)
    message: str = Field(default="", max_length=2000)
