"""`webprof up` as a whole: real processes, a real recording of this machine, and nothing left at the end."""

# ruff: noqa: S310 – every URL here is one that `webprof up` of this test printed

import ctypes
import errno
import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
WEBPROF = Path(sys.executable).parent / "webprof"
DEADLINE_S = 300  # a healthy machine needs a thirtieth of it

pytestmark = [
    pytest.mark.bpf,
    pytest.mark.redis,
    pytest.mark.skipif(os.geteuid() != 0, reason="webprof up must be root: the agent loads BPF programs"),
]


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """One `webprof up` and what it prints."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WEBPROF_", "DATABASE_"))}
        settings = {"WEBPROF_DATA": str(data), "WEBPROF_PORT": str(self.port), **environment}
        self.process = subprocess.Popen(
            [str(WEBPROF), "up", *options], cwd=ROOT, env={**kept, **settings}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def printed(self, pattern: str) -> str:
        """What `pattern`'s group matched; waits for it."""
        eventually(lambda: re.search(pattern, self.output) or self.process.poll() is not None)
        found = re.search(pattern, self.output)
        assert found, self.output
        return found[1]

    def programs(self) -> dict[str, psutil.Process]:
        """The supervised processes by their program's name."""
        # Workers of a program that has ended are adopted, and may just be ending.
        living = [child for child in psutil.Process(self.process.pid).children() if child.status() != "zombie"]
        (supervisord,) = [child for child in living if child.name() == "supervisord"]
        named = {"redis-server": "redis", "uvicorn": "web", "worker": "worker", "beat": "beat", "agent": "agent"}
        found = {}
        for child in supervisord.children():
            words = child.cmdline()
            found.update({name: child for word, name in named.items() if any(word in part for part in words[:6])})
        return found

    def manage(self, *arguments: str) -> str:
        """A management command with the environment of the running programs, as their user."""
        web = self.programs()["web"]
        run = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=web.environ(), user=web.uids().real,
            group=web.gids().real, extra_groups=[], capture_output=True, text=True, check=True,
        )  # fmt: skip
        return run.stdout.strip()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        return status


def stopped_at_the_end(started: Up) -> Iterator[Up]:
    try:
        started.printed("(Ctrl-C stops everything)")
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # Not below pytest's own directory: that is closed to the service user.
    directory = Path(f"/tmp/webprof-up-{os.getpid()}")  # noqa: S108
    yield directory
    subprocess.run(["rm", "-rf", str(directory)], check=True)


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    yield from stopped_at_the_end(Up(data, WEBPROF_HOST_ID="box"))


def test_one_command_leads_to_a_flame_graph_of_this_machine(up: Up) -> None:
    page = up.printed(r"flame graph: (\S+)")
    login = up.printed(r"log in \(works once\): (\S+)")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = browser.open(login).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if token:  # a page with one button: mail programs that open links must not use them up
        answer = browser.open(urllib.request.Request(login, data=f"csrfmiddlewaretoken={token[1]}".encode()))
        assert answer.url == page
    assert browser.open(page).status == 200
    tree = browser.open(f"{page}tree").read()
    assert tree.startswith(b"WPT1")
    samples = re.search(rb'"total":\s*(\d+)', tree)
    assert samples
    assert int(samples[1]) > 0


def test_only_the_agent_runs_as_root(up: Up) -> None:
    users = {name: process.uids().real for name, process in up.programs().items()}
    assert set(users) == {"redis", "web", "worker", "beat", "agent"}
    assert users["agent"] == 0
    others = {user for name, user in users.items() if name != "agent"}
    assert len(others) == 1
    assert others != {0} or "EVERYTHING RUNS AS ROOT" in up.output


def test_processes_that_lost_their_parent_are_let_go_when_they_end(up: Up) -> None:
    eventually(lambda: all(child.status() != "zombie" for child in psutil.Process(up.process.pid).children()))


def test_a_killed_program_is_restarted_and_it_is_said(up: Up) -> None:
    pid = up.programs()["beat"].pid
    os.kill(pid, signal.SIGKILL)
    new = int(up.printed(rf"beat \(pid {pid}\) ended unexpectedly; restarted as pid (\d+)"))
    assert psutil.pid_exists(new)


def test_a_second_start_in_the_same_directory_is_refused(up: Up) -> None:
    second = Up(up.data, "--no-record")
    assert second.process.wait(DEADLINE_S) == 1
    assert f"in use by another `webprof up` (pid {up.process.pid})" in second.printed("(Error: .*)")


def test_a_start_beside_it_names_who_has_the_port(up: Up, tmp_path: Path) -> None:
    second = Up(tmp_path / "d", "--no-record", WEBPROF_PORT=str(up.port))
    assert second.process.wait(DEADLINE_S) == 1
    assert re.search(rf"port {up.port} is taken by \S+ \(pid {up.programs()['web'].pid}", second.printed("(Error: .*)"))


def upload(up: Up, token: str, file: Path, *options: str, url: str = "") -> "subprocess.CompletedProcess[str]":
    command = [str(WEBPROF), "upload", "--url", url or f"http://127.0.0.1:{up.port}", "--token", token, *options]
    return subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=DEADLINE_S)


