"""/healthz."""

import pytest
from django.test import Client, override_settings


@pytest.mark.redis
@pytest.mark.django_db
def test_all_is_well_without_a_login(client: Client, redis: object) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


@pytest.mark.django_db
@override_settings(REDIS_URL="unix:///nonexistent/redis.sock")
def test_a_redis_that_does_not_answer_is_told_not_a_crash(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"database": "ok", "redis": "unreachable"})
