"""The form of a new recording: what it starts, what it refuses and what it keeps."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.core.inventory import Capability
from profiler.core.spec import RecordingSpec
from profiler.jobs import start
from profiler.models import Job, Run
from tests.agent_double import AgentDouble
from tests.sample_probe import TEA, offer
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
FORM = {"hosts": "web-1", "rate": "frequency", "frequency": "99", "duration_s": "10", "stacks": "both"}


@pytest.fixture
def operator(owner: User, known: AgentDouble, browser: Browser) -> Client:
    return browser(owner)


def refused(client: Client, **change: Any) -> str:
    """The page that comes back; nothing was started."""
    response = client.post("/record/", FORM | change)
    assert response.status_code in (400, 409)
    assert not Job.objects.exists()
    return response.content.decode()


def test_every_option_reaches_the_job(operator: Client) -> None:
    everything = {
        "pids": "812, 913",
        "tids": "7 8",
        "comm": "nginx",
        "cgroup": "/system.slice/nginx.service",
        "children": "on",
        "cpu": "1",
        "duration_s": "2.5",
        "rate": "count",
        "count": "10000000",
        "stacks": "kernel",
        "include_idle": "on",
        "delimiter": "on",
        "annotations": "on",
    }
    response = operator.post("/record/", FORM | everything)
    run = Run.objects.get()
    assert response.headers["Location"] == f"/runs/{run.pk}/"
    assert run.job.recording == RecordingSpec(
        duration_s=2.5,
        count=10_000_000,
        pids=(812, 913),
        tids=(7, 8),
        comm="nginx",
        cgroup="/system.slice/nginx.service",
        children=True,
        cpu=1,
        kernel_only=True,
        include_idle=True,
        delimiter=True,
        annotations=True,
    )


@pytest.mark.parametrize(("field", "name"), [("container", "shop/web-7"), ("unit", "getty@tty1.service")])
def test_a_container_or_service_reaches_the_job(operator: Client, field: str, name: str) -> None:
    operator.post("/record/", FORM | {field: f" {name} ", "children": "on"})
    run = Run.objects.get()
    assert run.job.recording == RecordingSpec(**{field: name}, frequency=99, children=True)
    assert f"{field} {name} · with children" in operator.get(f"/runs/{run.pk}/").content.decode()


def test_several_hosts_record_at_once_and_name_each_other(operator: Client, agent: AgentDouble) -> None:
    AgentDouble(agent.redis, "web-2").beat()
    page = operator.post("/record/", FORM | {"hosts": ["web-1", "web-2"]}, follow=True).content.decode()
    assert Run.objects.count() == 2
    assert "also on" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frequency": "0"}, "frequency: input should be greater than or equal to 1, not 0"),
        ({"frequency": "1000000"}, "frequency: input should be less than or equal to 999, not 1000000"),
        ({"frequency": "fast"}, "Enter a whole number"),
        ({"frequency": ""}, "give a number"),
        ({"rate": "count", "count": "5"}, "count: input should be greater than or equal to 1001001"),
        ({"rate": "", "count": "10000000"}, "frequency and count exclude each other"),
        ({"rate": "sometimes"}, "Select a valid choice"),
        ({"duration_s": "0"}, "duration_s: input should be greater than or equal to 0.1"),
        ({"duration_s": "nan"}, "Enter a number"),
        ({"duration_s": "86400"}, "less than or equal to 3600"),
        ({"pids": "nginx"}, "&#x27;nginx&#x27; is not an id"),
        ({"pids": "0"}, "pids.0: input should be greater than or equal to 1"),
        ({"tids": "99999999"}, "less than or equal to 4194304"),
        ({"comm": "a-name-of-sixteen"}, "comm: string should have at most 15 characters"),
        ({"cgroup": "system.slice"}, "cgroup: string should match pattern"),
        ({"container": "web", "unit": "nginx"}, "container and unit exclude each other: give one"),
        ({"unit": "nginx service"}, "unit: string should match pattern"),
        ({"children": "on"}, "children needs a target: pids, tids, comm, cgroup, container or unit"),
        ({"cpu": "-1"}, "cpu: input should be greater than or equal to 0"),
        ({"stacks": "none"}, "Select a valid choice"),
        ({"hosts": []}, "Choose at least one host"),
        ({"hosts": "nowhere"}, "host &#x27;nowhere&#x27; is not known"),
    ],
)
def test_bad_input_is_named_and_starts_nothing(operator: Client, change: dict[str, Any], said: str) -> None:
    assert said.lower() in refused(operator, **change).lower()


def test_what_was_typed_stays(operator: Client) -> None:
    page = refused(operator, frequency="0", comm="nginx", stacks="kernel", tids="7", delimiter="on")
    assert 'value="nginx"' in page
    assert 'value="0"' in page
    assert 'id="stacks-kernel" value="kernel" checked' in page
    assert 'id="id_delimiter" checked' in page
    assert '<details class="more" open>' in page


def test_links_preset_the_form(operator: Client) -> None:
    page = operator.get("/record/?host=web-1&pid=7&pid=8&comm=nginx&cgroup=/a/b&count=10000000").content.decode()
    for value in ("7, 8", "nginx", "/a/b", "10000000"):
        assert f'value="{value}"' in page
    assert 'id="rate-count" value="count" checked' in page


def test_links_preset_a_container_with_its_children(operator: Client) -> None:
    page = operator.get("/record/?host=web-1&container=shop%2Fweb&children=1").content.decode()
    assert 'name="container" id="id_container" value="shop/web"' in page
    assert 'id="id_children" checked' in page
    assert '<details class="more">' in page


def test_what_the_host_runs_leads_to_a_recording_of_it(operator: Client) -> None:
    page = operator.get("/hosts/web-1/").content.decode()
    assert "/record/?host=web-1&amp;container=shop%2Fdb" in page
    assert "/record/?host=web-1&amp;unit=nginx.service" in page
    assert "postgres:17" in page
    fragment = operator.get("/hosts/web-1/targets/").content.decode()
    assert 'data-pick="container" data-value="shop/db"' in fragment
    assert 'data-pick="unit" data-value="nginx.service"' in fragment


AGAIN = (
    RecordingSpec(pids=(7,), tids=(9,), comm="nginx", count=10_000_000, user_only=True, delimiter=True, cpu=1),
    RecordingSpec(container="shop/web", frequency=99, children=True),
    RecordingSpec(unit="nginx.service", frequency=49),
)


@pytest.mark.parametrize("spec", AGAIN, ids=["ids", "container", "unit"])
def test_record_again_presets_what_was_recorded(operator: Client, owner: User, spec: RecordingSpec) -> None:
    run = start(owner, spec, ["web-1"]).runs.get()
    query = operator.get(f"/runs/{run.pk}/").context["again"]
    form = operator.get(f"/record/?{query}").context["form"]
    again = {name: form[name].value() for name in form.fields}
    Run.objects.all().delete()
    Job.objects.all().delete()
    operator.post("/record/", {name: value for name, value in again.items() if value not in (None, False, "")})
    assert Run.objects.get().job.recording == spec


def test_a_host_that_cannot_record_says_why_before_anybody_asks(operator: Client, agent: AgentDouble) -> None:
    agent.beat(can_record=False)
    page = operator.get("/record/").content.decode()
    assert "not root" in page
    assert "can&#x27;t record" in page or "can't record" in page


def test_a_busy_host_leads_to_the_run_in_the_way(operator: Client, owner: User) -> None:
    way = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    response = operator.post("/record/", FORM)
    assert response.status_code == 409
    assert f"/runs/{way.pk}/" in response.content.decode()


def test_a_dead_host_is_refused(operator: Client, agent: AgentDouble) -> None:
    agent.die()
    assert "has sent no heartbeat" in refused(operator)


@pytest.fixture
def tea(monkeypatch: pytest.MonkeyPatch, known: AgentDouble) -> AgentDouble:
    """A host that has a probe `tea`."""
    offer(monkeypatch, TEA)
    known.beat(probes=(Capability(name="tea", available=True),))
    return known


def test_parameters_of_the_chosen_probe_reach_the_job_and_nothing_of_sampling(
    operator: Client, tea: AgentDouble
) -> None:
    chosen = {"probe": "tea", "tea.least_us": "100", "tea.cook": " alice ", "include_idle": "on"}
    response = operator.post("/record/", FORM | chosen)
    run = Run.objects.get()
    assert response.headers["Location"] == f"/runs/{run.pk}/"
    parameters = {"least_us": 100, "milk": False, "cook": "alice"}
    assert run.job.recording == RecordingSpec(probe="tea", parameters=parameters)
    page = operator.get(f"/runs/{run.pk}/").content.decode()
    assert "Tea time" in page
    assert "At least 100 µs · not: With milk · Cook alice" in page
    assert "Hz" not in page.partition("<profile-view")[0]


def test_what_is_left_as_it_is_is_not_asked_for(operator: Client, tea: AgentDouble) -> None:
    operator.post("/record/", FORM | {"probe": "tea", "tea.least_us": "", "tea.milk": "on"})
    assert Run.objects.get().job.recording == RecordingSpec(probe="tea")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tea.least_us": "1000001"}, "least_us=&#x27;1000001&#x27; must be a whole number from 0 to 1000000 µs"),
        ({"tea.least_us": "few"}, "least_us=&#x27;few&#x27; must be a whole number"),
        ({"tea.cook": "x" * 16}, "must be text of at most 15 bytes"),
        ({"probe": "coffee"}, "there is no probe &#x27;coffee&#x27; that records stacks; there are cpu, "),
    ],
)
def test_a_wrong_parameter_is_told_beside_it(
    operator: Client, tea: AgentDouble, wrong: dict[str, str], says: str
) -> None:
    page = refused(operator, **({"probe": "tea"} | wrong))
    assert says in page
    assert wrong.get("tea.least_us", "") in page


def test_a_wrong_parameter_of_another_probe_is_in_nobodys_way(operator: Client, tea: AgentDouble) -> None:
    operator.post("/record/", FORM | {"tea.least_us": "few"})
    assert Run.objects.get().job.recording == RecordingSpec(frequency=99)


def test_the_page_tells_which_hosts_lack_a_probe_and_why(operator: Client, tea: AgentDouble) -> None:
    reason = "no tracepoint kitchen:tea_begin"
    tea.beat(probes=(Capability(name="tea", available=False, reason=reason, fix="Linux 9.1 or later"),))
    page = operator.get("/record/?probe=tea").content.decode()
    assert '"tea": "no tracepoint kitchen:tea_begin; Linux 9.1 or later"' in page
    told = refused(operator, probe="tea")
    assert "host web-1 can&#x27;t record tea: no tracepoint kitchen:tea_begin; Linux 9.1 or later" in told


def test_an_agent_that_does_not_know_a_probe_is_not_asked(operator: Client, tea: AgentDouble) -> None:
    tea.beat(probes=())
    assert "does not know this probe; update the agent" in refused(operator, probe="tea")


def test_links_preset_a_probe_and_its_parameters(operator: Client, tea: AgentDouble) -> None:
    page = operator.get("/record/?probe=tea&tea.least_us=77&tea.cook=bob").content.decode()
    assert '<option value="tea" selected>Tea time</option>' in page
    assert 'name="tea.least_us" id="id_tea.least_us" value="77" min="0" max="1000000"' in page
    assert 'value="bob"' in page
    operator.post("/record/", FORM | {"probe": "tea", "tea.least_us": "77"})
    again = operator.get(f"/runs/{Run.objects.get().pk}/").content.decode()
    assert "probe=tea" in again
    assert "tea.least_us=77" in again


def test_what_a_probe_needs_and_costs_is_on_the_page(operator: Client, tea: AgentDouble) -> None:
    for page in (operator.get("/record/").content.decode(), operator.get("/probes/").content.decode()):
        assert "<code>lock:contention_end</code>" in page
        assert "Linux 5.19 or later" in page
        assert "700\u2009ns" in page
