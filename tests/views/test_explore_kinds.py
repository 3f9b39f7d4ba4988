"""Profiles of several probes are explored one kind at a time."""

import os
import time

import pytest
from django.contrib.auth.models import User

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, Thread
from profiler.core.ids import uuid7
from profiler.core.profile import Profile, ProfileMeta
from profiler.ingest.keep import keep
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def profile(kind: str, unit: str, value: int) -> Profile:
    now = time.time_ns()
    made = str(uuid7(now // 10**6, os.urandom(10)))
    builder = ProfileBuilder(ProfileMeta(kind, unit, made, "web-1", start_ns=now - 10**9, duration_ns=10**9))
    builder.add(builder.stack([builder.frame(Frame("main", module="app"))]), value, builder.thread(Thread(7, 7, "app")))
    return builder.build()


def test_what_is_kept_of_other_probes_can_be_chosen(browser: Browser, owner: User) -> None:
    client = browser(owner)
    assert '<select id="kind"><option value="cpu">CPU</option></select>' in client.get("/explore/").content.decode()
    keep(profile("page_faults", "faults", 4999))
    page = client.get("/explore/").content.decode()
    assert '<option value="cpu">CPU</option><option value="page_faults">Page faults</option>' in page
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
    asked = {"since": since, "until": until}
    found = client.get("/api/v1/explore/series", asked | {"kind": "page_faults"}).json()
    assert (found["unit"], sum(found["profiles"])) == ("faults", 1)
    assert sum(client.get("/api/v1/explore/series", asked).json()["profiles"]) == 0
