"""What must reach the server: how a run ended, with its profile if there is one; profiles of continuous profiling."""

from dataclasses import dataclass

import msgpack
from pydantic import ValidationError

from profiler.core.channel import RunReport
from profiler.core.errors import WebprofError


class OutcomeError(WebprofError):
    """A stored outcome can't be read."""


@dataclass(frozen=True)
class Outcome:
    """`batch` is an encoded profile (see core/batch.py), None when nothing was recorded; no `report`: of no run.

    `stream`: where a batch that is no profile goes to.
    """

    report: RunReport | None
    batch: bytes | None = None
    stream: str = ""

    def __str__(self) -> str:
        if self.stream:
            return f"a result for {self.stream}"
        return f"run {self.report.run} ({self.report.state})" if self.report else "a continuous profile"

    def pack(self) -> bytes:
        report = self.report and self.report.model_dump_json()
        packed: bytes = msgpack.packb({"report": report, "batch": self.batch, "stream": self.stream})
        return packed

    @classmethod
    def unpack(cls, data: bytes) -> "Outcome":
        """Raises OutcomeError when the bytes are not what `pack` made."""
        try:
            fields = msgpack.unpackb(data)
            report = fields["report"]
            report = report if report is None else RunReport.model_validate_json(report)
            return cls(report, fields["batch"], fields.get("stream", ""))  # older agents wrote none
        except (msgpack.UnpackException, ValueError, KeyError, TypeError, ValidationError) as error:
            raise OutcomeError(f"stored outcome of {len(data)} bytes is damaged: {error}") from error
