"""Fixtures for all tests: the run's own Redis, and people to act as."""

import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import User
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from pytest_django import DjangoDbBlocker
from redis import Redis
from xdist.remote import Producer

from tests import personas
from tests.agent.servers import CACHES
from tests.agent_double import AgentDouble
from tests.groups import ByFixtures
from tests.redis_server import running_redis

# How long an example takes says how busy the machine is: tests run side by side. Each run tries other examples, so few
# add up; who has changed something asks for more: WEBPROF_TEST_EXAMPLES=1000 pytest tests/core.
EXAMPLES = 40
hypothesis.settings.register_profile(
    "shared machine", deadline=None, max_examples=int(os.environ.get("WEBPROF_TEST_EXAMPLES", EXAMPLES))
)
hypothesis.settings.load_profile("shared machine")

DATABASE_FIXTURES = {"db", "transactional_db"}


# Pages and API, which ask the folders below them: test_access.py asks each route as two personas, and the queries that
# these have are made then.
EDGE = ("views", "api")

# script/test looks for the tests of a stage in the files with the text `mark.redis`.
MARKERS_OF_STAGES = ("redis", "bpf", "alone", "e2e")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFixtures | None:
    return ByFixtures(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What another database could change can be chosen by `-m database`."""
    for item in items:
        if may_depend_on_the_database(item):
            item.add_marker(pytest.mark.database)
    require_markers_in_files(items)


def may_depend_on_the_database(item: pytest.Item) -> bool:
    uses = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
    asked_below = item.path.parent.name in EDGE and item.path.name != "test_access.py"
    return bool(uses) and not asked_below and not item.get_closest_marker("any_database")


def require_markers_in_files(items: list[pytest.Item]) -> None:
    text = cache(Path.read_text)
    for item in items:
        for marker in MARKERS_OF_STAGES:
            if item.get_closest_marker(marker) and f"mark.{marker}" not in text(item.path):
                raise pytest.UsageError(f"{item.nodeid} is marked elsewhere: say pytest.mark.{marker} in its file")


@pytest.fixture(scope="session", autouse=True)
def _data_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its caches are those of the whole run: stages, and processes that run tests side by side, share them."""
    top = tmp_path_factory.getbasetemp()
    shared = (top.parent if "PYTEST_XDIST_WORKER" in os.environ else top) / "caches"
    shared = Path(os.environ.get("WEBPROF_TEST_CACHES", shared))
    for name in CACHES:
        (shared / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        own = Path(settings.DATA_DIR) / name
        own.parent.mkdir(mode=0o700, exist_ok=True)
        own.symlink_to(shared / name)
    yield
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Emptying the tables after a test takes little: measured, it was a third of a short test's time.

    Django makes its permissions again, which we do not use; and PostgreSQL's TRUNCATE writes new files for each table.
    """
    post_migrate.disconnect(create_permissions, dispatch_uid=f"{create_permissions.__module__}.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    with django_db_blocker.unblock():
        connection.ops.sql_flush = _deletes  # type: ignore[assignment, method-assign]


def _deletes(_style: object, tables: Iterable[str], **_options: bool) -> list[str]:
    """In one transaction, at whose end the foreign keys are checked."""
    return [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]  # noqa: S608 Django's own names


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
