"""A returned product is no happy rhythm: what came back counts as no purchase, by parts and by counting everything."""

import datetime as dt

import pytest
from django.db import connection

from reorder.flows.predictions.counting import bring_up_to_date, rebuild_statistics
from tests.factories.placing import NOON, stock_up
from tests.factories.returning import came, delivered, opened, received
from tests.factories.statistics import read_tables

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOON.date()


def pair(sku: str = "OOLONG-150") -> tuple[object, ...] | None:
    """Purchases, first and last day, and units of the one customer's pair."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT purchases_count, first_date, last_date, units FROM planning_pairstatistic WHERE subject = %s", [sku]
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


def bought_on(days_ago: int, units: int, number: str) -> int:
    return delivered(("OOLONG-150", units), external_id=number, ordered_at=NOON - dt.timedelta(days=days_ago))


def agree() -> None:
    """Counting what changed and counting everything anew come to the same."""
    by_parts = read_tables()
    rebuild_statistics(today=TODAY)
    assert read_tables() == by_parts


def test_a_purchase_that_came_back_whole_is_none_and_a_part_counts_less() -> None:
    stock_up(units=50)
    orders = [bought_on(9 - 3 * turn, 2, f"A-{turn}") for turn in range(4)]
    rebuild_statistics(today=TODAY)
    first = TODAY - dt.timedelta(days=9)
    assert pair() == (4, first, TODAY, 8.0)

    received(orders[3], 2)
    bring_up_to_date(today=TODAY)
    assert pair() == (3, first, TODAY - dt.timedelta(days=3), 6.0)
    agree()

    received(orders[0], 1)
    bring_up_to_date(today=TODAY)
    assert pair() == (3, first, TODAY - dt.timedelta(days=3), 5.0)
    agree()


def test_goods_that_are_only_announced_or_still_being_scanned_count_as_bought() -> None:
    stock_up(units=50)
    order_id = bought_on(3, 2, "A-1")
    rebuild_statistics(today=TODAY)
    came(opened(order_id, 2), 1)
    bring_up_to_date(today=TODAY)
    assert pair() == (1, TODAY - dt.timedelta(days=3), TODAY - dt.timedelta(days=3), 2.0)
    agree()


def test_a_customer_who_sent_everything_back_has_bought_nothing() -> None:
    stock_up(units=50)
    received(bought_on(3, 2, "A-1"), 2)
    rebuild_statistics(today=TODAY)
    assert pair() is None
    assert all(not rows for rows in read_tables().values())
