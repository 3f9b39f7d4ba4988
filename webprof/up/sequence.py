"""The start, step by step, and the watch after it."""

import os
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from webprof.up import kernel
from webprof.up.config import UpConfig
from webprof.up.datadir import DataDir
from webprof.up.ending import stop_everything
from webprof.up.errors import UpError
from webprof.up.identity import Identity
from webprof.up.manage import Manage, finish, program_environment
from webprof.up.programs import programs, supervisor_configuration
from webprof.up.readiness import RedisProbe, web_answers
from webprof.up.recording import record_this_host
from webprof.up.redis_server import redis_configuration
from webprof.up.static_files import StaticFiles
from webprof.up.supervision import Supervisor
from webprof.up.watch import POLL_S, Say, Watch

SUPERVISOR_TIMEOUT_S = 15
# Its own instance reads back what it kept; one of somebody else's is there or not.
OWN_REDIS_TIMEOUT_S = 60
OTHER_REDIS_TIMEOUT_S = 5
WEB_TIMEOUT_S = 60
# The agent compiles its self-test on the first start; slow and busy machines need their time.
AGENT_TIMEOUT_S = 90


class Start:
    """One start of everything in one data directory, which the caller has taken (`DataDir.acquire`)."""

    def __init__(self, config: UpConfig, data: DataDir, service: Identity, say: Say) -> None:
        self._config = config
        self._data = data
        self._say = say
        self._redis_url = config.redis_url or f"unix://{data.redis_socket}"
        self._environment = program_environment(os.environ, **self._settings(os.environ))
        self._manage = Manage(config.checkout, service, self._environment)
        self._programs = programs(config, data, service)
        self._supervisor = Supervisor(data)
        self._watch = Watch(self._supervisor, data, say)

    def run(self, *, record: bool, began: float) -> None:
        """Start, tell, watch until a signal (StopRequested) or an UpError; leaves no process behind either way."""
        kernel.adopt_orphans()
        try:
            self._start_all()
            self._say(f"ready in {time.monotonic() - began:.1f} s: {self._config.base_url}/")
            self._tell(record_this_host(self._manage, self._config.host_id, self._watch, self._say) if record else None)
            while True:
                self._watch.check()
                kernel.reap_orphans(self._supervisor.pid)
                time.sleep(POLL_S)
        finally:
            self._say("stopping")
            stop_everything(self._supervisor, self._say)

    def _settings(self, environment: Mapping[str, str]) -> dict[str, str]:
        config = self._config
        return {
            "HOME": str(self._data.home),
            "WEBPROF_DATA": str(config.data),
            "WEBPROF_HOST_ID": config.host_id,
            "WEBPROF_REDIS_URL": self._redis_url,
            "WEBPROF_ALLOWED_HOSTS": environment.get("WEBPROF_ALLOWED_HOSTS", config.allowed_hosts),
        }

    def _start_all(self) -> None:
        self._write_configuration()
        self._supervisor.start(self._environment)
        self._watch.until_supervised(SUPERVISOR_TIMEOUT_S)
        redis = self._start_redis()
        redis.forget_heartbeat(self._config.host_id)
        # The agent needs Redis alone and is the slowest to be ready: it compiles its self-test.
        self._supervisor.start_program("agent")
        self._prepare_database()
        for name in ("web", "worker", "beat"):
            self._supervisor.start_program(name)
        self._watch.until(lambda: web_answers(self._config.base_url), "the web server's /healthz", WEB_TIMEOUT_S)
        host = self._config.host_id
        self._watch.until(lambda: redis.has_heartbeat(host), f"the heartbeat of {host}'s agent", AGENT_TIMEOUT_S)

    def _write_configuration(self) -> None:
        write_for_root(self._data.supervisor_config, supervisor_configuration(self._config, self._data, self._programs))
        self._data.redis_config.write_text(redis_configuration(self._data))

    def _start_redis(self) -> RedisProbe:
        probe = RedisProbe(self._redis_url)
        if self._config.redis_url is None:
            self._supervisor.start_program("redis")
            self._watch.until(probe.answers, "Redis's answer", OWN_REDIS_TIMEOUT_S)
            return probe
        try:
            self._watch.until(probe.answers, "an answer", OTHER_REDIS_TIMEOUT_S)
        except UpError as error:
            where = without_password(self._config.redis_url)
            raise UpError(
                f"WEBPROF_REDIS_URL={where}: no answer within {OTHER_REDIS_TIMEOUT_S} s: {probe.failure}"
            ) from error
        return probe

    def _prepare_database(self) -> None:
        """Two commands at once: each spends a second on importing Django."""
        static = StaticFiles(self._config.checkout, self._data.root)
        gathering = None if static.are_current() else self._manage.start("collectstatic", "--noinput", "--clear")
        self._manage.run("migrate", "--noinput")
        if gathering:
            finish(gathering)
            static.note_gathered()

    def _tell(self, profile: str | None) -> None:
        base = self._config.base_url
        login = self._manage.run("loginlink", "--create-admin", "--next", profile or "")
        if profile:
            self._say(f"flame graph: {base}{profile}")
        self._say(f"log in (works once): {base}{login.strip()}")
        self._say(f"logs: {self._data.logs}; Ctrl-C stops everything")


def write_for_root(path: os.PathLike[str], text: str) -> None:
    """Write a file only root reads."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 – for the mode
        file.write(text)


def without_password(url: str) -> str:
    """A URL that can be shown."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@") if parts.password else url
