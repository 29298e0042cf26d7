"""Due rows and the frames beside them, for tests of the moment to write."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from reorder.engine import repurchase

MONDAY = dt.date(2026, 11, 23)
_COSTS = {"customer_id": pl.String, "message_cost_minor": pl.Float64}
_HOURS = {"customer_id": pl.String, "hour": pl.Int64, "is_own": pl.Boolean, "time_zone": pl.String}


def due_row(
    *,
    customer: str = "Mei",
    sku: str = "OOLONG-150",
    ahead: tuple[int, int, int, int, int] = (5, 8, 10, 12, 15),
    within: tuple[float, float, float] = (0.1, 0.7, 0.9),
    evidence: str = "pair",
    segment: str = "loyal",
    units: float = 1.0,
    predicted: dt.date = MONDAY,
) -> dict[str, object]:
    """A pair due around the tenth day from `predicted`; `ahead`: days to the quantiles."""
    names = ("due_p10_date", "due_p25_date", "due_date", "due_p75_date", "due_p90_date")
    shares = ("within_7_days", "within_14_days", "within_30_days")
    return {
        "customer_id": customer,
        "sku": sku,
        "active_share": 0.95,
        "expected_units": units,
        "evidence": evidence,
        "segment": segment,
        "as_of_date": predicted,
        **{name: predicted + dt.timedelta(days=days) for name, days in zip(names, ahead, strict=True)},
        **dict(zip(shares, within, strict=True)),
    }


def due_frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows or [due_row()]))


def choose(
    due: pl.DataFrame,
    *,
    margins: Mapping[str, float | None] | None = None,
    lift: float = 0.1,
    cost: float = 0.0,
    hours: list[tuple[str, int, bool, str | None]] | None = None,
    as_of: dt.date = MONDAY,
    delivery_days: int = 2,
    send_hour: int = 10,
    horizon_days: int = 28,
) -> pl.DataFrame:
    prices = {"OOLONG-150": 25_000.0} if margins is None else margins
    customers = due["customer_id"].unique().sort().to_list()
    return repurchase.choose_contact(
        due=due,
        margins=pl.DataFrame(
            {"sku": list(prices), "margin_minor": list(prices.values())},
            schema={"sku": pl.String, "margin_minor": pl.Float64},
        ),
        uplift=pl.DataFrame({"lateness": [""], "evidence": [""], "segment": [""], "lift_share": [lift]}),
        costs=pl.DataFrame([(one, cost) for one in customers], schema=_COSTS, orient="row"),
        best_hours=pl.DataFrame(hours or [], schema=_HOURS, orient="row"),
        as_of=as_of,
        delivery_days=delivery_days,
        send_hour=send_hour,
        horizon_days=horizon_days,
        time_zone="Asia/Taipei",
    )
