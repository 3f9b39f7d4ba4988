"""What the server refuses, as types. The edges turn each into a status and a message, once; texts name the object."""

from profiler.core.errors import WebprofError


class ServiceError(WebprofError):
    """A refusal. `code` is for programs, `field` names the input that was wrong when one was."""

    code = "refused"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(ServiceError):
    """There is no such object, or the caller may not know that there is."""

    code = "not_found"


class ForbiddenError(ServiceError):
    """The caller may see the object, but not do this."""

    code = "forbidden"


class InvalidError(ServiceError):
    """The input can't be used."""

    code = "invalid"


class ConflictError(ServiceError):
    """The input is fine, but not in the present state of things."""

    code = "conflict"


class TooLargeError(ServiceError):
    """Over a limit, which the text names."""

    code = "too_large"


class UnavailableError(ServiceError):
    """Something this server needs does not answer."""

    code = "unavailable"
