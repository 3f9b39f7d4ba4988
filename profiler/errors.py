"""What the server refuses, as types. The edges turn each into a status and a message, once; texts name the object."""

from profiler.core.errors import WebprofError


class ServiceError(WebprofError):
    """A refusal. `code` is for programs, `status` for HTTP; `field` names the input that was wrong when one was."""

    code, status = "refused", 400

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(ServiceError):
    """There is no such object, or the caller may not know that there is."""

    code, status = "not_found", 404


class ForbiddenError(ServiceError):
    """The caller may see the object, but not do this."""

    code, status = "forbidden", 403


class InvalidError(ServiceError):
    """The input can't be used."""

    code, status = "invalid", 422

    def __init__(self, message: str, field: str | None = None, position: int | None = None) -> None:
        """`position`: the character of the field's text, from 0, where it went wrong."""
        super().__init__(message, field)
        self.position = position


class ConflictError(ServiceError):
    """The input is fine, but not in the present state of things."""

    code, status = "conflict", 409


class TooLargeError(ServiceError):
    """Over a limit, which the text names."""

    code, status = "too_large", 413


class UnavailableError(ServiceError):
    """Something this server needs does not answer."""

    code, status = "unavailable", 503
