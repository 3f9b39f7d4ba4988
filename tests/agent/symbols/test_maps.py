"""/proc/PID/maps, and what of it is code."""

import os

from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.symbols.maps import Mapping, ProcessMaps

TEXT = """\
55d0c0000000-55d0c0001000 r--p 00000000 fe:00 42 /usr/bin/web server
55d0c0001000-55d0c0005000 r-xp 00001000 fe:00 42 /usr/bin/web server
7f0000000000-7f0000001000 r-xp 00000000 fe:00 43 /opt/lib/old.so (deleted)
7f1000000000-7f1000001000 rwxp 00000000 00:00 0
7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0 [vdso]
"""


def test_only_code_is_kept_with_its_offset_and_path() -> None:
    maps = ProcessMaps.parse(TEXT)
    assert len(maps) == 4
    assert maps.find(0x55D0C0001000) == Mapping(
        0x55D0C0001000, 0x55D0C0005000, 0x1000, 42, "/usr/bin/web server", "fe:00"
    )
    assert maps.find(0x55D0C0000FFF) is None
    assert maps.find(0x55D0C0005000) is None


def test_modules_are_named_after_their_files() -> None:
    maps = ProcessMaps.parse(TEXT)
    found = [maps.find(at) for at in (0x55D0C0001000, 0x7F0000000000, 0x7F1000000000, 0x7FFC00000000)]
    assert [mapping.module for mapping in found if mapping] == ["web server", "old.so", "[anon]", "[vdso]"]
    assert [mapping.is_file for mapping in found if mapping] == [True, True, False, False]


def test_our_own_mappings_hold_our_own_code() -> None:
    maps = ProcessMaps.of_process(os.getpid())
    assert len(maps) > 3


def test_a_cut_off_last_line_is_left_out() -> None:
    assert len(ProcessMaps.parse("55d0c0001000-55d0c0005000 r-xp 0000")) == 0


@given(st.text(alphabet="0123456789abcdef- rxp:/\n[]", max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    ProcessMaps.parse(text).find(4096)
