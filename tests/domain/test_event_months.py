"""Events by month: the table before is taken over whole, months open when they are needed and go when they are old."""

import datetime as dt
from importlib import import_module

import pytest
from django.db import connection

from reorder.domain.behaviour import operations
from reorder.domain.behaviour.models import EventKey, TrackedEvent, Visitor
from reorder.domain.behaviour.months import open_months
from reorder.domain.customers.models import Customer

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)


def months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'behaviour_trackedevent_2%' ORDER BY 1")
        return [row[0].removeprefix("behaviour_trackedevent_") for row in cursor.fetchall()]


def test_the_table_before_is_taken_over_without_loss() -> None:
    migration = import_module("reorder.domain.behaviour.migrations.0002_visitors")
    mei = Customer.objects.create(key="mei")
    with connection.cursor() as cursor:
        cursor.execute(migration.MERGE)
        cursor.execute("ALTER TABLE behaviour_trackedevent ALTER COLUMN id RESTART WITH 40")
        for number, moment in enumerate(["2024-02-29 23:59:59.5+00", "2026-11-01 00:00+00", "2026-11-26 04:00+00"]):
            cursor.execute(
                """INSERT INTO behaviour_trackedevent (message_id, customer_id, kind, happened_at, search_text)
                   VALUES (%s, %s, 'search', %s, 'tea')""",
                [f"old-{number}", mei.pk, moment],
            )
        cursor.execute(migration.PARTITION)
    rows = TrackedEvent.objects.order_by("id").values_list("id", "message_id", "happened_at", "search_text")
    assert list(rows) == [
        (40, "old-0", dt.datetime(2024, 2, 29, 23, 59, 59, 500_000, tzinfo=dt.UTC), "tea"),
        (41, "old-1", dt.datetime(2026, 11, 1, tzinfo=dt.UTC), "tea"),
        (42, "old-2", NOW, "tea"),
    ]
    assert {"2024_02", "2026_11"} <= set(months())
    # What was known stays known, and numbers go on.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM behaviour_eventkey WHERE key = md5('old-1')::uuid")
        assert cursor.fetchone() == (1,)
    made = TrackedEvent.objects.create(message_id="new", customer=mei, kind="view", happened_at=NOW)
    assert made.pk == 43


def test_months_open_once_and_go_whole_with_their_keys_and_visitors() -> None:
    mei = Customer.objects.create(key="mei")
    old, edge = dt.datetime(2024, 12, 31, 23, 59, tzinfo=dt.UTC), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    assert open_months(first_at=old, last_at=edge) == 2
    assert open_months(first_at=old, last_at=edge) == 0
    open_months(first_at=NOW, last_at=NOW)
    seen = {"first_seen_at": old, "minute_at": old}
    gone = Visitor.objects.create(anonymous_id="gone", last_seen_at=old, **seen)
    gone.links.create(customer=mei, proof="hash", linked_at=old)
    Visitor.objects.create(anonymous_id="here", last_seen_at=NOW, **seen)
    for number, moment in enumerate([old, edge, edge + dt.timedelta(days=3), NOW]):
        TrackedEvent.objects.create(message_id=f"m-{number}", customer=mei, kind="view", happened_at=moment)
        EventKey.objects.create(key=f"00000000-0000-0000-0000-00000000000{number}", happened_on=moment.date())

    assert operations.expire_events(before=edge + dt.timedelta(days=4)) == 3
    assert list(TrackedEvent.objects.values_list("message_id", flat=True)) == ["m-3"]
    assert "2024_12" not in months()
    assert "2025_01" in months()
    # A day or two more, so that what is told again of the last days is still known.
    assert EventKey.objects.count() == 2
    assert list(Visitor.objects.values_list("anonymous_id", flat=True)) == ["here"]
