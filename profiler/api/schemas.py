"""What goes out and comes in, as OpenAPI shows it."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import Field

from profiler.api.quality_schemas import QualityOut
from profiler.core.channel import HostId
from profiler.core.inventory import Inventory
from profiler.core.spec import RecordingSpec
from profiler.events import run_changed
from profiler.models import ApiToken, DebugFile, Job, Run, Share, StoredProfile, Upload
from profiler.query.debug_files import MissingFile
from profiler.query.hosts import HostView

T = TypeVar("T")


class ErrorDetail(Schema):
    """`field` names the input that was wrong; `run` the run in the way of a new one."""

    code: str
    message: str
    field: str | None = None
    run: UUID | None = None


class ErrorOut(Schema):
    error: ErrorDetail


class PageOut(Schema, Generic[T]):
    items: list[T]
    page: int
    pages: int
    total: int


class HostOut(Schema):
    id: str
    alive: bool
    first_seen: datetime
    last_seen: datetime
    run: UUID | None
    inventory: Inventory | None

    @classmethod
    def of(cls, host: HostView) -> "HostOut":
        return cls.model_validate(host, from_attributes=True)


class JobIn(RecordingSpec):
    """What to record, and where."""

    hosts: Annotated[list[HostId], Field(min_length=1, description="ids of hosts, as of GET /hosts")]

    def spec(self) -> RecordingSpec:
        return RecordingSpec.model_validate(self.model_dump(exclude={"hosts"}))


class RunOut(Schema):
    """`profile` is null until the run's profile is stored; `partial` when the host went away during the run."""

    id: UUID
    job: UUID
    host: str
    owner: str
    state: str
    final: bool
    message: str
    elapsed_s: float
    samples: int
    lost: int
    profile: UUID | None
    partial: bool
    created_at: datetime
    finished_at: datetime | None
    spec: dict[str, Any]

    @classmethod
    def of(cls, run: Run) -> "RunOut":
        state: dict[str, Any] = dict(run_changed(run))
        return cls(
            **{name: state[name] for name in STATE_FIELDS},
            id=run.pk,
            job=run.job_id,
            owner=run.job.owner.get_username(),
            created_at=run.created_at,
            finished_at=run.finished_at,
            spec=run.job.spec,
        )


STATE_FIELDS = ("host", "state", "final", "message", "elapsed_s", "samples", "lost", "profile", "partial")


class JobOut(Schema):
    id: UUID
    runs: list[RunOut]

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        runs = job.runs.select_related("job__owner", "profile").order_by("host_id")
        return cls(id=job.pk, runs=[RunOut.of(run) for run in runs])


class ProfileOut(Schema):
    """Facts of a profile; `/tree` and `/folded` have its stacks, `/quality` says in words what `quality` counts."""

    id: UUID
    title: str
    source: str
    host: str | None
    owner: str
    run: UUID | None
    kind: str
    unit: str
    started_at: datetime | None
    created_at: datetime
    duration_s: float
    period_ns: int
    total: int
    samples: int
    lost: int
    unknown: int
    partial: bool
    labels: dict[str, str]
    quality: QualityOut

    @classmethod
    def of(cls, profile: StoredProfile) -> "ProfileOut":
        same = {name: getattr(profile, name) for name in cls.model_fields if name not in ("host", "owner", "run")}
        return cls(host=profile.host_id, owner=profile.owner.get_username(), run=profile.run_id, **same)


class HeatmapOut(Schema):
    """`counts[column][row]`: samples per second (column) and part of it (row). `untimed` ones are in no cell."""

    start_ns: int
    column_ns: int
    rows: int
    columns: int
    samples: int
    untimed: int
    counts: list[list[int]]


class UploadOut(Schema):
    """`state`: queued, reading, done (then `profiles` has their ids) or failed (then `message` says why)."""

    id: UUID
    state: str
    message: str
    file_name: str
    size: int
    profiles: list[UUID]
    status_url: str

    @classmethod
    def of(cls, upload: Upload) -> "UploadOut":
        return cls(
            id=upload.pk,
            state=upload.state,
            message=upload.message,
            file_name=upload.file_name,
            size=upload.size,
            profiles=list(upload.profiles.order_by("pk").values_list("pk", flat=True)),
            status_url=f"/api/v1/uploads/{upload.pk}",
        )


class DebugFileOut(Schema):
    """`state`: queued, reading, ready (then `build_id` says of what) or refused (then `message` says why)."""

    id: UUID
    state: str
    message: str
    build_id: str
    name: str
    size: int
    has_lines: bool
    origin: str
    uploader: str | None
    created_at: datetime
    status_url: str

    @classmethod
    def of(cls, file: DebugFile) -> "DebugFileOut":
        other = ("uploader", "status_url")
        same = {name: getattr(file, name) for name in cls.model_fields if name not in other}
        uploader = file.uploader.get_username() if file.uploader else None
        return cls(**same, uploader=uploader, status_url=f"/api/v1/debug-files/{file.pk}")


class MissingFileOut(Schema):
    """See profiler.query.debug_files.MissingFile."""

    build_id: str
    module: str
    value: int
    profiles: int
    answer: str
    asked_at: datetime | None
    has_file: bool
    waiting: bool

    @classmethod
    def of(cls, missing: MissingFile) -> "MissingFileOut":
        return cls.model_validate(missing, from_attributes=True)


class ShareIn(Schema):
    """`view_state`: the query string of the page to share, such as `view=icicle&q=malloc`. `days`: how long the link
    opens; without it until it is revoked.
    """

    view_state: str = ""
    days: int | None = None


class ShareOut(Schema):
    id: UUID
    profile: UUID
    creator: str
    created_at: datetime
    expires_at: datetime | None
    views: int
    view_state: str

    @classmethod
    def of(cls, share: Share) -> "ShareOut":
        return cls(**_share_fields(share))


class NewShareOut(ShareOut):
    """`path` holds the secret; it is shown only now."""

    path: str

    @classmethod
    def with_secret(cls, share: Share, secret: str) -> "NewShareOut":
        return cls(**_share_fields(share), path=f"/s/{secret}/")


def _share_fields(share: Share) -> dict[str, Any]:
    same = {name: getattr(share, name) for name in ("id", "created_at", "expires_at", "views", "view_state")}
    return same | {"profile": share.profile_id, "creator": share.creator.get_username()}


class TokenIn(Schema):
    name: str


class TokenOut(Schema):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> "TokenOut":
        return cls.model_validate(token, from_attributes=True)


class NewTokenOut(TokenOut):
    """`token` is the secret; it is shown only now."""

    token: str
