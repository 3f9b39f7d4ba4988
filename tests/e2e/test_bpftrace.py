"""bpftrace in the browser, on the real kernel: from the library to what a program says, and a mistake where it is."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.agent.servers import Agent, wait_for
from tests.e2e.axe import findings
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.bpf,
    pytest.mark.skipif(shutil.which("bpftrace") is None, reason="bpftrace is not installed: apt-get install bpftrace"),
]
PRIME = 1009
LONG_MS = 90_000
WORKLOAD = Path(__file__).parent.parent / "workloads" / "hits.c"


@pytest.fixture(scope="module")
def hits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("hits") / "hits"
    subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", binary, WORKLOAD], check=True)
    return binary


@pytest.fixture(scope="module")
def agent(stack: Stack) -> Iterator[Agent]:
    with running_agent(stack, "--allow-bpftrace") as running:
        wait_for(lambda: stack.knows(REAL_HOST), "the server to know the host")
        yield running


def run(page: Page, program: str, seconds: int = 60) -> None:
    page.goto(f"/bpftrace/?host={REAL_HOST}")
    page.get_by_label("Program in bpftrace’s language").fill(program)
    page.get_by_role("spinbutton", name="Duration").fill(str(seconds))
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page).to_have_url(re.compile(r"/bpftrace/[0-9a-f-]{36}/"))


def test_what_a_program_says_is_drawn_while_it_runs_and_after(page: Page, agent: Agent, hits: Path) -> None:
    program = (
        f"uprobe:{hits}:hit {{ @by[comm] = count(); @h = lhist(arg0, 0, 1000, 100); @s[ustack, comm] = count(); "
        f'if (arg0 < 3) {{ printf("hit %d\\n", arg0); }} }} interval:ms:100 {{ print(@by); }}'
    )
    run(page, program, 600)
    expect(page.locator("#run-state")).to_have_text("running", timeout=LONG_MS)
    with subprocess.Popen([hits, str(PRIME)], stdin=subprocess.PIPE) as load:
        assert load.stdin is not None
        load.stdin.write(b"\n")
        load.stdin.flush()
        expect(page.locator(".feed-lines li")).to_have_count(3)
        by = page.locator(".map", has=page.get_by_role("heading", name="@by"))
        expect(by.locator("table.bars tbody tr").first).to_contain_text("hits")
        expect(by).to_contain_text("1\u2009009")
        page.get_by_role("button", name="Stop and keep").click()
        expect(page.locator("#run-state")).to_have_text("cancelled", timeout=LONG_MS)
        load.stdin.close()
    expect(page.get_by_role("img", name="Histogram @h").locator(".main-svg").first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("img", name="@by each time it was printed").locator(".main-svg").first).to_be_visible()
    page.get_by_text("Values of @h").click()
    histogram = page.get_by_role("table", name="@h")
    expect(histogram.locator("tbody tr").last).to_contain_text("≥ 1\u2009000")
    assert findings(page) == []
    page.reload()
    expect(page.get_by_role("img", name="Histogram @h").locator(".main-svg").first).to_be_visible(timeout=LONG_MS)
    page.get_by_label("Only lines with this text").fill("hit 2")
    expect(page.locator(".feed-lines li")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=hit"))
    page.get_by_role("link", name="Flame graph").click()
    expect(page.get_by_role("heading", name="@s")).to_be_visible()
    expect(page.locator("profile-view")).to_contain_text("1\u2009009", timeout=LONG_MS)


def test_a_mistake_is_marked_in_its_line_and_can_be_mended(page: Page, agent: Agent) -> None:
    run(page, "BEGIN {\n  nosuch(5);\n}")
    expect(page.locator("#run-state")).to_have_text("failed", timeout=LONG_MS)
    expect(page.locator("#run-message")).to_contain_text("line 2, column 3: Unknown function: nosuch")
    expect(page.locator(".code-lines .wrong mark")).to_have_text("nosuch")
    page.get_by_role("link", name="Edit and run again…").click()
    expect(page.get_by_label("Program in bpftrace’s language")).to_have_value("BEGIN {\n  nosuch(5);\n}")
    expect(page.locator("#mistakes mark")).to_have_text("nosuch")


def test_the_library_fills_the_editor(page: Page, agent: Agent) -> None:
    page.goto("/bpftrace/")
    page.get_by_role("link", name="Calls of a function each second").click()
    page.get_by_role("textbox", name="Function").fill("open64")
    page.get_by_role("button", name="Put these in").click()
    expect(page.get_by_label("Program in bpftrace’s language")).to_have_value(re.compile(r"libc\.so\.6:open64 \{"))
    page.get_by_role("textbox", name="Function").fill("no way")
    page.get_by_role("button", name="Put these in").click()
    expect(page.get_by_role("alert")).to_contain_text("'no way' is not a function's name")
