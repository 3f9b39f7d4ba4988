"""Questions of DNS packets, also of those that nobody should send."""

import pytest

from profiler.probes.dns import question


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (b"\x03www\x07example\x03com\x00\x00\x01\x00\x01", ("www.example.com", "A")),
        (b"\x00\x00\x02\x00\x01", (".", "NS")),
        (b"\x01a\x00\x12\x34\x00\x01", ("a", "TYPE4660")),
        (b"\x04\xff<b>\x00\x00\x1c", (r"\xff<b>", "AAAA")),
        (b"", ("…", "")),
        (b"\x3fcut", ("cut.…", "")),
        (b"\x01a\xc0\x0c\x00\x01", ("a.…", "")),
        (b"\x01a" * 130, (".".join(["a"] * 130) + ".…", "")),
    ],
)
def test_a_question_is_read_as_far_as_it_goes(packed: bytes, told: tuple[str, str]) -> None:
    assert question(packed) == told
