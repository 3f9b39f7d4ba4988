"""The server knows the chosen theme: a page never flashes in another one."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("chosen", "written"), [("dark", True), ("light", True), ("", False), ('"><script>', False)])
def test_the_page_comes_in_the_chosen_theme(client: Client, chosen: str, written: bool) -> None:
    client.cookies["theme"] = chosen
    html = client.get("/login/").content.decode()
    assert (f'data-theme="{chosen}"' in html) is written
