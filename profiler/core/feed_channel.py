"""Names in Redis of what probes send while somebody watches, and the messages that ask for it.

A **feed** is one probe with one set of parameters on one host; everybody who asks for the same watches the same. It
runs while its lease exists: viewers renew that, and the agent detaches the probe when it has lapsed.
"""

import hashlib
import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.probe import Value

TASK_WATCH = "webprof.watch"
# Viewers renew it each third of this. With the agent's look each second a feed nobody watches is detached within 15 s.
LEASE_TTL_S = 12
LOOK_INTERVAL_S = 1.0
# What a page that opens sees of the past, and what a page that sleeps may miss.
STREAM_TTL_S = 600
MAX_ENTRIES = 2400  # ten minutes of four a second
# A feed that runs sends a batch at least this often, without events when there were none: so its viewers know it lives.
ALIVE_INTERVAL_S = 1.0
PROBE_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"

ProbeName = Annotated[str, StringConstraints(pattern=PROBE_PATTERN)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
ParameterValue = bool | int | Annotated[str, StringConstraints(max_length=256)]


class WatchMessage(BaseModel):
    """Arguments of TASK_WATCH: run this feed while its lease exists. To receive it twice changes nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    probe: ProbeName
    values: Annotated[dict[ParameterName, ParameterValue], Field(max_length=16)] = {}


def feed_id(probe: str, values: dict[str, Value]) -> str:
    """The same for the same probe and values, complete as `Probe.values` gives them."""
    text = json.dumps([probe, values], sort_keys=True)
    return f"{probe}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


def feed_key(host: str, feed: str) -> str:
    """A stream of entries `{"data": batch}`: EventBatch (of counters too, a row for each process and second) or
    HistogramBatch, as the probe emits;
    `{"error": text}` when the feed could not be started or ended.
    """
    return f"webprof:feed:{host}:{feed}"


def lease_key(host: str, feed: str) -> str:
    return f"webprof:lease:{host}:{feed}"
