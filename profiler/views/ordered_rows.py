"""The buttons of a list in which the order counts: delete, up, down."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from profiler.fleet.ordered_rows import OrderedRows


def delete_row(request: HttpRequest, rows: OrderedRows, key: int, deleted: str, page: str) -> HttpResponse:
    """`deleted` says so on the page, with the row's name for its {}."""
    messages.success(request, deleted.format(rows.delete(request.user, key)))
    return redirect(page)


def move_row(request: HttpRequest, rows: OrderedRows, key: int, page: str) -> HttpResponse:
    rows.move(request.user, key, up=request.POST.get("to") == "up")
    return redirect(page)
