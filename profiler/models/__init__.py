"""One file per noun; imported from here."""

from profiler.models.bpftrace import BpftraceProgram, BpftraceResults, BpftraceRun
from profiler.models.checkup import Checkup, HostCheckup
from profiler.models.counter import CounterBlock
from profiler.models.debug_file import HIDDEN_SAMPLES, DebugFile, UnnamedModule
from profiler.models.fleet import Change, ContinuousPlan, ServiceRule, Upkeep
from profiler.models.histogram import HistogramBlock
from profiler.models.host import Host
from profiler.models.job import Job, Run
from profiler.models.note import Note
from profiler.models.profile import ProfileData, StoredProfile
from profiler.models.share import CheckupShare, Share
from profiler.models.store import (
    StoreDeletion,
    StoreHot,
    StoreSeen,
    StoreSegment,
    StoreSeries,
    StoreState,
    StoreSubject,
)
from profiler.models.token import ApiToken, LoginLink
from profiler.models.upload import Upload

__all__ = [
    "HIDDEN_SAMPLES",
    "ApiToken",
    "BpftraceProgram",
    "BpftraceResults",
    "BpftraceRun",
    "Change",
    "Checkup",
    "CheckupShare",
    "ContinuousPlan",
    "CounterBlock",
    "DebugFile",
    "HistogramBlock",
    "Host",
    "HostCheckup",
    "Job",
    "LoginLink",
    "Note",
    "ProfileData",
    "Run",
    "ServiceRule",
    "Share",
    "StoreDeletion",
    "StoreHot",
    "StoreSeen",
    "StoreSegment",
    "StoreSeries",
    "StoreState",
    "StoreSubject",
    "StoredProfile",
    "UnnamedModule",
    "Upkeep",
    "Upload",
]
