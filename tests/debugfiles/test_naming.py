"""Profiles get the names of debug files, whenever those come, and lose them when those go; what was recorded stays."""

import logging
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from profiler.core import batch
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile
from profiler.core.resolve import Lookup, resolve
from profiler.debugfiles import naming
from profiler.debugfiles.alone import alone
from profiler.debugfiles.intake import delete
from profiler.debugfiles.naming import name_profiles
from profiler.debugfiles.storage import path_of
from profiler.ingest.store import Origin, store
from profiler.models import ProfileData, StoredProfile, UnnamedModule
from profiler.query.debug_files import missing, missing_in
from profiler.query.tree import TreeAsked, load, tree_etag
from tests.agent_double import cpu_profile
from tests.debugfiles.conftest import Send
from tests.programs import MODULE, StrippedProgram, function_names

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]


@pytest.fixture
def recorded(program: StrippedProgram) -> Profile:
    return program.profile()


@pytest.fixture
def stored(owner: User, recorded: Profile) -> StoredProfile:
    return store(recorded, Origin(owner, "stripped", "recording"))


def shown(profile: StoredProfile) -> Profile:
    profile.refresh_from_db()
    return load(profile)


def paths(profile: Profile) -> set[str]:
    return {";".join(profile.frames[i].name for i in profile.stacks.path(int(node))) for node in profile.node}


def test_a_stripped_program_gets_its_names_when_its_debug_file_comes(
    stored: StoredProfile, recorded: Profile, send: Send, program: StrippedProgram
) -> None:
    assert all(name.startswith(f"{MODULE}+0x") for name in function_names(shown(stored)))
    before = tree_etag(stored, TreeAsked(()))
    send(program.debug, "inlined.debug")
    name_profiles()
    named = shown(stored)
    assert paths(named) == {"main;spin", "main;spin;twice", "main;spin;twice;mix"}
    assert {f.name: f.kind for f in named.frames} == {
        "main": FrameKind.NATIVE, "spin": FrameKind.NATIVE, "twice": FrameKind.INLINED, "mix": FrameKind.INLINED,
    }  # fmt: skip
    assert {(Path(f.file).name, f.line > 0, f.module, f.build_id) for f in named.frames} == {
        ("inlined.c", True, MODULE, program.build_id)
    }
    assert named.total == recorded.total
    assert tree_etag(stored, TreeAsked(())) != before, "a browser must not keep the tree without names"


def test_the_facts_of_the_profile_follow(stored: StoredProfile, send: Send, program: StrippedProgram) -> None:
    stored.refresh_from_db()
    assert stored.unknown == len(program.code_of("spin"))
    send(program.debug, "inlined.debug")
    name_profiles()
    stored.refresh_from_db()
    assert (stored.unknown, stored.quality["unknown"], stored.quality["modules"]) == (0, {}, [])


def test_a_file_with_symbols_only_gives_names_only(stored: StoredProfile, send: Send, program: StrippedProgram) -> None:
    send(program.symbols, "symbols")
    name_profiles()
    assert paths(shown(stored)) == {"main;spin"}
    send(program.debug, "better")
    name_profiles()
    assert "main;spin;twice;mix" in paths(shown(stored)), "a better file resolves the recorded addresses again"


def test_what_was_recorded_is_kept_and_comes_back_when_the_file_goes(
    stored: StoredProfile, recorded: Profile, send: Send, owner: User, program: StrippedProgram
) -> None:
    file = send(program.debug, "inlined.debug")
    name_profiles()
    assert tuple(batch.decode(bytes(ProfileData.objects.get(pk=stored.pk).batch)).frames) == recorded.frames
    delete(owner, file.pk)
    name_profiles()
    assert tuple(shown(stored).frames) == recorded.frames
    assert stored.unknown == len(program.code_of("spin"))
    assert missing(owner)[0].build_id == program.build_id


def test_a_profile_that_comes_after_its_debug_file_gets_the_names_too(
    send: Send, owner: User, recorded: Profile, program: StrippedProgram
) -> None:
    send(program.debug, "inlined.debug")
    later = store(recorded, Origin(owner, "later", "recording"))
    name_profiles()
    assert "main;spin;twice;mix" in paths(shown(later))


def test_only_profiles_that_hold_the_build_are_touched(
    stored: StoredProfile, send: Send, owner: User, program: StrippedProgram
) -> None:
    named = store(cpu_profile("web-1"), Origin(owner, "has its names", "recording"))
    send(program.debug, "inlined.debug")
    name_profiles()
    named.refresh_from_db()
    stored.refresh_from_db()
    assert (named.revision, stored.revision) == (0, 1)
    name_profiles()
    stored.refresh_from_db()
    assert stored.revision == 1, "nothing came, nothing to do"


def test_a_file_of_another_build_names_nothing(stored: StoredProfile, send: Send, owner: User, tmp_path: Path) -> None:
    other = StrippedProgram.build(tmp_path, "-Wl,--build-id=uuid")
    send(other.debug, "other.debug")
    name_profiles()
    stored.refresh_from_db()
    assert stored.revision == 0
    assert [each.has_file for each in missing(owner)] == [False]


