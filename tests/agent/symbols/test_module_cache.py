"""Files are read once for all processes, and under a bound."""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from profiler.agent.symbols import modules, recent_modules
from profiler.agent.symbols.debug_files import FoundFile, open_with_debug_info
from profiler.agent.symbols.maps import Mapping, ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.recent_modules import RecentModules


def address_of(function: str) -> int:
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


def test_modules_are_read_once_and_forgotten_under_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = ProcessMaps.of_process(os.getpid())
    libc = maps.find(address_of("swab"))
    python = maps.find(address_of("Py_IsInitialized"))
    assert libc is not None
    assert python is not None
    reads: list[Path] = []

    def read(path: Path, place: Path, roots: tuple[Path, ...]) -> FoundFile:
        reads.append(path)
        return open_with_debug_info(path, place, roots)

    monkeypatch.setattr(modules, "open_with_debug_info", read)
    roomy, tight = ModuleCache(), ModuleCache(max_bytes=1)
    for cache, expected in ((roomy, 2), (tight, 4)):
        reads.clear()
        for mapping in (libc, python, libc, python):
            cache.of_file(os.getpid(), mapping)
        assert len(reads) == expected
    reads.clear()
    used = [tight.of_file(os.getpid(), mapping) for mapping in (libc, python)]
    assert [tight.of_file(os.getpid(), mapping) for mapping in (libc, python)] == used
    assert len(reads) == 2, "what is in use is not read again"


def libc() -> Mapping:
    mapping = ProcessMaps.of_process(os.getpid()).find(address_of("swab"))
    assert mapping is not None
    return mapping


@pytest.mark.parametrize(("interval_s", "looks"), [(60.0, 1), (0.0, 3)])
def test_a_file_that_many_map_is_looked_at_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, interval_s: float, looks: int
) -> None:
    monkeypatch.setattr(recent_modules, "LOOK_AGAIN_S", interval_s)
    located: list[int] = []
    locate = modules._locate

    def counted(pid: int, mapping: Mapping, roots: Iterable[Path]) -> tuple[Path, Path, modules.FileKey]:
        located.append(pid)
        return locate(pid, mapping, roots)

    monkeypatch.setattr(modules, "_locate", counted)
    recent, mapping = RecentModules(ModuleCache()), libc()
    found = {id(recent.of(os.getpid(), mapping)) for _ in range(3)}
    assert len(found) == 1
    assert len(located) == looks


def test_memory_of_no_file_has_no_module_but_the_kernels_own_code() -> None:
    recent = RecentModules(ModuleCache())
    assert recent.of(os.getpid(), Mapping(0x1000, 0x2000, 0, 0, "")) is None
    vdso = recent.of(os.getpid(), Mapping(0x1000, 0x2000, 0, 0, "[vdso]"))
    assert vdso is not None
    assert vdso.name == "[vdso]"
