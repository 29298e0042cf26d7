"""Of each customer the night keeps the product that is due first, to sort lists by."""

import datetime as dt

import polars as pl
import pytest

from reorder.domain.planning.due_dates import replace_due_dates
from reorder.domain.planning.models import DueDate, NextDue
from tests.factories.messaging import make_customer, make_run

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 22)


def due_frame(rows: list[tuple[int, str, int, float]]) -> pl.DataFrame:
    """Rows of customer, SKU, days ahead, active share, as the engine gives them."""
    days = [DAY + dt.timedelta(days=ahead) for _, _, ahead, _ in rows]
    return pl.DataFrame(
        {
            "customer_id": [str(customer) for customer, *_ in rows],
            "sku": [sku for _, sku, *_ in rows],
            **dict.fromkeys(
                ("due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date", "remind_date"), days
            ),
            "active_share": [share for *_, share in rows],
        }
    ).with_columns(
        *(pl.lit(0.5).alias(name) for name in ("within_7_days", "within_14_days", "within_30_days")),
        remind_hit_share=pl.lit(0.3),
        expected_units=pl.lit(1.0),
        orders_count=pl.lit(3),
        evidence=pl.lit("pair"),
        usual_gap_days=pl.lit(20.0),
        last_bought_date=pl.lit(DAY - dt.timedelta(days=10)),
        reason_code=pl.lit("repurchase.pair"),
    )


def test_the_first_likely_product_of_each_customer_is_kept_and_replaced_the_next_night() -> None:
    mei, ann = make_customer(), make_customer(key="ann")
    run = make_run()
    frame = due_frame(
        [
            (mei.pk, "MATCHA", 9, 0.9),
            (mei.pk, "OOLONG", 4, 0.8),
            (mei.pk, "GIVEN-UP", 1, 0.1),
            (ann.pk, "PUERH", 7, 0.2),
            (ann.pk, "GREEN", 7, 0.2),
        ]
    )

    assert replace_due_dates(run_id=run.pk, as_of=DAY, due=frame) == 5

    assert dict(NextDue.objects.values_list("customer_id", "subject")) == {mei.pk: "OOLONG", ann.pk: "GREEN"}

    replace_due_dates(run_id=run.pk, as_of=DAY, due=frame.filter(pl.col("sku") == "MATCHA"))
    assert dict(NextDue.objects.values_list("customer_id", "subject")) == {mei.pk: "MATCHA"}
    assert DueDate.objects.count() == 1


def test_a_night_without_due_dates_leaves_none() -> None:
    run = make_run()
    assert replace_due_dates(run_id=run.pk, as_of=DAY, due=due_frame([(1, "OOLONG", 4, 0.8)]).clear()) == 0
    assert not NextDue.objects.exists()
