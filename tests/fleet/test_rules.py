"""Service rules: which counts, what they give, what is refused, who may change them."""

import pytest
from django.contrib.auth.models import User

from profiler.core.groups import CgroupLabels, ProcessLabels
from profiler.core.services import Facts, default_service
from profiler.errors import ForbiddenError, InvalidError, NotFoundError
from profiler.fleet import rules
from profiler.fleet.matching import Named, problem, services
from profiler.fleet.preview import preview
from profiler.fleet.rule import Rule
from profiler.models import Change, ServiceRule
from tests import personas
from tests.agent_double import AgentDouble

WEB = Facts("gunicorn", unit="shop-web.service", variables=(("OTEL_SERVICE_NAME", "checkout"),))
DB = Facts.of(ProcessLabels("postgres"), CgroupLabels("ab" * 32, "shop/db-1", "registry/postgres:17"))
BASH = Facts("bash")
ALL = [WEB, DB, BASH, Facts("kworker/0:1", kernel=True)]


def rule(source: str, pattern: str, service: str, variable: str = "", selector: str = "") -> Rule:
    return Rule.model_validate(
        {"source": source, "pattern": pattern, "service": service, "variable": variable, "selector": selector}
    )


@pytest.mark.parametrize(
    ("one", "web", "db"),
    [
        (rule("unit", r"shop-(.*)\.service", r"shop \1"), "shop web", "shop/db-1"),
        (rule("unit", r"shop-", "half"), "shop-web", "shop/db-1"),
        (rule("program", "gunicorn|postgres", r"\0!"), "gunicorn!", "postgres!"),
        (rule("container", r"([^/]+)/(\w+)-\d+", r"\1 \2"), "shop-web", "shop db"),
        (rule("image", r".*/([^:/]+):.*", r"\1"), "shop-web", "postgres"),
        (rule("variable", ".+", r"\0", "OTEL_SERVICE_NAME"), "checkout", "shop/db-1"),
        (rule("label", "prod", "production", "env"), "production", "production"),
        (rule("label", ".*", "nothing", "rack"), "shop-web", "shop/db-1"),
        (rule("program", ".*", "all"), "all", "all"),
        (rule("program", "x", "y"), "shop-web", "shop/db-1"),
    ],
)
def test_each_source_is_looked_at_as_a_whole(one: Rule, web: str, db: str) -> None:
    found = services(ALL, {"host": "web-1", "env": "prod"}, [one])
    assert [named.service for named in found[:2]] == [web, db]


def test_the_first_rule_that_fits_counts_and_the_rest_keep_their_default() -> None:
    found = services(
        ALL, {}, [rule("program", "nobody", "x"), rule("program", "g.*", "one"), rule("unit", ".+", "two")]
    )
    assert found[0] == Named("one", 1)
    assert found[1:] == [Named(default_service(facts), None) for facts in ALL[1:]]
    assert [named.service for named in found[1:]] == ["shop/db-1", "bash", "kernel"]


def test_an_expression_that_would_backtrack_for_ever_answers_at_once() -> None:
    found = services([Facts("a" * 40 + "!")], {}, [rule("program", "(a*)*b", "x"), rule("program", "(a|aa)+", "x")])
    assert found[0].rule is None


