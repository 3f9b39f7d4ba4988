"""What every template may ask about the visitor."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from profiler import access


def rights(request: HttpRequest) -> dict[str, object]:
    """`role` and `may_operate` of the visitor; asked of the database only when a template asks."""
    user = request.user
    return {
        "role": SimpleLazyObject(lambda: access.role(user)),
        "may_trace": SimpleLazyObject(lambda: access.may_trace(user)),
        "may_operate": SimpleLazyObject(lambda: access.may_operate(user)),
    }
