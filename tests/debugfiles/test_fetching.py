"""Debug files from debuginfod servers: what is missing most is asked for once, and what came of it is remembered."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from profiler.core.profile import Profile
from profiler.debugfiles import debuginfod, storage
from profiler.debugfiles.fetching import fetch_debug_files
from profiler.debugfiles.naming import name_profiles
from profiler.ingest.store import Origin, store
from profiler.models import DebugFile, StoredProfile
from profiler.query.debug_files import DebugFileFilter, list_debug_files, missing
from profiler.query.tree import load
from tests.debugfiles.conftest import Send
from tests.debuginfod_server import Answer, DebuginfodServer, redirect, running_debuginfod, send
from tests.programs import StrippedProgram, function_names

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis", "send")]


@pytest.fixture
def server(settings: LazySettings) -> Iterator[DebuginfodServer]:
    with running_debuginfod() as running:
        settings.DEBUGINFOD_URLS = (running.url,)
        yield running


@pytest.fixture
def stored(owner: User, program: StrippedProgram) -> StoredProfile:
    return store(program.profile(), Origin(owner, "stripped", "recording"))


def path(program: StrippedProgram) -> str:
    return f"/buildid/{program.build_id}/debuginfo"


def only_answer() -> DebugFile:
    return DebugFile.objects.get()


def test_a_missing_debug_file_is_fetched_and_names_the_profile(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram
) -> None:
    server.files[program.build_id] = program.debug.read_bytes()
    fetch_debug_files()
    file = only_answer()
    assert (file.state, file.origin, file.name, file.uploader) == ("ready", "debuginfod", "inlined", None)
    assert file.size == program.debug.stat().st_size
    name_profiles()
    stored.refresh_from_db()
    assert "mix" in function_names(load(stored))
    fetch_debug_files()
    assert server.asked == [path(program)], "what is here is not asked for"


def test_without_servers_nothing_is_asked(stored: StoredProfile, settings: LazySettings) -> None:
    assert settings.DEBUGINFOD_URLS == (), "off by default"
    fetch_debug_files()
    assert not DebugFile.objects.exists()


def test_what_no_server_has_is_remembered_shown_and_asked_again_the_next_day(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, owner: User
) -> None:
    for _ in range(3):
        fetch_debug_files()
    assert server.asked == [path(program)]
    (each,) = missing(owner)
    assert each.answer == f"{debuginfod.server_name(server.url)} has no debug file of this build"
    assert each.asked_at is not None
    assert list_debug_files(owner, DebugFileFilter()).total == 0, "an answer is no file"
    DebugFile.objects.update(ask_again_at=timezone.now() - timedelta(seconds=1))
    server.files[program.build_id] = program.debug.read_bytes()
    fetch_debug_files()
    assert only_answer().state == "ready"


def test_the_next_server_is_asked_when_one_has_nothing(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, settings: LazySettings
) -> None:
    with running_debuginfod() as second:
        settings.DEBUGINFOD_URLS = (server.url, second.url)
        second.files[program.build_id] = program.debug.read_bytes()
        fetch_debug_files()
    assert (len(server.asked), len(second.asked)) == (1, 1)
    assert only_answer().state == "ready"


def test_the_file_that_hides_most_is_asked_for_first(
    owner: User, server: DebuginfodServer, program: StrippedProgram
) -> None:
    few, many = ("11" * 20, "22" * 20)
    for build_id, times in ((few, 1), (many, 3)):
        for _ in range(times):
            store(of_build(program.profile(), build_id), Origin(owner, "x", "recording"))
    fetch_debug_files()
    assert server.asked == [f"/buildid/{many}/debuginfo", f"/buildid/{few}/debuginfo"]


def of_build(profile: Profile, build_id: str) -> Profile:
    return replace(profile, frames=tuple(frame._replace(build_id=build_id) for frame in profile.frames))


def broken_off(request: BaseHTTPRequestHandler) -> None:
    send(request, b"\x7fELF", claimed=1000)


def unavailable(request: BaseHTTPRequestHandler) -> None:
    request.send_error(503, "overloaded")


def no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (broken_off, "broke off, 996 bytes before the end"),
        (unavailable, "answered 503 overloaded"),
        (no_http, "SSH-2.0"),
        (redirect("http://127.0.0.2:1/elsewhere"), "sends us to another server: http://127.0.0.2:1/elsewhere"),
        (redirect("file:///etc/passwd"), "is not allowed"),
    ],
)
def test_trouble_is_told_leaves_nothing_and_is_tried_again_soon(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, answer: Answer, says: str
) -> None:
    server.answers[path(program)] = answer
    fetch_debug_files()
    file = only_answer()
    assert file.state == "refused"
    assert says in file.message
    assert list(storage.directory().glob("*")) == []
    assert file.ask_again_at is not None
    assert timedelta(minutes=20) < file.ask_again_at - timezone.now() < timedelta(hours=1)


def test_a_redirect_on_the_same_server_is_followed(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram
) -> None:
    server.answers[path(program)] = redirect("/cache/1")
    server.answers["/cache/1"] = lambda request: send(request, program.debug.read_bytes())
    fetch_debug_files()
    assert only_answer().state == "ready"


def test_a_server_that_does_not_answer_is_given_up(
    stored: StoredProfile, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debuginfod, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.DEBUGINFOD_URLS = (f"http://127.0.0.1:{silent.getsockname()[1]}",)
        fetch_debug_files()
    assert "timed out" in only_answer().message


def test_a_server_that_sends_drop_by_drop_is_given_up(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debuginfod, "LONGEST_S", 0.3)
    given_up = threading.Event()

    def drops(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not given_up.wait(0.02):
            request.wfile.write(b"x")

    server.answers[path(program)] = drops
    try:
        fetch_debug_files()
    finally:
        given_up.set()
    assert "sent no whole file in 0.3 s" in only_answer().message


def test_a_file_over_the_limit_is_refused_and_not_asked_for_again_today(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MAX_DEBUG_FILE_BYTES", 1000)
    server.files[program.build_id] = bytes(2000)
    fetch_debug_files()
    fetch_debug_files()
    assert "over the limit of 1,000 bytes" in only_answer().message
    assert len(server.asked) == 1
    assert list(storage.directory().glob("*")) == []


def test_a_file_of_another_build_is_refused(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, tmp_path: Path
) -> None:
    other = StrippedProgram.build(tmp_path, "-Wl,--build-id=uuid")
    server.files[program.build_id] = other.debug.read_bytes()
    fetch_debug_files()
    assert f"build {program.build_id} was asked for, and this is build {other.build_id}" in only_answer().message


def test_an_uploaded_file_takes_the_place_of_what_no_server_had(
    stored: StoredProfile, server: DebuginfodServer, program: StrippedProgram, owner: User, send: Send
) -> None:
    fetch_debug_files()
    assert send(program.debug, "inlined.debug").state == "ready"
    name_profiles()
    assert missing(owner) == []
