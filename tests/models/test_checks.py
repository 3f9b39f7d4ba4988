"""Each misconfiguration is found and has a hint."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import checks

pytestmark = pytest.mark.django_db


def found(*, deploy: bool = False) -> dict[str, str | None]:
    messages = checks.run_checks(include_deployment_checks=deploy)
    return {str(message.id): message.hint for message in messages if str(message.id).startswith("profiler.")}


def test_the_settings_of_the_tests_are_fine() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("change", "check", "hint"),
    [
        ({"REDIS_URL": "http://localhost"}, "profiler.E001", "WEBPROF_REDIS_URL"),
        ({"DATA_DIR": Path("/nonexistent/data")}, "profiler.E002", "WEBPROF_DATA"),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["profiles.example"]}, "profiler.E004", "WEBPROF_DEBUG"),
    ],
)
def test_a_misconfiguration_is_found(settings: LazySettings, change: dict[str, Any], check: str, hint: str) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert hint in (found()[check] or "")


def test_a_secret_that_others_can_read_is_found(settings: LazySettings, tmp_path: Path) -> None:
    key = tmp_path / "secret_key"
    key.write_text("x")
    settings.SECRET_KEY_FILE = key
    key.chmod(0o600)
    assert found() == {}
    key.chmod(0o640)
    assert "chmod 600" in (found()["profiler.E003"] or "")


def test_plain_http_is_a_warning_for_deployments_only() -> None:
    assert "WEBPROF_HTTPS" in (found(deploy=True)["profiler.W001"] or "")
