"""From a pprof message to profiles, one for each of its sample types."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from profiler.core.profile import NANOSECONDS, SAMPLES, Profile, ProfileMeta
from profiler.formats.base import Limits, Skips, refuse
from profiler.formats.checked_names import CheckedNames, Measured
from profiler.formats.checked_paths import CheckedPaths, path_part
from profiler.formats.pprof_names import PprofNames
from profiler.formats.units import unit_of, whole

# The sample type that counts samples, beside one of time or bytes.
SAMPLE_COUNTS: Final = frozenset({"samples", "sample"})
MAX_TIME_NS: Final = 2**62

BAD_LOCATION: Final = "stack with a location that does not exist"
BAD_VALUE: Final = "value that is negative or too large: a difference of two profiles is no profile"
UNEQUAL: Final = "sample with more or fewer values than there are sample types"


class _SampleType(NamedTuple):
    name: str
    unit: str
    factor: int


class PprofLoader:
    """State of one load."""

    def __init__(self, message: Any, name: str, limits: Limits) -> None:
        self._message, self._name = message, name
        self._checked = CheckedNames(name, limits, Skips())
        self._names = PprofNames(message, self._checked)
        self._types = [self._sample_type(type_) for type_ in message.sample_type]
        if len(self._types) > limits.events:
            raise refuse(name, f"more than {limits.events} sample types: keep those that matter")

    def profiles(self) -> list[Profile]:
        """One for each sample type with values, the default one first. Raises FormatError when none has."""
        paths = CheckedPaths(self._checked, len(self._types))
        parts = {location.id: path_part(self._names.frames(location)) for location in self._message.location}
        counts = next((index for index, type_ in enumerate(self._types) if type_.name in SAMPLE_COUNTS), None)
        samples = 0
        for index, sample in enumerate(self._message.sample):
            values = self._add(paths, parts, sample, f"sample {index}")
            if values:
                samples += 1 if counts is None else values[counts]
        found = [
            profile
            for column in self._order()
            if (profile := paths.profile(column, self._meta(), self._measured(column), samples))
        ]
        if not found:
            why = self._checked.skips.first or "no sample has a value"
            raise refuse(self._name, f"nothing to show in {len(self._message.sample):,} samples: {why}")
        return found

    def _add(self, paths: CheckedPaths, parts: Mapping[int, bytes], sample: Any, place: str) -> list[int]:
        """Add a sample and return its values; none for one that can't be read."""
        values = [whole(value, type_.factor) for value, type_ in zip(sample.value, self._types, strict=False)]
        numbers = [value for value in values if value is not None]
        if len(sample.value) != len(self._types) or len(numbers) != len(values):
            self._checked.skip(UNEQUAL if len(sample.value) != len(self._types) else BAD_VALUE, place)
            return []
        try:
            path = b"".join([parts[location] for location in reversed(sample.location_id)])
        except KeyError:
            self._checked.skip(BAD_LOCATION, place)
            return []
        paths.add(path, self._names.thread(sample.label), numbers, place)
        return numbers

    def _sample_type(self, type_: Any) -> _SampleType:
        name, unit = self._names.text(type_.type), unit_of(self._names.text(type_.unit))
        return _SampleType(name, SAMPLES if name in SAMPLE_COUNTS else unit.name, unit.factor)

    def _order(self) -> list[int]:
        """Columns, the one first that the file says to show; without a word of it the last one, as pprof does."""
        default = self._names.text(self._message.default_sample_type)
        first = next((i for i, type_ in enumerate(self._types) if type_.name == default), len(self._types) - 1)
        return sorted(range(len(self._types)), key=lambda column: column != first)

    def _measured(self, column: int) -> Measured:
        """Samples are of what the period is of; CPU time says how much each of them stands for."""
        type_, period_type = self._types[column], self._message.period_type
        sampled, unit = self._names.text(period_type.type), unit_of(self._names.text(period_type.unit))
        kind = (sampled if type_.name in SAMPLE_COUNTS else type_.name) or "cpu"
        if kind != "cpu" or unit.name != NANOSECONDS:
            return Measured(kind, type_.unit)
        return Measured(kind, type_.unit, whole(self._message.period, unit.factor) or 0)

    def _meta(self) -> ProfileMeta:
        start, duration = self._message.time_nanos, self._message.duration_nanos
        return ProfileMeta(
            probe="pprof",
            start_ns=start if 0 <= start < MAX_TIME_NS else 0,
            duration_ns=duration if 0 <= duration < MAX_TIME_NS else 0,
        )
