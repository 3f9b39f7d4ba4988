"""What the store refuses. Each text names the object and what to do."""

from profiler.core.errors import WebprofError


class StoreError(WebprofError):
    """A profile can't be kept, or a question can't be answered."""


class TooOldError(StoreError):
    """Of a day that is not kept any more."""


class FutureError(StoreError):
    """Of a time that has not come yet: the host's clock is wrong."""


class CardinalityError(StoreError):
    """More label values than the store keeps apart."""


class SumError(StoreError):
    """More than a number of the store holds: it would start over from below zero."""

    def __init__(self) -> None:
        super().__init__("the selection's sum is over MAX_SUM (2⁶³ ns, 292 years of CPU time): ask for less")


class TotalError(StoreError):
    """A profile of more than any machine can have used."""


class UnavailableError(StoreError):
    """A server that the store needs does not answer, or could not do it: it may later."""


class OvertakenError(StoreError):
    """Somebody else changed the catalog meanwhile: nothing was changed; do it again."""
