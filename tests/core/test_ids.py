"""UUIDv7: layout, order, limits."""

import os

import pytest

from profiler.core.ids import uuid7


def test_version_and_variant_are_those_of_rfc_9562() -> None:
    made = uuid7(1_645_557_742_000, bytes.fromhex("cc318c4dc0c0c07398ff"))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == 1_645_557_742_000


def test_later_ids_sort_later() -> None:
    made = [str(uuid7(ms, os.urandom(10))) for ms in range(1_000, 1_100)]
    assert made == sorted(made)


def test_all_random_bits_are_used() -> None:
    zeros, ones = uuid7(1, bytes(10)), uuid7(1, b"\xff" * 10)
    assert (zeros.int ^ ones.int).bit_count() == 74


@pytest.mark.parametrize(("unix_ms", "random"), [(1, b"short"), (-1, bytes(10)), (1 << 48, bytes(10))])
def test_what_does_not_fit_is_refused(unix_ms: int, random: bytes) -> None:
    with pytest.raises(ValueError, match="uuid7"):
        uuid7(unix_ms, random)
