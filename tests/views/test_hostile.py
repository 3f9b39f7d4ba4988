"""Names come from strangers' machines and files. They stay text."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.core import inventory
from profiler.core.channel import HEARTBEAT_TTL_S, heartbeat_key
from profiler.core.inventory import Container, Process, Unit
from profiler.models import Run, StoredProfile
from tests.agent_double import AgentDouble, host_inventory
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
# Elements that hold data for modules: browsers run nothing of such a type.
DATA = ("application/json", "application/vnd.webprof.tree")


@pytest.fixture
def hostile(agent: AgentDouble) -> None:
    """Host web-1, where everything is named to break out of its page."""
    process = Process(pid=7, comm=EVIL, cmdline=EVIL, user=EVIL, cpu_percent=1, rss_bytes=1, container=EVIL)
    made = host_inventory("web-1").model_copy(
        update={
            "processes": (process,),
            "containers": (Container(id=EVIL, runtime=EVIL, cgroup=f"/{EVIL}", cpu_percent=1, processes=1),),
            "units": (Unit(name=EVIL, cgroup=f"/{EVIL}", cpu_percent=1, processes=1),),
        }
    )
    agent.redis.set(heartbeat_key("web-1"), inventory.encode(made), ex=HEARTBEAT_TTL_S)


def assert_harmless(page: str) -> None:
    """No element and no attribute of EVIL's is in the page."""
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert not re.search(r"<[^>]*\sonerror", re.sub(r'"[^"]*"', '""', page))


@pytest.mark.parametrize("path", ["/hosts/", "/hosts/web-1/", "/hosts/web-1/targets/", "/record/?host=web-1"])
def test_names_of_processes_and_containers_stay_text(hostile: None, owner: User, browser: Browser, path: str) -> None:
    assert_harmless(browser(owner).get(path).content.decode())


@pytest.mark.parametrize("path", ["/profiles/", "/profiles/{id}/", "/hosts/web-1/"])
def test_titles_of_profiles_stay_text(finished: Run, owner: User, browser: Browser, path: str) -> None:
    profile = StoredProfile.objects.get()
    StoredProfile.objects.update(title=EVIL, source=EVIL[:32], kind=EVIL[:64])
    assert_harmless(browser(owner).get(path.format(id=profile.pk)).content.decode())


def test_an_agents_message_stays_text(finished: Run, owner: User, browser: Browser) -> None:
    StoredProfile.objects.all().delete()
    Run.objects.update(state="failed", message=f"</script>{EVIL}")
    page = browser(owner).get(f"/runs/{finished.pk}/").content.decode()
    state = re.search(r'<script id="run-now" type="application/json">(.*?)</script>', page)
    assert state
    assert EVIL in json.loads(state[1])["message"]
    assert_harmless(page)


@pytest.mark.parametrize("query", ["q", "host", "source", "sort", "page"])
def test_what_is_in_the_url_stays_text(owner: User, agent: AgentDouble, browser: Browser, query: str) -> None:
    assert_harmless(browser(owner).get("/profiles/", {query: EVIL}).content.decode())


def test_a_file_name_from_a_title_is_plain(finished: Run, owner: User, browser: Browser) -> None:
    StoredProfile.objects.update(title='../../x"\r\nSet-Cookie: a=b')
    response = browser(owner).get(f"/profiles/{StoredProfile.objects.get().pk}/folded")
    assert response.headers["Content-Disposition"] == 'attachment; filename="x-Set-Cookie-a-b.folded"'


@pytest.mark.parametrize("path", ["/login/", "/hosts/", "/nowhere/", "/s/unknown/", "/api/v1/docs"])
def test_every_answer_forbids_inline_scripts(owner: User, agent: AgentDouble, browser: Browser, path: str) -> None:
    response = browser(owner).get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_page_has_an_inline_script(keys: dict[str, str], admin: User, browser: Browser) -> None:
    """With that policy they would not run, and a page would be broken."""
    for path in ("/hosts/", "/hosts/web-1/", "/record/", "/profiles/", "/tokens/", f"/profiles/{keys['profile_id']}/"):
        page = browser(admin).get(path).content.decode()
        for attributes in re.findall(r"<script\b([^>]*)>", page):
            assert "src=" in attributes or any(f'type="{kind}"' in attributes for kind in DATA)
        assert not re.search(r'\sstyle="|\son\w+="', page)


@pytest.mark.parametrize("path", ["/record/", "/logout/", "/tokens/"])
def test_a_form_from_another_site_is_refused(owner: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"})
    client.force_login(owner)
    response = client.post(path, {"name": "x"})
    assert response.status_code == 403
    assert "came from another site" in response.content.decode()
