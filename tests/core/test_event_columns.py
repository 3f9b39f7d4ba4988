"""What programs send, as people know it: names, errors, signals, and bytes that are no text."""

import msgpack
import numpy as np
import pytest

from profiler.core.event_columns import errors, names, shown, signal_name, split, until_zero


def test_names_keep_their_order_and_end_at_the_first_zero() -> None:
    assert names(np.array([b"sh", b"python\0old", b"sh"], dtype="S16")) == ["sh", "python", "sh"]
    assert names(np.array([], dtype="S16")) == []


def test_any_bytes_become_text_that_can_be_sent() -> None:
    assert shown(b"a\nb\xff/\xc3\xa9") == "a\nb\\xff/é"
    assert msgpack.unpackb(msgpack.packb(shown(bytes(range(256)))))
    assert until_zero(b"\xfe\0rest") == "\\xfe"


def test_only_negative_numbers_are_errors() -> None:
    assert errors(np.array([3, -2, 0, -13, -9999])) == ["", "ENOENT", "", "EACCES", "9999"]


@pytest.mark.parametrize(
    ("number", "name"), [(1, "SIGHUP"), (15, "SIGTERM"), (31, "SIGSYS"), (36, "SIGRTMIN+2"), (0, "0")]
)
def test_signals_have_names(number: int, name: str) -> None:
    assert signal_name(number) == name


def test_a_record_is_its_fixed_part_and_what_follows() -> None:
    head = np.dtype([("a", "<u4"), ("b", "<u4")])
    heads, rests = split([b"\1\0\0\0\2\0\0\0rest", b"\3\0\0\0\4\0\0\0"], head)
    assert heads["b"].tolist() == [2, 4]
    assert rests == [b"rest", b""]
    assert len(split([], head)[0]) == 0
