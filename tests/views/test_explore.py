"""The explore page: a shell whose parts ask the API, for those who may see the team's profiles."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db
SCRIPTS = Path(__file__).parents[2] / "static" / "js"


def test_the_page_has_every_part_that_its_module_looks_for(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    page = client.get("/explore/").content.decode()
    module = (SCRIPTS / "pages" / "explore.js").read_text()
    listed = re.findall(r'= \[((?:"[^"]+",? ?)+)\]\.map\(find\)', module)
    wanted = {name for names in listed for name in re.findall(r'"([^"]+)"', names)} | set(
        re.findall(r'find\("([^"]+)"\)', module)
    )
    assert len(wanted) > 15
    for name in wanted:
        assert (f'id="{name[1:]}"' if name.startswith("#") else f"<{name}") in page, name


def test_who_may_see_nothing_finds_nothing(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert client.get("/explore/").status_code == 404