@pytest.fixture(scope="module")
def token(up: Up) -> str:
    code = (
        "from django.contrib.auth.models import User; from profiler.sharing import create_token;"
        "print(create_token(User.objects.get(username='admin'), 'test')[1])"
    )
    return up.manage("shell", "-v", "0", "-c", code).splitlines()[-1]


def test_a_file_is_uploaded_and_its_page_printed(up: Up, token: str, tmp_path: Path) -> None:
    file = tmp_path / 'my "stäcks".folded'
    file.write_text("main;work;hot 90\nmain;idle 10\n")
    run = upload(up, token, file, "--name", "from a test")
    assert run.returncode == 0, run.stderr
    page = run.stdout.strip()
    assert re.fullmatch(rf"http://127.0.0.1:{up.port}/profiles/[0-9a-f-]+/", page)
    request = urllib.request.Request(page.replace("/profiles/", "/api/v1/profiles/").rstrip("/"))
    request.add_header("Authorization", f"Bearer {token}")
    assert b"from a test" in urllib.request.urlopen(request).read()


def test_a_body_that_is_still_coming_waits_in_the_data_directory(up: Up, token: str) -> None:
    """Where temporary files are otherwise may be memory, and uploads are large."""
    head = (
        f"POST /api/v1/profiles HTTP/1.1\r\nHost: 127.0.0.1:{up.port}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 16000000\r\n\r\n"
    )
    descriptors = Path(f"/proc/{up.programs()['web'].pid}/fd")
    with socket.create_connection(("127.0.0.1", up.port)) as connection:
        connection.sendall(head.encode() + bytes(8_000_000))
        eventually(lambda: any(str(fd.readlink()).startswith(f"{up.data}/home/") for fd in descriptors.iterdir()))


def test_a_file_that_is_no_profile_is_refused_with_the_servers_reason(up: Up, token: str, tmp_path: Path) -> None:
    file = tmp_path / "noise.bin"
    file.write_bytes(os.urandom(4096))
    run = upload(up, token, file)
    assert run.returncode == 1
    assert "the server can't read this file" in run.stderr


def test_an_upload_without_a_right_is_refused(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "a.folded"
    file.write_text("main 1\n")
    run = upload(up, "wp_wrong", file)
    assert run.returncode == 1
    assert "refused (401)" in run.stderr


def test_an_upload_without_a_server_says_so(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "a.folded"
    file.write_text("main 1\n")
    run = upload(up, "x", file, url=f"http://127.0.0.1:{free_port()}")
    assert run.returncode == 1
    assert "is the server running?" in run.stderr


def bpf_programs(process: psutil.Process) -> set[int]:
    """Ids of the BPF programs that a process holds open."""
    found = set()
    for entry in Path(f"/proc/{process.pid}/fdinfo").iterdir():
        try:
            found |= {int(number) for number in re.findall(r"^prog_id:\s*(\d+)$", entry.read_text(), re.MULTILINE)}
        except OSError:  # closed meanwhile
            continue
    return found


def is_loaded(program: int) -> bool:
    """Asks the kernel: BPF_PROG_GET_FD_BY_ID (13) of bpf(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    attribute = (ctypes.c_uint32 * 32)(program)
    descriptor = libc.syscall(321, 13, attribute, ctypes.sizeof(attribute))
    if descriptor >= 0:
        os.close(descriptor)
        return True
    assert ctypes.get_errno() == errno.ENOENT, os.strerror(ctypes.get_errno())
    return False


def stop_amid_a_recording(running: Up, number: int) -> None:
    agent = running.programs()["agent"]
    running.manage("record", "--host", "box", "--duration", "60", "--frequency", "99")
    eventually(lambda: bpf_programs(agent))
    programs = bpf_programs(agent)
    assert all(is_loaded(program) for program in programs)
    tree = psutil.Process(running.process.pid).children(recursive=True)
    assert len(tree) >= 6
    assert running.stop(number) == 0
    assert [process for process in tree if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    eventually(lambda: not any(is_loaded(program) for program in programs))
    assert "had to be killed" not in running.output
    assert running.lines[-1] == "webprof: stopped"


def test_a_stop_in_the_middle_of_a_recording_leaves_no_process_and_no_bpf_program(up: Up) -> None:
    stop_amid_a_recording(up, signal.SIGTERM)


@pytest.fixture(scope="module")
def second(up: Up, data: Path) -> Iterator[Up]:
    """Started where another one was."""
    assert up.process.poll() is not None or up.stop() == 0
    yield from stopped_at_the_end(Up(data, "--no-record", WEBPROF_HOST_ID="box"))


def test_a_second_start_is_ready_in_seconds(second: Up) -> None:
    assert float(second.printed(r"ready in ([\d.]+) s")) < 60


def test_an_interrupt_in_the_middle_of_a_recording_leaves_as_little(second: Up) -> None:
    stop_amid_a_recording(second, signal.SIGINT)


def test_a_redis_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    start = Up(tmp_path / "d", WEBPROF_REDIS_URL=f"redis://me:secret@127.0.0.1:{free_port()}/0")
    assert start.process.wait(DEADLINE_S) == 1
    assert "no answer within" in start.printed("(WEBPROF_REDIS_URL=.*)")
    assert "secret" not in start.output
