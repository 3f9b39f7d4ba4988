"""Migrations and models say the same, and what was kept before them stays right."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run")


@pytest.mark.django_db(transaction=True)
def test_series_of_before_get_the_period_that_their_profiles_had() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([("profiler", "0008_overview_of_profiles")])
    try:
        old = executor.loader.project_state([("profiler", "0008_overview_of_profiles")]).apps
        subject = old.get_model("profiler", "StoreSubject").objects.create(service="web", kind="cpu", unit="samples")
        waits = old.get_model("profiler", "StoreSubject").objects.create(
            service="web", kind="off-cpu", unit="nanoseconds"
        )
        series = old.get_model("profiler", "StoreSeries").objects
        series.create(subject=subject, key=1, labels={"host": "a", "source": "continuous"})
        series.create(subject=subject, key=2, labels={"host": "a"})
        series.create(subject=waits, key=3, labels={"host": "a"})
        executor = MigrationExecutor(connection)
        executor.migrate([("profiler", "0009_periods_of_series")])
        new = executor.loader.project_state([("profiler", "0009_periods_of_series")]).apps
        found = new.get_model("profiler", "StoreSeries").objects.order_by("key").values_list("period_ns", flat=True)
        assert list(found) == [52_631_579, 10_101_010, 0]
    finally:
        MigrationExecutor(connection).migrate(newest)
