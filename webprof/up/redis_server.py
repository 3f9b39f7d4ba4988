"""The Redis that belongs to one data directory: reachable by its socket only, everything kept."""

from webprof.up.datadir import DataDir

# Streams hold at most what agents sent and the server has not stored yet; 512 MiB is hours of that. Beyond it Redis
# refuses writes (noeviction), agents see the refusal, and nothing that was accepted is thrown away.
MAXMEMORY = "512mb"


def redis_configuration(data: DataDir) -> str:
    """The text of redis.conf. The socket's directory is closed to everyone but the service user and root."""
    return f"""# Written by `webprof up` at every start: changes here are lost.
port 0
unixsocket {_quoted(str(data.redis_socket))}
unixsocketperm 700
dir {_quoted(str(data.redis))}
daemonize no
logfile ""
save ""
appendonly yes
appendfsync everysec
maxmemory {MAXMEMORY}
maxmemory-policy noeviction
"""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
