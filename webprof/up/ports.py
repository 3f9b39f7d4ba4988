"""Is the port free, and if not, who has it."""

import errno
import socket

import psutil

from webprof.up.errors import UpError


def require_free_port(bind: str, port: int) -> None:
    """Raises UpError naming the process that listens on `port`, or why `bind` can't be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise UpError(f"--host {bind}: no such address ({error.strerror})") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UpError(
                f"port {port} is taken by {_listener(port)}: stop it, or choose another with WEBPROF_PORT"
            ) from error
        raise UpError(f"can't listen on {bind} port {port}: {error.strerror}") from error


def _listener(port: int) -> str:
    for connection in psutil.net_connections(kind="tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,) and connection.pid:
            return _describe(connection.pid)
    return "a process that this user can't see"


def _describe(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return f"{process.name()} (pid {pid}: {' '.join(process.cmdline())[:120]})"
    except psutil.Error:
        return f"pid {pid}"
