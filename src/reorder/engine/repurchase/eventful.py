"""The weekly learning with everything that is known: all layers from order lines, and on top what events are worth."""

import datetime as dt
from dataclasses import replace

import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.behaviour import STRETCHES
from reorder.engine.repurchase.due import Fitted, draw_hazard
from reorder.engine.repurchase.learning import Learned, learn_purchases, learn_purchases_quickly
from reorder.engine.repurchase.lifting import NoEventWeights, learn_weights, look_back
from reorder.engine.repurchase.purchases import Coded, Numbers, day_number
from reorder.engine.repurchase.rates import fit_rates
from reorder.engine.repurchase.statistics import collapse_lines


def learn(
    *,
    order_lines: pl.DataFrame,
    as_of: dt.date,
    events: pl.DataFrame | None = None,
    country: str = "TW",
    seed: int = 0,
) -> Learned:
    """All layers that the history supports, and what events are worth where there are any.

    `order_lines` by `frames.ORDER_LINES`, `events` by `frames.EVENTS`. Raises InvalidFrame, OrdersAfterDate.
    """
    purchases = collapse_lines(order_lines=order_lines, as_of=as_of)
    learned = learn_purchases(purchases=purchases, as_of=as_of, country=country, seed=seed)
    return learn_events(learned=learned, purchases=purchases, events=events)


def learn_quickly(
    *, order_lines: pl.DataFrame, as_of: dt.date, events: pl.DataFrame | None = None, country: str = "TW"
) -> Learned:
    """Layer 1 alone: hazard table, weekdays and holidays; and what events are worth where there are any.

    Frames and errors as in `learn`.
    """
    purchases = collapse_lines(order_lines=order_lines, as_of=as_of)
    learned = learn_purchases_quickly(purchases=purchases, as_of=as_of, country=country)
    return learn_events(learned=learned, purchases=purchases, events=events)


def learn_events(*, learned: Learned, purchases: pl.DataFrame, events: pl.DataFrame | None) -> Learned:
    """`learned` with what events are worth on top; the very same where there are no events. Raises InvalidFrame."""
    if events is None:
        return learned
    known = frames.require(table=events, contract=frames.EVENTS)
    if known.is_empty():
        return learned

    def hazard_of(coded: Coded) -> Numbers:
        fitted = Fitted(coded=coded, rates=fit_rates(coded=coded), learned=learned)
        return draw_hazard(fitted=fitted, days=(0, *(end for _, end in STRETCHES)))

    looks = look_back(purchases=purchases, events=known, cut=day_number(learned.as_of), hazard_of=hazard_of)
    found = learn_weights(looks=looks)
    if isinstance(found, NoEventWeights):
        return replace(learned, summary=f"{learned.summary}; events change nothing ({found.why})")
    return replace(learned, summary=f"{learned.summary}; events count ({found.learned})", event_weights=found)
