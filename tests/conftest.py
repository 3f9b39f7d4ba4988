"""Fixtures for all tests: the run's own Redis, and people to act as."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from redis import Redis

from tests import personas
from tests.agent.servers import CACHES
from tests.agent_double import AgentDouble
from tests.redis_server import running_redis

# How long an example takes says how busy the machine is: tests run side by side.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

DATABASE_FIXTURES = {"db", "transactional_db"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What another database could change can be chosen by `-m database`."""
    for item in items:
        uses = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if uses or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session", autouse=True)
def _data_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its caches are those of the whole run: processes that run tests side by side share them."""
    top = tmp_path_factory.getbasetemp()
    shared = top.parent if "PYTEST_XDIST_WORKER" in os.environ else top
    for cache in CACHES:
        (shared / "caches" / cache).mkdir(mode=0o700, parents=True, exist_ok=True)
        own = Path(settings.DATA_DIR) / cache
        own.parent.mkdir(mode=0o700, exist_ok=True)
        own.symlink_to(shared / "caches" / cache)
    yield
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server() -> Iterator["Redis"]:
    """A real Redis at settings.REDIS_URL for as long as the session lasts."""
    with running_redis(Path(settings.DATA_DIR), settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def redis(redis_server: "Redis") -> "Redis":
    """The session's Redis, empty."""
    redis_server.flushall()
    return redis_server


@pytest.fixture
def owner(db: None) -> User:
    return personas.owner()


@pytest.fixture
def viewer(db: None) -> User:
    return personas.viewer()


@pytest.fixture
def stranger(db: None) -> User:
    return personas.stranger()


@pytest.fixture
def admin(db: None) -> User:
    return personas.admin()


@pytest.fixture
def agent(redis: "Redis") -> AgentDouble:
    """The agent of host web-1, which has just sent a heartbeat."""
    double = AgentDouble(redis)
    double.beat()
    return double
