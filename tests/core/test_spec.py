"""A recording's parameters are refused where they make no sense, with the field and what is allowed."""

from typing import Any

import pytest
from pydantic import ValidationError

from profiler.core.spec import RecordingSpec


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"frequency": 0}, "frequency", "greater than or equal to 1"),
        ({"frequency": 10**6}, "frequency", "less than or equal to 999"),
        ({"count": 5}, "count", "greater than or equal to 1001001"),
        ({"duration_s": 0}, "duration_s", "greater than or equal to 0.1"),
        ({"duration_s": 86_400}, "duration_s", "less than or equal to 3600"),
        ({"pids": (0,)}, "pids", "greater than or equal to 1"),
        ({"pids": tuple(range(1, 2000))}, "pids", "at most 1024 items"),
        ({"comm": "sixteen letters!"}, "comm", "at most 15 characters"),
        ({"cgroup": "no/slash"}, "cgroup", "match pattern"),
        ({"container": ""}, "container", "match pattern"),
        ({"container": "web\nroot"}, "container", "match pattern"),
        ({"container": "x" * 257}, "container", "match pattern"),
        ({"unit": "../nginx.service"}, "unit", "match pattern"),
        ({"unit": "x" * 256}, "unit", "match pattern"),
        ({"probe": "kprobe:any"}, "probe", "match pattern"),
        ({"parameters": {"pid": 1.5}}, "parameters", "valid"),
        ({"parameters": {str(i): i for i in range(40)}}, "parameters", "at most 32"),
        ({"shell": "rm"}, "shell", "Extra inputs are not permitted"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RecordingSpec.model_validate(fields)
    first = caught.value.errors()[0]
    assert first["loc"][0] == field
    assert says in first["msg"]


@pytest.mark.parametrize(
    "fields",
    [
        {"container": "shop/web-7f4"},
        {"container": "0123456789ab"},
        {"container": "my container ü"},
        {"unit": "nginx"},
        {"unit": "getty@tty1.service"},
        {"unit": "dev-disk-by\\x2duuid.slice"},
        {"unit": "system.slice", "children": True},
    ],
)
def test_names_that_containers_and_units_have_are_taken(fields: dict[str, Any]) -> None:
    RecordingSpec.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"frequency": 99, "count": 10**7}, "frequency and count exclude each other"),
        ({"user_only": True, "kernel_only": True}, "user_only and kernel_only exclude each other"),
        ({"container": "web", "unit": "nginx"}, "container and unit exclude each other"),
        ({"cgroup": "/a", "container": "web"}, "cgroup and container exclude each other"),
        ({"children": True}, "children needs a target: pids, tids, comm, cgroup, container or unit"),
        ({"children": True, "cpu": 1}, "children needs a target"),
        ({"probe": "offcpu", "frequency": 99}, "frequency is about sampling CPUs: probe offcpu is told of every event"),
        ({"probe": "offcpu", "count": 10**7}, "leave count out"),
        ({"probe": "offcpu", "include_idle": True}, "leave include_idle out"),
        ({"probe": "offcpu", "freeze_s": 5}, "leave freeze_s out"),
    ],
)
def test_options_that_exclude_each_other_are_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RecordingSpec.model_validate(fields)


def test_a_sample_stands_for_the_time_between_two() -> None:
    assert RecordingSpec(frequency=100).period_ns == 10_000_000
    assert RecordingSpec(count=5_000_000).period_ns == 5_000_000


def test_a_spec_survives_the_task_message() -> None:
    spec = RecordingSpec(pids=(1, 2), comm="nginx", cgroup="/system.slice", delimiter=True, cpu=0)
    assert RecordingSpec.model_validate_json(spec.model_dump_json()) == spec


def test_where_nothing_is_sampled_a_value_stands_for_no_time() -> None:
    spec = RecordingSpec(probe="offcpu", parameters={"least_us": 5, "state": "io", "exact": True})
    assert (spec.period_ns, spec.is_sampled) == (0, False)
    assert RecordingSpec.model_validate_json(spec.model_dump_json()) == spec
