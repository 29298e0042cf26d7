"""Upkeep beside people who decide at the same moment."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from reorder.domain.planning import operations as planning
from reorder.domain.planning.queries import count_dirty
from reorder.domain.purchasing.locks import lock_deciding
from reorder.flows import upkeep
from tests.factories.waiting import wait_until

MONDAY = dt.date(2026, 11, 23)


def somebody_waits_for_the_right_to_decide() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] > 0


def drain() -> int:
    try:
        return upkeep.drain_dirty(as_of=MONDAY)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_stock_that_an_approval_marks_while_it_is_drained_does_not_deadlock() -> None:
    planning.mark_dirty(kind="position", subject_keys=["OOLONG-150|KEELUNG"])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_deciding()
            drained = pool.submit(drain)
            wait_until(somebody_waits_for_the_right_to_decide, what="the drain")
            planning.mark_dirty(kind="position", subject_keys=["OOLONG-150|KEELUNG"])

        assert drained.result(timeout=60) == 1
    assert count_dirty(kind="position") == 0
