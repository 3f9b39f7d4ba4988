"""pprof's profiles (`profile.proto`, usually with gzip around): https://github.com/google/pprof/tree/main/proto

Each sample type becomes a profile. Labels that name a process or thread become the threads; others are not kept, and
counted. A location's inlined functions are frames of their own.
"""

from typing import Final

from profiler.core.profile import Profile
from profiler.formats.base import DEFAULT_LIMITS, NOT_PROTOBUF, BinaryStream, Guess, Head, Limits, refuse
from profiler.formats.blocks import whole
from profiler.formats.pprof_loader import PprofLoader
from profiler.formats.pprof_messages import decode_profile
from profiler.formats.wire_fields import field_numbers

FORMAT: Final = "pprof"
TITLE: Final = "pprof (profile.proto)"
EXPECTED: Final = "a profile.proto as Go's runtime/pprof, Pyroscope or gperftools' pprof -proto write it"
_SNIFF_FIELDS: Final = 4
# Numbers of fields whose values are messages or texts, and of those that are whole numbers.
_MESSAGES, _NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 11, 13}), frozenset({7, 8, 9, 10, 12, 13, 14, 15})


def sniff(head: Head, filename: str) -> Guess:
    """Sure when the first fields are those of a profile: the format has no magic number."""
    fields = field_numbers(head.data)
    known = [_is_known(number, type_) for number, type_ in fields]
    if fields and all(known) and any(number in (1, 2) for number, _ in fields):
        return Guess(FORMAT, 0.9 if len(fields) >= _SNIFF_FIELDS else 0.4, f"{len(fields)} fields of a profile.proto")
    return Guess(FORMAT, 0, NOT_PROTOBUF)


def load_profiles(stream: BinaryStream, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Profile]:
    """One profile for each sample type that has values, the default one first. Raises FormatError when none has."""
    data = whole(stream, name, limits)
    if not data:
        raise refuse(name, "the file is empty")
    message = decode_profile(data)
    if message is None:
        raise refuse(name, f"broken protobuf message of {len(data):,} bytes: expected {EXPECTED}")
    return PprofLoader(message, name, limits).profiles()


def _is_known(number: int, wire_type: int) -> bool:
    return number in (_MESSAGES if wire_type == 2 else _NUMBERS if wire_type == 0 else ())
