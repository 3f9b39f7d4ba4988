"""An S3 server on loopback, moto's, that can be told to be slow, full or closed: `python -m tests.store.s3_server`.

Prints its port. A process of its own, so that objects outlive whoever is killed. `Fault` goes to /-/fault as JSON.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.request import Request, urlopen

CONTROL = "/-/fault"


@dataclass
class Fault:
    """What goes wrong with requests of these methods (all, when none is named): a wait, or an S3 error."""

    methods: tuple[str, ...] = ()
    delay_s: float = 0
    status: str = ""
    code: str = ""


NOTHING = Fault()
FULL = Fault(("PUT", "POST"), status="507 Insufficient Storage", code="XMinioStorageFull")
CLOSED = Fault(status="403 Forbidden", code="InvalidAccessKeyId")
DOWN = Fault(status="503 Service Unavailable", code="ServiceUnavailable")


def tell(endpoint: str, fault: Fault) -> None:
    """From the next request on."""
    request = Request(endpoint + CONTROL, json.dumps(asdict(fault)).encode(), method="POST")  # noqa: S310 loopback
    urlopen(request, timeout=5).close()  # noqa: S310


class Faulty:
    """The server with its fault of now."""

    def __init__(self, server: Callable[..., Iterable[bytes]]) -> None:
        self._server, self._fault = server, NOTHING

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == CONTROL:
            self._fault = Fault(**json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
            start("204 No Content", [])
            return [b""]
        fault = self._fault
        if not fault.methods or environ["REQUEST_METHOD"] in fault.methods:
            time.sleep(fault.delay_s)
            if fault.status:
                # Unread bodies would be taken for the next request of the connection.
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                body = f"<Error><Code>{fault.code}</Code><Message>as the test wants it</Message></Error>".encode()
                start(fault.status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
                return [body]
        return self._server(environ, start)


def main() -> None:
    # Seconds to import: those who only talk to it need not.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Faulty(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
