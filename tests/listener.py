"""A free port for a uvicorn that is handed its socket (`--fd`): nobody else can take it before the server listens."""

import socket


def listening() -> socket.socket:
    """What is accepted sends at once, as with sockets that uvicorn opens itself (`webprof up`): it cannot see that a
    socket it was handed is TCP, and an answer's body would wait for the acknowledgement of its head, up to 40 ms."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Connections have it from the socket that accepts them.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
