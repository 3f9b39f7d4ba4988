"""Static files as an installation serves them: gathered once, named by content."""

import asyncio
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from webprof.middleware import CONTENT_SECURITY_POLICY
from webprof.static_app import StaticApp

ROOT = Path(__file__).resolve().parents[2]
IMPORT = re.compile(r"""^(?:import|export)\b[^'";]*["'](\.[^"']+)["'];""", re.MULTILINE)
LATER = re.compile(r"""^[^*/\n]*\b(?:import|new URL)\("(\.[^"]+\.js)\"""", re.MULTILINE)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "-v0"]
    environment = os.environ | {"WEBPROF_DATA": str(data), "DJANGO_SETTINGS_MODULE": "webprof.settings"}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return data / "static"


def test_every_module_imports_files_by_their_hashed_names(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    modules = [name for name in names if name.startswith("js/") and name.endswith(".js")]
    assert "js/pages/shell.js" in modules
    later = 0
    assert "js/joined/viewer.js" in modules
    for module in modules:
        served = collected / names[module]
        code = served.read_text()
        later += len(LATER.findall(code))
        for target in IMPORT.findall(code) + LATER.findall(code):
            path = (served.parent / target).resolve()
            assert path.exists(), f"{module} imports {target}, which is not served"
            assert re.search(r"\.[0-9a-f]{12}\.js$", path.name), f"{module} imports {target} without a hash"
    assert later > 0


def test_big_files_are_also_there_compressed(collected: Path) -> None:
    assert list(collected.glob("js/ui/profile-view.*.js.gz"))


async def passed_on(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"Django's answer"})


def ask(
    collected: Path, path: str, method: str = "GET", accept: bytes = b"gzip"
) -> tuple[int, dict[bytes, bytes], bytes]:
    async def one() -> tuple[int, dict[bytes, bytes], bytes]:
        scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept-encoding", accept)]}
        asked: Any = ApplicationCommunicator(  # type: ignore[no-untyped-call]
            StaticApp(passed_on, collected, "/static/"), scope
        )
        start, body = await asked.receive_output(5), await asked.receive_output(5)
        return start["status"], dict(start["headers"]), body["body"]

    return asyncio.run(one())


def hashed(collected: Path, name: str) -> str:
    return str(json.loads((collected / "staticfiles.json").read_text())["paths"][name])


@pytest.mark.parametrize("accept", [b"gzip, br", b""])
def test_a_hashed_file_is_answered_for_good_and_with_the_policy(collected: Path, accept: bytes) -> None:
    name = hashed(collected, "js/ui/answers-worker.js")
    status, headers, body = ask(collected, f"/static/{name}", accept=accept)
    assert status == 200
    assert headers[b"content-type"] == b"text/javascript; charset=utf-8"
    assert headers[b"content-security-policy"] == CONTENT_SECURITY_POLICY.encode()
    assert b"immutable" in headers[b"cache-control"]
    assert int(headers[b"content-length"]) == len(body)
    assert (b"content-encoding" in headers) == bool(accept)
    assert (gzip.decompress(body) if accept else body) == (collected / name).read_bytes()


def test_a_head_request_gets_no_body(collected: Path) -> None:
    status, headers, body = ask(collected, f"/static/{hashed(collected, 'css/app.css')}", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 0


ELSEWHERE = (
    "/static/js/ui/answers-worker.js",
    "/static/staticfiles.json",
    "/static/../x.sqlite3",
    "/static/",
    "/hosts/",
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_everything_else_is_djangos(collected: Path, path: str) -> None:
    assert ask(collected, path)[0] == 418


def test_a_file_can_only_be_read(collected: Path) -> None:
    assert ask(collected, f"/static/{hashed(collected, 'css/app.css')}", "POST")[0] == 418


def test_before_files_were_gathered_everything_is_djangos(tmp_path: Path) -> None:
    assert ask(tmp_path, "/static/css/app.css")[0] == 418
