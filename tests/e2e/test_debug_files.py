"""A stripped program gets its names: recorded for real, its debug file sent from a shell or dropped on the page."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from profiler.core.channel import RunState
from tests.agent.servers import Agent, wait_for
from tests.agent_double import AgentDouble
from tests.e2e.stack import ADMIN, REAL_HOST, Stack, running_agent
from tests.e2e.test_recording import PROFILE_URL, pids, start
from tests.programs import MODULE, StrippedProgram

pytestmark = pytest.mark.e2e
MAKE_TOKEN = (
    "from django.contrib.auth.models import User; from profiler.sharing import create_token;"
    f"print(create_token(User.objects.get(username={ADMIN!r}), 'test')[1])"
)
DEADLINE_S = 60
SPIN = ";spin"  # the kernel has functions with these letters in their names
WEBPROF = Path(sys.executable).parent / "webprof"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> StrippedProgram:
    return StrippedProgram.build(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    return stack.manage("shell", "-v0", "-c", MAKE_TOKEN).splitlines()[-1]


@pytest.fixture(scope="module")
def agent(stack: Stack) -> Iterator[Agent]:
    with running_agent(stack) as running:
        yield running


@contextmanager
def at_work(program: StrippedProgram, agent: Agent) -> Iterator[int]:
    """Its pid, once the agent has told the server of it."""
    with subprocess.Popen([program.stripped]) as process:
        try:
            wait_for(lambda: process.pid in pids(agent), "a heartbeat with the program")
            yield process.pid
        finally:
            process.kill()


def record(page: Page, pid: int) -> str:
    """The profile's id."""
    page.goto(f"/record/?host={REAL_HOST}&pid={pid}")
    page.get_by_label("Duration", exact=True).fill("2")
    page.get_by_role("button", name="Start recording").click()
    expect(page).to_have_url(PROFILE_URL, timeout=DEADLINE_S * 1000)
    return str(re.findall(r"/profiles/([0-9a-f-]{36})/", page.url)[0])


def send(stack: Stack, token: str, *files: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(WEBPROF), "debug-file", "upload", "--url", stack.base_url, "--token", token]
    return subprocess.run([*command, *files], capture_output=True, text=True, timeout=DEADLINE_S)


def folded(stack: Stack, token: str, profile: str) -> str:
    request = urllib.request.Request(f"{stack.base_url}/api/v1/profiles/{profile}/folded")  # noqa: S310 our own server
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 our own server
        text: str = answer.read().decode()
        return text


def total(text: str) -> int:
    return sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines())


@pytest.mark.bpf
def test_a_stripped_program_that_was_recorded_gets_its_names_when_its_debug_file_is_sent(
    page: Page, stack: Stack, agent: Agent, token: str, program: StrippedProgram
) -> None:
    with at_work(program, agent) as pid:
        profile = record(page, pid)
    before = folded(stack, token, profile)
    assert f"{MODULE}+0x" in before
    assert SPIN not in before
    sent = send(stack, token, program.debug)
    assert (sent.returncode, sent.stdout) == (0, f"{program.build_id} {program.debug}\n"), sent.stderr
    wait_for(lambda: SPIN in folded(stack, token, profile), "the names", DEADLINE_S)
    after = folded(stack, token, profile)
    assert f"{MODULE}+0x" not in after
    assert re.search(r";main;spin(;twice)?(;mix)? \d+$", after, re.MULTILINE), after
    assert ";main;spin;twice;mix " in after, "what was inlined has its name, too"
    assert total(before) == total(after)
    page.reload()
    page.get_by_placeholder(re.compile("Search")).fill("^spin$")
    expect(page.locator("search-box .search-result")).not_to_contain_text("no match")
    page.goto("/debug-files/")
    expect(page.get_by_role("row", name=re.compile(r"inlined\.debug .*names and lines"))).to_be_visible()
    page.get_by_role("button", name="Delete inlined.debug").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".message")).to_contain_text("“inlined.debug” is deleted")
    wait_for(lambda: SPIN not in folded(stack, token, profile), "the addresses to come back", DEADLINE_S)


@pytest.mark.bpf
def test_a_debuginfod_server_names_a_recording_without_anybody_doing_anything(
    page: Page, stack: Stack, agent: Agent, token: str, tmp_path: Path
) -> None:
    other = StrippedProgram.build(tmp_path, "-Wl,--build-id=uuid")
    stack.debuginfod.files[other.build_id] = other.debug.read_bytes()
    with at_work(other, agent) as pid:
        profile = record(page, pid)
    wait_for(lambda: SPIN in folded(stack, token, profile), "the names", DEADLINE_S)
    assert f"{MODULE}+0x" not in folded(stack, token, profile)
    assert stack.debuginfod.asked.count(f"/buildid/{other.build_id}/debuginfo") == 1
    page.goto("/debug-files/")
    expect(page.get_by_role("row", name=re.compile("names and lines.*debuginfod"))).to_be_visible()


def test_refused_files_are_named_and_the_others_still_arrive(
    stack: Stack, token: str, program: StrippedProgram, tmp_path: Path
) -> None:
    noise = tmp_path / "noise.debug"
    noise.write_text("not ELF")
    sent = send(stack, token, noise, program.whole, program.stripped)
    assert sent.returncode == 1
    assert sent.stdout == f"{program.build_id} {program.whole}\n"
    assert f"{noise}: the server can't read this file: noise.debug: not a 64-bit little-endian ELF file" in sent.stderr
    assert f"{program.stripped}: the server can't read this file: inlined: it is stripped" in sent.stderr
    assert "2 of 3 files refused" in sent.stderr


def test_a_wrong_token_and_a_server_that_is_not_there_are_told(stack: Stack, program: StrippedProgram) -> None:
    assert "refused (401)" in send(stack, "wp_wrong", program.debug).stderr


def test_the_page_shows_what_is_missing_and_takes_files(page: Page, host: AgentDouble, tmp_path: Path) -> None:
    other = StrippedProgram.build(tmp_path / "other", "-Wl,--build-id=uuid")
    run = start(page, "web-1")
    host.report(run, RunState.DONE, at_s=11, samples=1, elapsed_s=10)
    host.send_profile(run, other.profile(module="<b>libshop.so"))
    expect(page).to_have_url(PROFILE_URL)
    page.get_by_text("Why, and what to do").click()
    page.get_by_role("link", name="Send its debug file").click()
    expect(page.get_by_role("heading", name=re.compile("Missing in "))).to_be_visible()
    page.wait_for_load_state()
    row = page.get_by_role("row", name=re.compile(other.build_id))
    expect(row).to_contain_text("<b>libshop.so")
    noise = tmp_path / "noise.debug"
    noise.write_text("not ELF")
    page.get_by_label("Upload…").set_input_files(noise)
    expect(page.locator(".upload.failed")).to_contain_text("not a 64-bit little-endian ELF file")
    page.get_by_label("Upload…").set_input_files(other.debug)
    expect(page.get_by_role("row", name=re.compile(r"inlined\.debug"))).to_be_visible()
    wait_for(lambda: page.reload() and row.count() == 1, "the names to be filled in", DEADLINE_S)
