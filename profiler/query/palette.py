"""What the command palette finds: pages, hosts and profiles that a person may see, by a few letters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

from django.db.models import Q, QuerySet
from django.urls import reverse

from profiler import access
from profiler.access import Visitor
from profiler.core.fuzzy import match
from profiler.errors import TooLargeError
from profiler.models import StoredProfile

MAX_WANTED = 100
MAX_FOUND = 20
# Names of so many are compared letter by letter; in older profiles whole words are looked for.
NEWEST_PROFILES = 2_000
MAX_HOSTS = 20_000
# What an empty palette shows besides the pages.
RECENT = 5


@dataclass(frozen=True)
class Found:
    """`kind`: page, host or profile; `marks`: places of the title that fit; `at`: a profile's time, ISO 8601."""

    kind: str
    title: str
    detail: str
    path: str
    marks: tuple[int, ...] = ()
    at: str = ""


PAGES = (
    ("Hosts", "machines with an agent", "hosts"),
    ("Profiles", "recordings and uploads", "profiles"),
    ("Explore", "all services over time", "explore"),
    ("Record", "start a recording", "record"),
    ("60-second check", "what to look at first on a slow host", "checkups"),
    ("Continuous profiling", "on which hosts it is on", "continuous"),
    ("bpftrace", "a program of your own on chosen hosts", "bpftrace"),
    ("Service rules", "what belongs to which service", "services"),
    ("Operations", "the store, workers, agents", "operations"),
    ("Debug files", "symbols for stripped programs", "debug-files"),
    ("API tokens", "for scripts and uploads", "tokens"),
)
# Who may open what not everybody may.
MAY_OPEN: dict[str, Callable[[Visitor], bool]] = {"record": access.may_operate, "bpftrace": access.may_trace}


def find(user: Visitor, wanted: str) -> list[Found]:
    """The best first; pages and what is recent for no letters. Raises NotFoundError and TooLargeError."""
    access.require_role(user)
    if len(wanted) > MAX_WANTED:
        raise TooLargeError(f"q: at most {MAX_WANTED} characters (MAX_WANTED), not {len(wanted)}")
    text = wanted.replace("\0", "").strip()
    if not text:
        hosts = (_host(*row) for row in access.hosts(user).order_by("-last_seen").values_list("id")[:RECENT])
        return [*_pages(user), *_profiles(access.profiles(user)[:RECENT]), *hosts]
    scored = [(score, one) for one in _candidates(user, text) if (score := _scored(text, one))]
    best = sorted(scored, key=lambda pair: -pair[0][0])[:MAX_FOUND]
    return [replace(one, marks=score[1]) for score, one in best]


def _scored(text: str, one: Found) -> tuple[int, tuple[int, ...]] | None:
    """The title counts; what stands beside it helps when whole words are in it."""
    found = match(text, one.title)
    if found:
        return found.score, found.places
    beside = f"{one.title} {one.detail}".lower()
    return (1, ()) if all(word in beside for word in text.lower().split()) else None


def _candidates(user: Visitor, text: str) -> Iterator[Found]:
    yield from _pages(user)
    yield from (_host(*row) for row in access.hosts(user).values_list("id")[:MAX_HOSTS])
    newest = list(_profiles(access.profiles(user)[:NEWEST_PROFILES]))
    yield from newest
    if len(newest) == NEWEST_PROFILES:
        words = (Q(title__icontains=word) | Q(host__id__icontains=word) for word in text.split())
        known = {one.path for one in newest}
        older = access.profiles(user).filter(reduce(Q.__and__, words))[: 2 * MAX_FOUND]
        yield from (one for one in _profiles(older) if one.path not in known)


def _pages(user: Visitor) -> Iterator[Found]:
    for title, detail, name in PAGES:
        if name not in MAY_OPEN or MAY_OPEN[name](user):
            yield Found("page", title, detail, reverse(name))


def _host(host_id: str) -> Found:
    return Found("host", host_id, "", reverse("host", args=[host_id]))


def _profiles(found: "QuerySet[StoredProfile]") -> Iterator[Found]:
    rows = found.values_list("id", "title", "kind", "host_id", "time")
    for number, title, kind, host, time in rows:
        detail = " · ".join(filter(None, (host, kind)))
        yield Found("profile", title, detail, reverse("profile", args=[number]), at=time.isoformat())