@pytest.mark.parametrize(
    ("pattern", "service", "says"),
    [
        ("(", "x", "missing )"),
        ("a", r"\1", "only has 0 parenthesized"),
        ("(?=a)", "x", "perl operator"),
        ("a{2000}", "x", "repetition"),
    ],
)
def test_what_can_not_be_matched_is_refused_with_the_reason(pattern: str, service: str, says: str) -> None:
    assert says in problem(rule("program", pattern, service))


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "variable"},
        {"source": "program", "variable": "X"},
        {"source": "variable", "variable": "A B"},
        {"source": "label", "variable": "1x"},
        {"source": "shoe size"},
        {"pattern": ""},
        {"pattern": "x" * 257},
        {"service": "x" * 256},
        {"more": 1},
    ],
)
def test_a_rule_is_checked_field_by_field(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Rule.model_validate({"source": "program", "pattern": "a", "service": "b", **wrong})


@pytest.mark.redis
@pytest.mark.django_db
class TestKept:
    @pytest.fixture(autouse=True)
    def alive(self, agent: AgentDouble) -> AgentDouble:
        return agent

    def test_rules_keep_their_order_and_each_change_is_logged_with_who_and_what(self, admin: User) -> None:
        first = rules.save(admin, rule("program", "a", "A"))
        second = rules.save(admin, rule("program", "b", "B"))
        rules.RULES.move(admin, second.pk, up=True)
        rules.RULES.move(admin, second.pk, up=True)  # is the first already
        rules.save(admin, rule("program", "b", "BB"), second.pk)
        rules.save(admin, rule("program", "b", "BB"), second.pk)  # the same again is no change
        assert [row.service for row in ServiceRule.objects.all()] == ["BB", "A"]
        rules.RULES.delete(admin, first.pk)
        told = [(change.action, change.user_name, change.name) for change in reversed(Change.objects.all())]
        names = ["program ~ a", "program ~ b", "program ~ b", "program ~ b", "program ~ a"]
        assert told == list(zip(["made", "made", "moved", "changed", "deleted"], ["ada"] * 5, names, strict=True))
        changed = Change.objects.get(action="changed")
        assert [values and values["service"] for values in (changed.before, changed.after)] == ["B", "BB"]

    @pytest.mark.parametrize("persona", ["owner", "viewer"])
    def test_only_admins_change_rules(self, admin: User, persona: str) -> None:
        row = rules.save(admin, rule("program", "a", "A"))
        user = personas.make(persona)
        assert user is not None
        for attempt in (
            lambda: rules.save(user, rule("program", "b", "B")),
            lambda: rules.save(user, rule("program", "b", "B"), row.pk),
            lambda: rules.RULES.delete(user, row.pk),
            lambda: rules.RULES.move(user, row.pk, up=True),
        ):
            with pytest.raises(ForbiddenError, match="only an admin may change service rules"):
                attempt()

    def test_for_strangers_there_are_no_rules(self, admin: User, stranger: User) -> None:
        row = rules.save(admin, rule("program", "a", "A"))
        with pytest.raises(NotFoundError):
            rules.RULES.delete(stranger, row.pk)

    @pytest.mark.parametrize("selector", ["host=", 'host=~"("', 'host=~"(?=a)"'])
    def test_a_wrong_selector_is_refused_and_nothing_kept(self, admin: User, selector: str) -> None:
        with pytest.raises(InvalidError, match="selector"):
            rules.save(admin, rule("program", "a", "A", selector=selector))
        assert not ServiceRule.objects.exists()
        assert not Change.objects.exists()

    def test_more_variables_than_agents_are_asked_for_are_refused(self, admin: User) -> None:
        for number in range(16):
            rules.save(admin, rule("variable", "a", "A", f"NAME_{number}"))
        with pytest.raises(InvalidError, match="MAX_VARIABLES is 16"):
            rules.save(admin, rule("variable", "a", "A", "ONE_MORE"))
        assert len(rules.variables()) == 16

    def test_a_preview_says_what_would_change_and_changes_nothing(self, admin: User, alive: AgentDouble) -> None:
        from profiler import heartbeats  # noqa: PLC0415
        from profiler.jobs.hosts import register  # noqa: PLC0415

        register(heartbeats.living())
        thought = [rule("program", "python3", "shop"), rule("variable", ".+", r"\0", "OTEL_SERVICE_NAME")]
        found = preview(admin, thought, [])
        (line,) = found.lines
        assert (line.service, line.rule, line.processes, line.hosts, line.was) == ("shop", 0, 1, {"web-1"}, {"python3"})
        assert line.cpu_percent == 99.5
        assert found.silent == {"OTEL_SERVICE_NAME": ["web-1"]}
        assert not ServiceRule.objects.exists()
        (kept,) = preview(admin, [], []).lines
        assert (kept.service, kept.rule, kept.was) == ("python3", None, set())
        elsewhere = preview(admin, [rule("program", "python3", "shop", selector='host="web-2"')], [])
        assert [line.service for line in elsewhere.lines] == ["python3"]

    def test_a_stranger_sees_no_process(self, stranger: User) -> None:
        assert preview(stranger, [], []).processes == 0
