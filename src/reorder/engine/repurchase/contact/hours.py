"""At which hour of their own clock a customer is best written to: the hour at which they order, if that is known."""

from typing import Final

import numpy as np
import polars as pl

from reorder.engine.frames import Column, Frame, InvalidFrame, require
from reorder.engine.repurchase.contact.choosing import FIRST_HOUR, LAST_HOUR

# The shop's chosen hour weighs as much as so many orders at it, so that two late orders move nobody.
SEND_HOUR_ORDERS: Final = 2.0
# Of many orders at all hours some hour has the most by chance: the more there are, the clearer it must stand out.
CHANCE_ORDERS: Final = 0.25
# All customers' hours together weigh as much as so many orders of one customer: less than what the shop has chosen,
# because the hours beside share it.
SHOP_ORDERS: Final = 3.0
# So many (smoothed) orders around an hour make it a customer's own.
OWN_ORDERS: Final = 1.0
_HOURS = 24
# An order at one hour says something of the hours beside it.
_KERNEL = {-1: 0.25, 0: 0.5, 1: 0.25}
ORDER_HOURS = Frame(
    "order_hours",
    {
        "customer_id": Column(pl.String()),
        "hour": Column(pl.Int64(), minimum=0.0),
        "orders_count": Column(pl.Float64(), above=0.0),
        "time_zone": Column(pl.String(), nullable=True, optional=True),
    },
    key=("customer_id", "hour"),
)


def find_best_hours(*, order_hours: pl.DataFrame, send_hour: int) -> pl.DataFrame:
    """The hour for each customer, as `choose_contact` takes it (frames.BEST_HOURS).

    Own orders by hour, smoothed over the hours beside, plus SHOP_ORDERS spread as all customers order, plus
    SEND_HOUR_ORDERS (and CHANCE_ORDERS × the root of the own orders) at `send_hour`: the waking hour with the most
    wins, the one nearest to `send_hour` on ties.

    Args:
        order_hours: customer_id, hour (0–23, on the customer's own clock), orders_count, time_zone? (constant a
            customer); orders whose hour is not known are left out.
        send_hour: the shop's chosen hour, 0–23.

    Returns customer_id, hour, is_own (whether it is the waking hour around which this customer orders most, and not the
    shop's for want of orders), time_zone?; by customer_id. Raises InvalidFrame.
    """
    counts = require(table=order_hours, contract=ORDER_HOURS)
    beyond = counts["hour"] >= _HOURS
    if beyond.any():
        raise InvalidFrame(frame="order_hours", column="hour", row=beyond.arg_max(), reason="is above 23")
    people = counts.group_by("customer_id").agg(pl.col("time_zone").first()).sort("customer_id")
    own = np.zeros((people.height, _HOURS))
    if people.height:
        row = people["customer_id"].search_sorted(counts["customer_id"]).to_numpy()
        np.add.at(own, (row, counts["hour"].to_numpy()), counts["orders_count"].to_numpy())
    smooth = np.zeros_like(own)
    for shift, weight in _KERNEL.items():
        smooth += weight * np.roll(own, shift, axis=1)
    usual = smooth.sum(axis=0) / max(smooth.sum(), 1.0)
    score = smooth + SHOP_ORDERS * usual
    score[:, send_hour] += SEND_HOUR_ORDERS + CHANCE_ORDERS * np.sqrt(own.sum(axis=1))
    waking = np.arange(min(FIRST_HOUR, send_hour), max(LAST_HOUR - 1, send_hour) + 1)
    nearest = waking[np.argsort(np.abs(waking - send_hour), kind="stable")]
    best = nearest[np.argmax(score[:, nearest], axis=1)]
    around = smooth[np.arange(people.height), best]
    return people.select(
        "customer_id",
        pl.Series("hour", best, dtype=pl.Int64),
        pl.Series("is_own", (around >= OWN_ORDERS) & (around >= smooth[:, waking].max(axis=1)), dtype=pl.Boolean),
        "time_zone",
    )
