"""docker-compose.yml and deploy/, as far as can be told without a container engine (docs/deploy.md)."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis

from profiler.core.channel import HEARTBEAT_TTL_S, heartbeat_key
from profiler.store.clickhouse.address import Address
from webprof import env

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
CAPABILITIES = ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH", "SYSLOG"]


def test_it_is_valid_by_the_compose_specification() -> None:
    checker = [str(SCRIPTS / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    run = subprocess.run([*checker, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_holds_no_secret() -> None:
    settings = [pair for service in SERVICES.values() for pair in service.get("environment", {}).items()]
    passwords = [value for name, value in settings if re.search("PASSWORD|SECRET|TOKEN", name)]
    passwords += [value.partition("://")[2].partition(":")[2] for _, value in settings if re.search("://.*:.*@", value)]
    assert len(passwords) == 6, "both databases' own, and one in the URL of each of migrate, web, worker and beat"
    assert all(value.startswith("${WEBPROF_DB_PASSWORD:?") for value in passwords if not value.startswith("/run/"))


def test_every_process_of_the_architecture_is_there() -> None:
    assert set(SERVICES) == {"redis", "db", "migrate", "web", "worker", "beat", "agent", "clickhouse"}


def test_clickhouse_is_there_when_it_is_asked_for_and_nothing_waits_for_it() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" in service} == {"clickhouse"}
    assert SERVICES["clickhouse"]["profiles"] == ["clickhouse"]
    assert not [name for name, service in SERVICES.items() if "clickhouse" in service.get("depends_on", {})]
    assert "clickhouse:/var/lib/clickhouse" in SERVICES["clickhouse"]["volumes"]


def test_clickhouses_password_is_a_file_that_both_sides_read() -> None:
    inside = "/run/secrets/clickhouse_password"
    assert COMPOSE["secrets"] == {"clickhouse_password": {"file": "${WEBPROF_CLICKHOUSE_PASSWORD_FILE:-/dev/null}"}}
    assert SERVICES["clickhouse"]["environment"]["CLICKHOUSE_PASSWORD_FILE"] == inside
    readers = {name for name, service in SERVICES.items() if "clickhouse_password" in service.get("secrets", [])}
    assert readers == {"clickhouse", "migrate", "web", "worker", "beat"}
    head = (ROOT / "docker-compose.yml").read_text().partition("\nname:")[0]
    url = re.search(r"WEBPROF_STORE=(\S+)'", head)
    assert url
    ours = [service for name, service in OURS.items() if name != "agent"]
    assert {service["environment"]["WEBPROF_STORE"] for service in ours} == {"${WEBPROF_STORE:-}"}
    address = Address.parse(url[1].replace(inside, "/dev/null"))
    server = SERVICES["clickhouse"]["environment"]
    assert (address.host, address.port) == ("clickhouse", 8123)
    assert (address.user, address.database) == (server["CLICKHOUSE_USER"], server["CLICKHOUSE_DB"])
    assert inside in url[1]


def test_the_servers_image_has_clickhouses_client() -> None:
    assert "requirements/clickhouse.txt" in (ROOT / "deploy" / "Dockerfile").read_text()
    assert "clickhouse-connect==" in (ROOT / "requirements" / "clickhouse.txt").read_text()


def test_the_servers_may_keep_segments_in_a_bucket_and_their_image_has_the_client() -> None:
    for name in ("WEBPROF_STORE_OPTIONS", "WEBPROF_STORE_CACHE_GIB"):
        given = {service["environment"][name] for key, service in OURS.items() if key != "agent"}
        assert len(given) == 1
        assert given.pop().startswith(f"${{{name}:-")
    assert "requirements/s3.txt" in (ROOT / "deploy" / "Dockerfile").read_text()
    assert "s3fs==" in (ROOT / "requirements" / "s3.txt").read_text()


@pytest.mark.parametrize("name", sorted(set(OURS)))
def test_our_services_have_no_privilege_that_is_not_listed(name: str) -> None:
    service = OURS[name]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (CAPABILITIES if name == "agent" else [])
    assert "privileged" not in service
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert ("pid" in service) == (name == "agent")


def test_only_the_web_server_is_reachable_and_only_from_this_machine_by_default() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert SERVICES["web"]["ports"] == ["${WEBPROF_BIND:-127.0.0.1}:${WEBPROF_PORT:-8000}:8000"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate", "beat"}))
def test_what_can_answer_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_the_images_copy_only_what_exists() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    copies = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    sources = [source for copy in copies for source in copy]
    assert "requirements" in sources
    ignored = {line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split()}
    assert [source for source in sources if not (ROOT / source).exists() or source.split("/")[0] in ignored] == []


def test_bodies_of_requests_wait_on_the_data_volume_and_not_in_memory() -> None:
    server = (ROOT / "deploy" / "Dockerfile").read_text().partition("AS server\n")[2].partition("\nFROM ")[0]
    settings = dict(re.findall(r"(\w+)=(\S+)", next(line for line in server.splitlines() if line.startswith("ENV"))))
    assert "/tmp" in SERVICES["web"]["tmpfs"]  # noqa: S108 the container's
    assert settings["TMPDIR"] == settings["WEBPROF_DATA"]
    assert f"data:{settings['TMPDIR']}" in SERVICES["web"]["volumes"]


def test_the_programs_started_are_ones_that_the_lock_files_install() -> None:
    started = {service["command"][0] for service in OURS.values() if isinstance(service.get("command"), list)}
    started |= set(re.findall(r'^CMD \["(\w+)"', (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE))
    assert started == {"celery", "uvicorn", "webprof"}
    assert all((SCRIPTS / program).exists() for program in started)


@pytest.mark.redis
def test_the_agents_health_check_tells_a_live_agent_from_a_dead_one(redis: "Redis") -> None:
    command = [sys.executable, str(ROOT / "deploy" / "agent-healthy")]
    environment = {"PATH": "/usr/bin:/bin", "WEBPROF_HOST_ID": "box", "WEBPROF_REDIS_URL": env.redis_url()}

    def check() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)

    dead = check()
    assert dead.returncode == 1
    assert "no heartbeat of box" in dead.stderr
    redis.set(heartbeat_key("box"), b"x", ex=HEARTBEAT_TTL_S)
    assert check().returncode == 0


# ── the agent's capabilities, on the real kernel: what the container gets is what root keeps here ────────────────────
def profile_with(capabilities: list[str], *options: str) -> "subprocess.CompletedProcess[str]":
    kept = ",".join(["-all", *(f"+{name.lower()}" for name in capabilities)])
    limit = ["setpriv", f"--bounding-set={kept}", "--inh-caps=-all", "--no-new-privs"]
    return subprocess.run(
        [*limit, str(SCRIPTS / "webprof"), "profile", *options, "1"], capture_output=True, text=True, timeout=60
    )


def samples(folded: str) -> int:
    return sum(int(line.rpartition(" ")[2]) for line in folded.splitlines())


@pytest.mark.bpf
def test_the_agents_capabilities_suffice_to_record() -> None:
    run = profile_with(CAPABILITIES, "--include-idle")
    assert run.returncode == 0, run.stderr
    assert samples(run.stdout) > 50


@pytest.mark.bpf
@pytest.mark.parametrize("missing", ["BPF", "PERFMON", "SYS_PTRACE"])
def test_without_one_of_the_capabilities_nothing_can_be_recorded(missing: str) -> None:
    run = profile_with([name for name in CAPABILITIES if name != missing])
    assert run.returncode != 0
    assert "CAP_" in run.stderr


@pytest.mark.bpf
def test_without_syslog_kernel_functions_have_no_names() -> None:
    without = [name for name in CAPABILITIES if name != "SYSLOG"]
    busy = subprocess.Popen(["dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "status=none"])
    try:
        options = ("--pid", str(busy.pid), "--kernel-stacks-only")
        named, nameless = profile_with(CAPABILITIES, *options), profile_with(without, *options)
    finally:
        busy.kill()
        busy.wait()
    assert "read_zero" in named.stdout, named.stderr
    assert "read_zero" not in nameless.stdout
    assert samples(nameless.stdout) > 0


@pytest.mark.bpf
def test_without_dac_read_search_programs_in_closed_directories_have_no_names(tmp_path: Path) -> None:
    without = [name for name in CAPABILITIES if name != "DAC_READ_SEARCH"]
    # A program whose busy function is in its dynamic symbols.
    python = Path(sys.executable).resolve()
    program = tmp_path / "closed"
    shutil.copy(python, program)
    shutil.chown(tmp_path, 65534)
    tmp_path.chmod(0o700)
    busy = subprocess.Popen([program, "-I", "-S", "-c", "while True: pass"], env={"PYTHONHOME": "/usr"})
    try:
        options = ("--pid", str(busy.pid), "--user-stacks-only")
        named, nameless = profile_with(CAPABILITIES, *options), profile_with(without, *options)
    finally:
        busy.kill()
        busy.wait()
    assert "_PyEval_EvalFrameDefault" in named.stdout, named.stderr
    assert "_PyEval_EvalFrameDefault" not in nameless.stdout
    assert samples(nameless.stdout) > 0
