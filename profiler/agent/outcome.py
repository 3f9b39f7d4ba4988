"""How a run ended: its final report and, when there is one, its profile. This must reach the server."""

from dataclasses import dataclass

import msgpack
from pydantic import ValidationError

from profiler.core.channel import RunReport
from profiler.core.errors import WebprofError


class OutcomeError(WebprofError):
    """A stored outcome can't be read."""


@dataclass(frozen=True)
class Outcome:
    """`batch` is an encoded profile (see core/batch.py), None when nothing was recorded."""

    report: RunReport
    batch: bytes | None = None

    def pack(self) -> bytes:
        packed: bytes = msgpack.packb({"report": self.report.model_dump_json(), "batch": self.batch})
        return packed

    @classmethod
    def unpack(cls, data: bytes) -> "Outcome":
        """Raises OutcomeError when the bytes are not what `pack` made."""
        try:
            fields = msgpack.unpackb(data)
            return cls(RunReport.model_validate_json(fields["report"]), fields["batch"])
        except (msgpack.UnpackException, ValueError, KeyError, TypeError, ValidationError) as error:
            raise OutcomeError(f"stored outcome of {len(data)} bytes is damaged: {error}") from error
