"""The moment at which writing to a customer about a product earns the most; never before `as_of`, never at night."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine import frames
from reorder.engine.frames import InvalidFrame, require
from reorder.engine.reasons import reason_columns
from reorder.engine.repurchase.contact.curve import Numbers, daily_shares
from reorder.engine.repurchase.contact.uplift import LATENESS, NEAR_DAYS, lifts_of_pairs
from reorder.kernel.errors import BadInput

# Quiet hours of the customer's own clock: nothing goes out before the first, nor from the last one on.
FIRST_HOUR: Final = 8
LAST_HOUR: Final = 20
# A purchase counts as met when the parcel arrives within so many days of it, in full only on the very day.
WINDOW_DAYS: Final = 3
Whole = npt.NDArray[np.int64]
_SLICE_PAIRS = 20_000
_WEIGHTS = {
    shift: (WINDOW_DAYS + 1 - abs(shift)) * (2 * WINDOW_DAYS + 1) / (WINDOW_DAYS + 1) ** 2
    for shift in range(-WINDOW_DAYS, WINDOW_DAYS + 1)
}


class BadContact(BadInput):
    """A number that the choice of a moment rests on makes no sense."""

    code = "repurchase.bad_contact"
    template = "{name} must be {wanted}, got {value}"


def choose_contact(
    *,
    due: pl.DataFrame,
    margins: pl.DataFrame,
    uplift: pl.DataFrame,
    costs: pl.DataFrame,
    best_hours: pl.DataFrame,
    as_of: dt.date,
    horizon_days: int = 28,
    delivery_days: int = 2,
    send_hour: int = 10,
    time_zone: str = "UTC",
) -> pl.DataFrame:
    """For each pair the moment at which a message has the highest expected extra margin, and how high that is.

    For every day d of [as_of, as_of + horizon_days) the parcel of an order caused that day arrives on
    a = d + delivery_days. Purchases expected around a are what the message can win: each day within ±3 of a counts by
    its probability, weighted by a triangle whose mean is 1, and days before d not at all. Extra orders = that sum ×
    lift; extra margin = extra orders × margin × expected units − message cost. The earliest of equally good days wins.

    Args:
        due: frames.DUE, as `RepurchaseModel.due` gives it (customer_id, sku, quantile dates, within_…_days,
            active_share), optionally with `segment`, and `as_of_date` where a row was predicted on an earlier day.
        margins: frames.MARGINS: sku, margin_minor? of one unit, in minor units of the shop's currency. A pair without
            one gets the mean of the others.
        uplift: frames.UPLIFT: lateness, evidence, segment (each may be empty: any), lift_share: extra orders as a share
            of the orders that would have come anyway; see `learn_uplift`.
        costs: frames.CONTACT_COSTS: customer_id, message_cost_minor; nothing for customers without a row.
        best_hours: frames.BEST_HOURS: customer_id, hour (own clock), is_own, time_zone? (null: the shop's); customers
            without a row, or with an hour of night, get `send_hour`. See `find_best_hours`.
        as_of: the first day on which a message may go.
        horizon_days: how many days are compared, 1 to 365.
        delivery_days: days from order to doorstep, 0 to 60.
        send_hour: the shop's usual hour, 0 to 23; it may lie within quiet hours, because somebody chose it.
        time_zone: the shop's time zone (IANA).

    Returns:
        One row a row of `due`, in its order: customer_id, sku, contact_at (UTC), contact_date, contact_hour (customer's
        clock), arrival_date, window_until_date (last day that counts), window_share (probability of a purchase from
        contact_date until then), lateness (of the arrival against the due date: early, on_time, late), lift_share,
        expected_extra_orders, gross_extra_margin_minor? (before the message's cost), expected_extra_margin_minor?
        (after it; both null when no margin is known at all), reason, reason_code, reason_parameters.

    Raises InvalidFrame or BadContact.
    """
    _check_numbers(horizon_days=horizon_days, delivery_days=delivery_days, send_hour=send_hour)
    pairs = _with_money(due=require(table=due, contract=frames.DUE), margins=margins, costs=costs)
    pairs = _with_hours(pairs=pairs, best_hours=best_hours, send_hour=send_hour, time_zone=time_zone)
    lifts = lifts_of_pairs(pairs=pairs, uplift=require(table=uplift, contract=frames.UPLIFT))
    starts = range(0, max(pairs.height, 1), _SLICE_PAIRS)
    chosen = pl.concat(
        _choose_days(
            pairs=pairs[start : start + _SLICE_PAIRS],
            lifts=lifts[start : start + _SLICE_PAIRS],
            as_of=as_of,
            horizon_days=horizon_days,
            delivery_days=delivery_days,
        )
        for start in starts
    )
    return _tell(pairs=pl.concat([pairs, chosen], how="horizontal"), as_of=as_of, delivery_days=delivery_days)


def _check_numbers(*, horizon_days: int, delivery_days: int, send_hour: int) -> None:
    for name, value, low, high in (
        ("horizon_days", horizon_days, 1, 365),
        ("delivery_days", delivery_days, 0, 60),
        ("send_hour", send_hour, 0, 23),
    ):
        if not low <= value <= high:
            raise BadContact(name=name, wanted=f"from {low} to {high}", value=value)


def _with_money(*, due: pl.DataFrame, margins: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """Each pair with the margin of one expected purchase (`purchase_margin_minor`) and `message_cost_minor`."""
    known = require(table=margins, contract=frames.MARGINS).select("sku", "margin_minor")
    paid = require(table=costs, contract=frames.CONTACT_COSTS).select("customer_id", "message_cost_minor")
    named = due.join(known, on="sku", how="left", maintain_order="left").join(
        paid, on="customer_id", how="left", maintain_order="left"
    )
    margin = pl.col("margin_minor").fill_null(pl.col("margin_minor").mean())
    return named.with_columns(
        (margin * pl.col("expected_units").fill_null(1.0)).alias("purchase_margin_minor"),
        pl.col("message_cost_minor").fill_null(0.0),
    )


def _with_hours(*, pairs: pl.DataFrame, best_hours: pl.DataFrame, send_hour: int, time_zone: str) -> pl.DataFrame:
    """Each pair with contact_hour within waking hours, `is_own` and `zone`."""
    hours = require(table=best_hours, contract=frames.BEST_HOURS).select("customer_id", "hour", "is_own", "time_zone")
    _check_zones(zones=hours["time_zone"], shop_zone=time_zone)
    is_waking = (
        pl.col("hour").is_between(min(FIRST_HOUR, send_hour), max(LAST_HOUR - 1, send_hour)).fill_null(value=False)
    )
    return pairs.join(hours, on="customer_id", how="left", maintain_order="left").with_columns(
        pl.when(is_waking).then(pl.col("hour")).otherwise(send_hour).alias("contact_hour"),
        (pl.col("is_own").fill_null(value=False) & is_waking).alias("is_own"),
        pl.col("time_zone").fill_null(time_zone).alias("zone"),
    )


def _check_zones(*, zones: pl.Series, shop_zone: str) -> None:
    for zone in [shop_zone, *zones.drop_nulls().unique().sort()]:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            row = (zones == zone).arg_max() if zone in zones else None
            raise InvalidFrame(
                frame="best_hours", column="time_zone", row=row, reason=f"is not an IANA time zone: {zone!r}"
            ) from None


def _choose_days(
    *, pairs: pl.DataFrame, lifts: pl.DataFrame, as_of: dt.date, horizon_days: int, delivery_days: int
) -> pl.DataFrame:
    """Of each pair the best day as `offset_days`, with window_share, lateness, lift_share and extra orders."""
    shares = daily_shares(due=pairs, as_of=as_of, days=horizon_days + delivery_days + WINDOW_DAYS)
    due_days = (pairs["due_date"] - pl.Series([as_of]).cast(pl.Date)).dt.total_days().to_numpy()
    best, extra = np.zeros(pairs.height, dtype=np.int64), np.full(pairs.height, -np.inf)
    lift, lateness = np.zeros(pairs.height), np.zeros(pairs.height, dtype=np.int64)
    table = lifts.select(LATENESS).to_numpy()
    rows = np.arange(pairs.height)
    for day in range(horizon_days):
        late = _lateness(arrival=day + delivery_days, due_days=due_days)
        gained = table[rows, late]
        won = gained * _weighted(shares=shares, day=day, delivery_days=delivery_days)
        better = won > extra
        best[better], extra[better], lift[better], lateness[better] = day, won[better], gained[better], late[better]
    cumulative = np.concatenate([np.zeros((pairs.height, 1)), np.cumsum(shares, axis=1)], axis=1)
    start, end = _window(day=best, delivery_days=delivery_days)
    return pl.DataFrame(
        {
            "offset_days": best,
            "window_share": np.clip(cumulative[rows, end] - cumulative[rows, start], 0.0, 1.0),
            "lateness": pl.Series(LATENESS, dtype=pl.String).gather(lateness),
            "lift_share": lift,
            "expected_extra_orders": extra,
        }
    )


def _window(*, day: Whole, delivery_days: int) -> tuple[Whole, Whole]:
    """First day that counts and the day after the last one, for a message on `day`."""
    return day + max(delivery_days - WINDOW_DAYS, 0), day + delivery_days + WINDOW_DAYS + 1


def _weighted(*, shares: Numbers, day: int, delivery_days: int) -> Numbers:
    """Purchases that a message on `day` can win: near the arrival in full, further away less, before it none."""
    arrival = day + delivery_days
    total = np.zeros(shares.shape[0])
    for shift, weight in _WEIGHTS.items():
        if arrival + shift >= day:
            total += weight * shares[:, arrival + shift]
    return total


def _lateness(*, arrival: int, due_days: Whole) -> Whole:
    """Places in LATENESS."""
    late_days = arrival - due_days
    return np.where(late_days < -NEAR_DAYS, 0, np.where(late_days > NEAR_DAYS, 2, 1)).astype(np.int64)


def _tell(*, pairs: pl.DataFrame, as_of: dt.date, delivery_days: int) -> pl.DataFrame:
    day = pl.lit(as_of) + pl.duration(days=pl.col("offset_days"))
    gross = pl.col("expected_extra_orders") * pl.col("purchase_margin_minor")
    told = pairs.with_columns(
        day.cast(pl.Date).alias("contact_date"),
        (day + pl.duration(days=delivery_days)).cast(pl.Date).alias("arrival_date"),
        (day + pl.duration(days=delivery_days + WINDOW_DAYS)).cast(pl.Date).alias("window_until_date"),
        gross.alias("gross_extra_margin_minor"),
        (gross - pl.col("message_cost_minor")).alias("expected_extra_margin_minor"),
    )
    moments = told.with_columns(_contact_at(zones=told["zone"].unique().sort().to_list()))
    parts = [
        part.with_columns(reason_columns(code=code, parameters=_parameters(delivery_days=delivery_days)))
        for code, is_own in (("contact.own_hour", True), ("contact.shop_hour", False))
        for part in [moments.with_row_index("row").filter(pl.col("is_own") == is_own)]
    ]
    return (
        pl.concat(parts)
        .sort("row")
        .select(
            "customer_id", "sku", "contact_at", "contact_date", "contact_hour", "arrival_date", "window_until_date",
            "window_share", "lateness", "lift_share", "expected_extra_orders", "gross_extra_margin_minor",
            "expected_extra_margin_minor", "reason", "reason_code", "reason_parameters",
        )
    )  # fmt: skip


def _contact_at(*, zones: list[str]) -> pl.Expr:
    """The hour of the day on each customer's own clock, as a moment."""
    local = pl.col("contact_date").cast(pl.Datetime("us")) + pl.duration(hours=pl.col("contact_hour"))
    moment = pl.lit(None, dtype=frames.MOMENT)
    for zone in zones:
        # Clocks that jump over the hour: an hour later exists.
        exact = local.dt.replace_time_zone(zone, non_existent="null", ambiguous="earliest")
        later = (local + pl.duration(hours=1)).dt.replace_time_zone(zone, non_existent="null", ambiguous="earliest")
        there = exact.fill_null(later).dt.convert_time_zone("UTC")
        moment = pl.when(pl.col("zone") == zone).then(there).otherwise(moment)
    return moment.alias("contact_at")


def _parameters(*, delivery_days: int) -> dict[str, pl.Expr]:
    return {
        "contact_date": pl.col("contact_date").dt.to_string("iso"),
        "hour": pl.col("contact_hour"),
        "delivery_days": pl.lit(delivery_days),
        "window_percent": (pl.col("window_share") * 100).round().cast(pl.Int64),
        "until_date": pl.col("window_until_date").dt.to_string("iso"),
    }