def test_an_address_that_the_file_does_not_know_stays_and_is_told(
    owner: User, send: Send, recorded: Profile, program: StrippedProgram
) -> None:
    nowhere = program.frame(0x10)
    strange = replace(recorded, frames=(recorded.frames[0], nowhere, *recorded.frames[2:]))
    stored = store(strange, Origin(owner, "strange", "recording"))
    send(program.debug, "inlined.debug")
    name_profiles()
    assert nowhere in shown(stored).frames
    (left,) = missing_in(owner, stored.pk)
    assert (left.value, left.has_file, left.waiting) == (1, True, False)
    name_profiles()
    assert shown(stored).total == recorded.total
    assert stored.revision == 1, "it is not tried again and again"


def test_a_debug_file_that_is_gone_from_the_disk_gives_no_names_and_is_logged(
    stored: StoredProfile, send: Send, program: StrippedProgram, caplog: pytest.LogCaptureFixture
) -> None:
    path_of(send(program.debug, "inlined.debug")).unlink()
    with caplog.at_level(logging.WARNING):
        name_profiles()
    assert "inlined.debug) gives no names" in caplog.text
    assert all(name.startswith(MODULE) for name in function_names(shown(stored)))
    assert not naming._due().exists()


def test_a_debug_file_with_broken_debug_information_still_gives_the_names_of_its_symbols(
    stored: StoredProfile, send: Send, program: StrippedProgram, tmp_path: Path
) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(b"\xff" * 4096)
    broken = tmp_path / "broken"
    subprocess.run(["objcopy", "--update-section", f".debug_info={noise}", program.debug, broken], check=True)
    assert send(broken, "broken").has_lines
    name_profiles()
    assert paths(shown(stored)) == {"main;spin"}


def test_a_profile_that_can_not_be_read_does_not_stop_the_others(
    stored: StoredProfile, send: Send, owner: User, program: StrippedProgram, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = store(program.profile(), Origin(owner, "damaged", "recording"))
    ProfileData.objects.filter(pk=damaged.pk).update(batch=b"damaged")
    send(program.debug, "inlined.debug")
    name_profiles()
    assert f"profile {damaged.pk} can't be named" in caplog.text
    assert "main;spin;twice;mix" in paths(shown(stored))
    assert not naming._due().exists()


def test_profiles_of_before_there_was_an_index_are_named_too(
    stored: StoredProfile, send: Send, program: StrippedProgram
) -> None:
    damaged = store(cpu_profile("web-1"), Origin(stored.owner, "damaged, and looked at first", "recording"))
    ProfileData.objects.filter(pk=damaged.pk).update(batch=b"damaged")
    UnnamedModule.objects.all().delete()
    StoredProfile.objects.update(indexed=False)
    send(program.debug, "inlined.debug")
    name_profiles()
    assert "main;spin;twice;mix" in paths(shown(stored))


def test_a_file_that_goes_while_a_profile_is_named_leaves_no_name_behind(
    stored: StoredProfile, send: Send, owner: User, program: StrippedProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = send(program.debug, "inlined.debug")

    def slow(profile: Profile, lookup: Lookup) -> Profile:
        named = resolve(profile, lookup)
        delete(owner, file.pk)
        return named

    monkeypatch.setattr(naming, "resolve", slow)
    naming.name_profile(stored.pk)
    assert all(name.startswith(MODULE) for name in function_names(shown(stored)))


def test_two_workers_do_not_name_at_once(stored: StoredProfile, send: Send, program: StrippedProgram) -> None:
    send(program.debug, "inlined.debug")
    with alone("naming", 10) as mine:
        assert mine
        name_profiles()
        stored.refresh_from_db()
        assert stored.revision == 0
    name_profiles()
    stored.refresh_from_db()
    assert stored.revision == 1


def test_what_is_missing_is_listed_by_how_much_it_hides(
    stored: StoredProfile, owner: User, viewer: User, stranger: User, program: StrippedProgram
) -> None:
    store(program.profile(), Origin(owner, "again", "recording"))
    (each,) = missing(viewer)
    spin = len(program.code_of("spin"))
    assert (each.module, each.build_id, each.value, each.profiles) == (MODULE, program.build_id, 2 * spin, 2)
    assert (each.answer, each.asked_at, each.has_file, each.waiting) == ("", None, False, False)
    assert missing_in(viewer, stored.pk)[0].value == spin
    assert missing(stranger) == []


def test_a_build_id_that_is_none_is_not_indexed(owner: User, program: StrippedProgram) -> None:
    profile = program.profile()
    for build_id in ("../../etc", "0", "A" * 40, "0" * 200):
        frames = tuple(frame._replace(build_id=build_id) for frame in profile.frames)
        again = replace(profile, frames=frames, meta=cpu_profile("web-1").meta)
        store(again, Origin(owner, "strange", "recording"))
    assert not UnnamedModule.objects.exists()
