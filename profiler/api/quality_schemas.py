"""A profile's quality as OpenAPI shows it: the counts, and what they mean for a person."""

from typing import Annotated

from ninja import Schema
from pydantic import Field

from profiler.core.advice import Fix
from profiler.core.profile import SAMPLES, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.report import report
from profiler.models import StoredProfile

Count = Annotated[int, Field(ge=0)]
Counts = dict[str, Count]


class ModuleOut(Schema):
    """A file without names for its functions, as it was on the host."""

    module: str
    build_id: str = Field(description="hexadecimal; a debug file of this build id names its functions")
    package: str = Field(description="the distribution's package that owns the file, empty when unknown")
    packager: str = Field(description="who says so, such as `dpkg`")


class QualityOut(Schema):
    """Counts beside a profile's samples."""

    samples: Count = Field(0, description="samples taken, lost ones included")
    thinned: Count = Field(0, description="samples not taken because the rate was lowered to keep the agent's limit")
    lost: Counts = Field({}, description="samples without a stack, by cause")
    outcomes: Counts = Field({}, description="samples by how their user stack's walk ended")
    unknown: Counts = Field({}, description="samples whose innermost frame has no name, by module")
    modules: list[ModuleOut] = Field([], description="what is known of the files among those modules")
    skipped: Counts = Field({}, description="things that were not read, by reason; each counts once")
    runtimes: Counts = Field({}, description="samples by how a language runtime's frames were read")
    hints: Counts = Field({}, description="samples that would show more, by what to do about it")
    agent_cpu_ns: Count = Field(0, description="CPU time of the agent and its helpers")
    bpf_ns: Count = Field(0, description="CPU time of its BPF programs, by the kernel's account")
    agent_rss_bytes: Count = Field(0, description="the agent's largest resident memory, with its helpers'")


class RowOut(Schema):
    reason: str
    count: Count
    advice: str = Field(description="what to do about it, empty when nothing can be done")
    search: str = Field(description="regular expression that finds its frames in the viewer, or empty")


class BuildOut(ModuleOut):
    debug_package: str = Field(description="how the package with its symbols is usually called; not looked up")


class ModuleRowOut(RowOut):
    fix: Fix = Fix.NONE
    builds: list[BuildOut] = Field([])


class CostOut(Schema):
    """`cpu_share` 1 is one CPU for the whole recording. Periods are CPU time between two samples, 0 when unknown."""

    agent_cpu_ns: Count
    bpf_ns: Count
    cpu_share: float
    bpf_ns_per_sample: float
    agent_rss_bytes: Count
    requested_ns: Count
    mean_ns: Count = Field(description="longer than `requested_ns` when the rate was lowered")


class ReportOut(Schema):
    """What a person reads beside a profile. Rows are sorted, largest first."""

    samples: Count
    whole: Count | None = Field(description="samples whose stack reaches its entry; null when the file does not tell")
    lost: Count
    unknown: Count
    lost_rows: list[RowOut]
    cut_rows: list[RowOut] = Field(description="stacks whose outermost callers are missing, by reason")
    unknown_rows: list[ModuleRowOut] = Field(description="samples without a name, by module")
    hint_rows: list[RowOut]
    runtime_rows: list[RowOut]
    skipped_rows: list[RowOut]
    cost: CostOut
    noun: str = Field(SAMPLES, description="what `samples` counts: samples of a clock, or events")

    @classmethod
    def of(cls, profile: StoredProfile) -> "ReportOut":
        meta = ProfileMeta(
            profile.kind, profile.unit, period_ns=profile.period_ns, duration_ns=round(profile.duration_s * 1e9)
        )
        return cls.model_validate(report(Quality.from_dict(profile.quality), meta).to_dict())
