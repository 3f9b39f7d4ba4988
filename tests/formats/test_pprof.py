"""pprof: sample types, inlined functions, threads, addresses, and messages that do not fit together."""

import gzip
import io
from typing import Any

import pytest

from profiler.core.errors import FormatError
from profiler.core.frame import FrameKind, Thread
from profiler.core.profile import Profile
from profiler.formats import registry
from profiler.formats.base import Limits
from profiler.formats.pprof_loader import BAD_LOCATION, BAD_VALUE, UNEQUAL
from profiler.formats.pprof_messages import PprofProfile
from profiler.formats.pprof_names import OTHER_LABELS
from tests.formats.support import stacks


class Message:
    """A message in the making; texts are interned as pprof's are."""

    def __init__(self, *sample_types: tuple[str, str]) -> None:
        self.proto: Any = PprofProfile()
        self._texts = {"": 0}
        for type_, unit in sample_types or (("samples", "count"),):
            self.proto.sample_type.add(type=self.text(type_), unit=self.text(unit))

    def text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def function(self, name: str, file: str = "") -> int:
        number = len(self.proto.function) + 1
        self.proto.function.add(id=number, name=self.text(name), filename=self.text(file))
        return number

    def location(self, *functions: int, address: int = 0, mapping: int = 0) -> int:
        number = len(self.proto.location) + 1
        location = self.proto.location.add(id=number, address=address, mapping_id=mapping)
        for function in functions:
            location.line.add(function_id=function, line=7)
        return number

    def sample(self, locations: list[int], *values: int, **labels: str | int) -> None:
        sample = self.proto.sample.add(location_id=locations, value=values)
        for key, value in labels.items():
            texts = {"str": self.text(value)} if isinstance(value, str) else {"num": value}
            sample.label.add(key=self.text(key), **texts)

    def data(self) -> bytes:
        self.proto.string_table.extend(text.encode() for text in self._texts)
        data: bytes = self.proto.SerializeToString()
        return data


def load(data: bytes, limits: Limits = Limits()) -> list[Profile]:  # noqa: B008 - frozen
    return registry.load(io.BytesIO(data), "f", limits)


def simple() -> tuple[Message, int, int]:
    message = Message()
    return message, message.location(message.function("main")), message.location(message.function("work"))


def test_stacks_are_leaf_first_in_the_file_and_root_first_here() -> None:
    message, main, work = simple()
    message.sample([work, main], 3)
    message.sample([main], 2)
    (profile,) = load(gzip.compress(message.data()))
    assert stacks(profile) == {"main;work": 3, "main": 2}
    assert (profile.meta.unit, profile.quality.samples) == ("samples", 5)


def test_each_sample_type_with_values_is_a_profile_and_the_default_one_is_first() -> None:
    message = Message(("samples", "count"), ("cpu", "milliseconds"), ("alloc_space", "bytes"))
    message.proto.period_type.type, message.proto.period_type.unit = message.text("cpu"), message.text("nanoseconds")
    message.proto.period = 10_000_000
    message.proto.default_sample_type = message.text("cpu")
    message.sample([message.location(message.function("main"))], 2, 20, 0)
    time, count = load(message.data())
    assert (time.meta.kind, time.meta.unit, time.total, time.meta.period_ns) == (
        "cpu",
        "nanoseconds",
        20_000_000,
        10**7,
    )
    assert (count.meta.kind, count.meta.unit, count.total, count.meta.period_ns) == ("cpu", "samples", 2, 10**7)
    assert time.quality.samples == count.quality.samples == 2


def test_inlined_functions_are_frames_below_the_function_they_are_in() -> None:
    message = Message()
    inner, outer = message.function("inner", "a.c"), message.function("outer", "a.c")
    message.sample([message.location(inner, outer)], 1)
    (profile,) = load(message.data())
    assert stacks(profile) == {"outer;inner": 1}
    kinds = {frame.name: (frame.kind, frame.file, frame.line) for frame in profile.frames}
    assert kinds == {"outer": (FrameKind.NATIVE, "a.c", 7), "inner": (FrameKind.INLINED, "a.c", 7)}


def test_labels_of_threads_become_threads_and_others_are_counted() -> None:
    message, main, _ = simple()
    message.sample([main], 1, pid=12, thread_id="34", thread_name="web")
    message.sample([main], 1, pid=12, thread_id="34", thread_name="web")
    message.sample([main], 1, request="a")
    (profile,) = load(message.data())
    assert set(profile.threads) == {Thread(12, 34, "web"), Thread()}
    assert profile.quality.skipped == {OTHER_LABELS: 1}


def test_an_address_without_a_function_keeps_module_build_id_and_place() -> None:
    message = Message()
    message.proto.mapping.add(
        id=1,
        memory_start=0x7F0000,
        memory_limit=0x7FF000,
        file_offset=0x1000,
        filename=message.text("/lib/libx.so"),
        build_id=message.text("abc1"),
    )
    message.sample([message.location(address=0x7F0010, mapping=1)], 1)
    (profile,) = load(message.data())
    (frame,) = profile.frames
    assert (frame.name, frame.module, frame.build_id, frame.offset) == ("libx.so+0x1010", "libx.so", "abc1", 0x1010)


def test_samples_that_cannot_be_read_among_good_ones_are_counted() -> None:
    message, main, _ = simple()
    message.sample([main], 5)
    message.sample([99], 1)
    message.sample([main], -1)
    message.sample([main], 1, 1)
    (profile,) = load(message.data())
    assert profile.total == 5
    assert profile.quality.skipped == {BAD_LOCATION: 1, BAD_VALUE: 1, UNEQUAL: 1}


def test_numbers_of_texts_and_functions_that_do_not_exist_are_unknown() -> None:
    message = Message()
    message.proto.function.add(id=1, name=4_000_000, filename=-5)
    message.sample([message.location(1, 77)], 1)
    (profile,) = load(message.data())
    assert stacks(profile) == {"[unknown];[unknown]": 1}
    assert profile.quality.unknown == {"[unknown]": 1}


def test_a_stack_that_is_too_deep_is_counted_and_one_without_frames_is_said() -> None:
    message, main, _ = simple()
    message.sample([main] * 9, 1)
    message.sample([], 3)
    (profile,) = load(message.data(), Limits(depth=8))
    assert stacks(profile) == {"[no stack]": 3}
    assert profile.quality.skipped == {"stack deeper than 8 frames": 1}


def test_a_cut_or_empty_message_is_refused() -> None:
    message, main, work = simple()
    with pytest.raises(FormatError, match="f: nothing to show in 0 samples"):
        registry.load(io.BytesIO(message.data()), "f", format="pprof")
    message, main, work = simple()
    message.sample([work, main], 3)
    with pytest.raises(FormatError, match="f: broken protobuf message of"):
        registry.load(io.BytesIO(message.data()[:-3]), "f", format="pprof")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(nodes=1), "more than 1 different stacks"),
        (Limits(frames=1), "more than 1 different functions"),
        (Limits(events=0), "more than 0 sample types"),
        (Limits(document_bytes=10), "has more than 10 bytes"),
    ],
)
def test_limits_of_the_whole_file_are_named(limits: Limits, said: str) -> None:
    message, main, work = simple()
    message.sample([work, main], 3)
    with pytest.raises(FormatError, match=f"f: .*{said}"):
        load(message.data(), limits)


def test_sums_that_cannot_be_kept_are_refused() -> None:
    message, main, work = simple()
    for location in (main, work):
        message.sample([location], 2**62)
    with pytest.raises(FormatError, match="f: the values add up to more than"):
        load(message.data())
