"""What runs: one `Program` per process of docs/architecture.md, and the supervisord configuration that holds them."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profiler.core.channel import SERVER_QUEUE
from webprof.up.config import UpConfig
from webprof.up.datadir import DataDir
from webprof.up.identity import Identity

# A program that ends sooner than this has not started; after START_TRIES of that, up gives up and shows its log.
START_SECONDS = 2
START_TRIES = 3
# Time to finish what is being done before the whole group is killed. Ingest of a large profile takes a few seconds.
STOP_SECONDS = 10
# Open sockets (live pages) would hold the web server for ever.
WEB_DRAIN_SECONDS = 2
# Ingest and uploads at once. SQLite has one writer; more workers would only wait.
WORKER_PROCESSES = 2


@dataclass(frozen=True)
class Program:
    """`group_stop`: send the stop signal to the whole group, for programs that don't pass it on to their children.

    Celery's pool must not get it: the parent lets its children finish their task;
    a signal of their own would end them in it.
    """

    name: str
    command: tuple[str, ...]
    user: str
    group_stop: bool = True


def programs(config: UpConfig, data: DataDir, service: Identity) -> list[Program]:
    """In the order they start; they stop in the reverse order."""
    scripts = Path(sys.executable).parent
    celery = (str(scripts / "celery"), "-A", "webprof.celery", "--quiet")
    scheduler = ("--scheduler", "django_celery_beat.schedulers:DatabaseScheduler")
    pool = ("--queues", SERVER_QUEUE, "--hostname", "server@%h", "--concurrency", str(WORKER_PROCESSES))
    web = ("webprof.asgi:application", "--host", config.bind, "--port", str(config.port), "--no-access-log")
    # The agent has no use for the server's secrets.
    agent = ("env", "-u", "WEBPROF_SECRET_KEY", "-u", "DATABASE_URL", str(scripts / "webprof"), "agent")
    # Bodies of requests wait there until they are read: uploads are large, and /tmp may be memory.
    buffers = ("env", f"TMPDIR={data.home}")
    drain = ("--timeout-graceful-shutdown", str(WEB_DRAIN_SECONDS))
    redis = Program("redis", ("redis-server", str(data.redis_config)), service.name)
    return [
        *([redis] if config.redis_url is None else []),
        Program("web", (*buffers, str(scripts / "uvicorn"), *web, *drain), service.name),
        Program("worker", (*celery, "worker", *pool, "--loglevel", "INFO"), service.name, group_stop=False),
        Program("beat", (*celery, "beat", *scheduler, "--pidfile=", "--loglevel", "WARNING"), service.name),
        Program("agent", agent, "root", group_stop=False),
    ]


def supervisor_configuration(config: UpConfig, data: DataDir, members: Sequence[Program]) -> str:
    """supervisord.conf. Nothing starts by itself: the start sequence decides when. No secrets: they are inherited."""
    head = f"""; Written by `webprof up` at every start: changes here are lost.
[unix_http_server]
file={data.supervisor_socket}
chmod=0700

[supervisord]
nodaemon=true
silent=true
user=root
pidfile={data.root}/supervisord.pid
logfile={data.logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
childlogdir={data.logs}
directory={config.checkout}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{data.supervisor_socket}
"""
    sections = (_section(program, priority, data) for priority, program in enumerate(members, start=1))
    return head + "".join(sections)


def _section(program: Program, priority: int, data: DataDir) -> str:
    return f"""
[program:{program.name}]
command={shlex.join(program.command).replace("%", "%%")}
user={program.user}
priority={priority}
autostart=false
autorestart=true
startsecs={START_SECONDS}
startretries={START_TRIES}
stopwaitsecs={STOP_SECONDS}
stopasgroup={str(program.group_stop).lower()}
killasgroup=true
redirect_stderr=true
stdout_logfile={data.log(program.name)}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""
