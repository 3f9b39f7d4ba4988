"""A run that records nothing new: it takes what the flight recorder holds, and ends as any other run does."""

import logging
import time

from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.spool import Spool
from profiler.agent.flight import FlightError, FlightRecorder
from profiler.agent.session import encoded_profile, new_meta
from profiler.core.channel import RunReport, RunState
from profiler.core.spec import RecordingSpec

logger = logging.getLogger(__name__)


class Freeze:
    """`run` is a thread's body. It never raises: whatever happens, one outcome is put into the spool."""

    def __init__(self, report: RunReport, spec: RecordingSpec, flight: FlightRecorder, spool: Spool) -> None:
        self._report = report
        self._spec = spec
        self._flight = flight
        self._spool = spool
        self.elapsed_s = 0.0

    def stop(self, state: RunState, message: str) -> None:
        """It is over in a moment, and what is frozen is not less true for having been cancelled."""

    def run(self) -> None:
        try:
            self._spool.put(self._frozen())
        except FlightError as error:
            self._spool.put(Outcome(self._told(RunState.FAILED, message=str(error))))
        except Exception as error:
            logger.exception("run %s", self._report.run)
            message = f"the agent failed, its log says more: {error!r}"
            self._spool.put(Outcome(self._told(RunState.FAILED, message=message)))

    def _frozen(self) -> Outcome:
        profile, missing = self._flight.freeze(self._spec.freeze_s or 0, new_meta(self._report.host, self._spec))
        self.elapsed_s = round(profile.meta.duration_ns / 1e9, 3)
        data, problem = encoded_profile(profile)
        state = RunState.FAILED if problem else RunState.DONE
        quality = profile.quality
        return Outcome(
            self._told(state, samples=quality.samples, lost=quality.lost_total, message=problem or missing), data
        )

    def _told(self, state: RunState, **fields: object) -> RunReport:
        return self._report.model_copy(
            update={"state": state, "at_ns": time.time_ns(), "elapsed_s": self.elapsed_s, **fields}
        )
