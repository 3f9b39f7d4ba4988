"""What a start accepts: environment, port, data directory, user. Each refusal names the value and what to do."""

import os
import pwd
import socket
import stat
from pathlib import Path

import pytest

from webprof import env
from webprof.env import SettingError
from webprof.secrets import secret_key
from webprof.up.config import UpConfig
from webprof.up.datadir import SOCKET_PATH_MAX, DataDir
from webprof.up.errors import UpError
from webprof.up.identity import Identity, choose_identity, first_closed_directory
from webprof.up.ports import require_free_port
from webprof.up.sequence import without_password

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives files to another user")
NOBODY = Identity("nobody", 65534, 65534, (65534,))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("WEBPROF_PORT", "WEBPROF_HOST_ID", "WEBPROF_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEBPROF_DATA", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_a_wrong_port_is_named(environment: pytest.MonkeyPatch, port: str) -> None:
    environment.setenv("WEBPROF_PORT", port)
    with pytest.raises(SettingError, match=r"WEBPROF_PORT=.*whole number from 1 to 65535"):
        UpConfig.from_environment("127.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "debuginfod.example",
        "ftp://a",
        "file:///etc/passwd",
        "http://",
        "https://user:secret@a",
        "https://a/?b",
        "http://a:x",
    ],
)
def test_an_address_that_is_no_servers_is_named(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("WEBPROF_DEBUGINFOD_URLS", f"https://good.example {url}")
    with pytest.raises(SettingError, match=r"WEBPROF_DEBUGINFOD_URLS: .* is not the address of a server"):
        env.urls("WEBPROF_DEBUGINFOD_URLS")


def test_addresses_are_separated_by_spaces_or_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WEBPROF_DEBUGINFOD_URLS", " https://a.example/,http://127.0.0.1:8002  https://b.example/sub/ ")
    expected = ("https://a.example", "http://127.0.0.1:8002", "https://b.example/sub")
    assert env.urls("WEBPROF_DEBUGINFOD_URLS") == expected
    environment.delenv("WEBPROF_DEBUGINFOD_URLS")
    assert env.urls("WEBPROF_DEBUGINFOD_URLS") == ()


@pytest.mark.parametrize("host", ["A Host", "-x", "x" * 65, "a/b"])
def test_a_wrong_host_id_is_named(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("WEBPROF_HOST_ID", host)
    with pytest.raises(UpError, match="WEBPROF_HOST_ID="):
        UpConfig.from_environment("127.0.0.1")


@pytest.mark.parametrize("path", ["/tmp/a\nb", "/tmp/a ;b", "/tmp/a #b", "/tmp/100%"])  # noqa: S108 – never made
def test_a_directory_that_a_supervisor_configuration_cannot_hold_is_refused(
    environment: pytest.MonkeyPatch, path: str
) -> None:
    environment.setenv("WEBPROF_DATA", path)
    with pytest.raises(UpError, match="use another directory"):
        UpConfig.from_environment("127.0.0.1")


@pytest.mark.parametrize(
    ("bind", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000")],  # noqa: S104
)
def test_the_url_is_one_that_this_machine_can_open(environment: pytest.MonkeyPatch, bind: str, url: str) -> None:
    assert UpConfig.from_environment(bind).base_url == url


def test_a_server_for_everybody_allows_its_own_addresses_as_names(environment: pytest.MonkeyPatch) -> None:
    names = UpConfig.from_environment("0.0.0.0").allowed_hosts.split(",")  # noqa: S104
    assert {"localhost", "127.0.0.1", "[::1]", socket.gethostname()} <= set(names)
    assert len(names) == len(set(names))


def test_a_taken_port_says_by_whom() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UpError, match=rf"port {port} is taken by .*pid {os.getpid()}\b.*WEBPROF_PORT"):
            require_free_port("127.0.0.1", port)


@pytest.mark.parametrize("bind", ["no such host", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_named(bind: str) -> None:
    with pytest.raises(UpError, match=r"no such address|can't listen on 192.0.2.1"):
        require_free_port(bind, 8000)


def test_a_password_is_not_shown() -> None:
    assert without_password("redis://me:secret@host:6379/0") == "redis://me:…@host:6379/0"
    assert without_password("redis://host:6379/0") == "redis://host:6379/0"


# ── the data directory ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_directory_with_other_things_in_it_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UpError, match="holds other things"):
        DataDir(tmp_path).acquire()
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.doc"]


def test_a_data_directory_where_manage_py_made_the_key_is_ours(tmp_path: Path) -> None:
    secret_key(tmp_path)
    DataDir(tmp_path).acquire().close()


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    long = tmp_path / ("x" * SOCKET_PATH_MAX)
    with pytest.raises(UpError, match="bytes too long for sockets"):
        DataDir(long).acquire()
    assert not long.exists()


def test_a_file_in_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(UpError, match="is not a directory"):
        DataDir(tmp_path / "data").acquire()


def test_a_second_start_in_the_same_directory_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    with data.acquire(), pytest.raises(UpError, match=f"in use by another `webprof up` .pid {os.getpid()}."):
        data.acquire()
    with data.acquire():
        pass  # free again


@needs_root
def test_the_service_user_can_write_there_but_not_replace_what_root_reads(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    with data.acquire():
        data.prepare(NOBODY)
        data.supervisor_config.write_text("x")
    status = data.root.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, NOBODY.gid, 0o1770)
    attempt = f"touch webprof.sqlite3 && ! mv {data.logs.name} x && ! rm -f {data.supervisor_config.name}"
    # Entered as root: the directories of the test itself are closed.
    run = NOBODY.run(["sh", "-c", attempt], cwd=data.root, env={"PATH": "/usr/bin:/bin"}, timeout=10)
    assert run.returncode == 0, run.stderr


@needs_root
def test_a_start_as_another_user_gets_what_the_one_before_made(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    with data.acquire():
        data.prepare(Identity("root", 0, 0, (0,)))
        (data.root / "webprof.sqlite3").write_text("")
        (data.redis / "appendonly").write_text("")
        data.supervisor_config.write_text("")
        data.prepare(NOBODY)
    owners = {name: (data.root / name).stat().st_uid for name in ("webprof.sqlite3", "redis/appendonly", "log")}
    assert owners == {"webprof.sqlite3": NOBODY.uid, "redis/appendonly": NOBODY.uid, "log": 0}
    assert data.supervisor_config.stat().st_uid == 0


@needs_root
def test_a_link_in_place_of_a_directory_of_roots_is_refused(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    with data.acquire():
        data.logs.symlink_to(tmp_path)
        with pytest.raises(UpError, match="a link"):
            data.prepare(NOBODY)


# ── the user ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_directory_that_keeps_a_user_out_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "checkout").mkdir(parents=True)
    for directory in (tmp_path, *tmp_path.parents):
        if directory.stat().st_uid == os.getuid() and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o111)
    closed.chmod(0o700)
    assert first_closed_directory(closed / "checkout", NOBODY) == closed
    assert first_closed_directory(tmp_path, NOBODY) is None


@needs_root
def test_a_checkout_that_nobody_may_read_runs_as_root_and_says_so_loudly(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    choice = choose_identity(tmp_path, {"SUDO_UID": str(NOBODY.uid)})
    assert choice.identity.uid == 0
    assert "EVERYTHING RUNS AS ROOT" in choice.warning
    assert str(tmp_path) in choice.warning or "closed to the user nobody" in choice.warning


@needs_root
def test_the_user_behind_sudo_is_taken() -> None:
    checkout = Path(__file__).resolve().parents[2]
    if first_closed_directory(checkout, NOBODY):
        pytest.skip(f"{checkout} is closed to other users here")
    assert choose_identity(checkout, {"SUDO_UID": str(NOBODY.uid)}).identity.name == pwd.getpwuid(NOBODY.uid).pw_name


@pytest.mark.parametrize(
    "origin", ["wiki.example.com", "https://", "https://a.example/path", "https://a;script-src *", "'self'", "*"]
)
def test_a_site_that_may_frame_embeds_is_one(environment: pytest.MonkeyPatch, origin: str) -> None:
    environment.setenv("WEBPROF_EMBED_ORIGINS", origin)
    with pytest.raises(SettingError, match=r"WEBPROF_EMBED_ORIGINS: .* is not a site"):
        env.origins("WEBPROF_EMBED_ORIGINS")


def test_sites_that_may_frame_embeds_are_listed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WEBPROF_EMBED_ORIGINS", " https://wiki.example.com,https://*.example.org  http://127.0.0.1:*")
    expected = ("https://wiki.example.com", "https://*.example.org", "http://127.0.0.1:*")
    assert env.origins("WEBPROF_EMBED_ORIGINS") == expected
