"""When each pair will buy again, from counted statistics: touched customers, due pairs, or everybody, lot by lot.

Every lot is read, predicted and saved in one transaction under the lock of the statistics, so that a prediction
always knows the latest count. The effects of the last fit serve until the next one.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl
from django.conf import settings

from reorder.domain.planning import counted, counting, due_dates, marks, queries
from reorder.domain.planning import learned as store
from reorder.domain.planning import operations as planning
from reorder.domain.storage import one_transaction, open_reader, read_frame
from reorder.engine import repurchase
from reorder.engine.repurchase import Effects, Learned, Statistics
from reorder.flows.predictions.knowing import Known, frame_recent_events

HORIZONS_DAYS = (7, 14, 30)
# Pairs of a lot: a few seconds of work, and as much memory as a small machine spares.
_PAIRS_A_LOT = 150_000
_LEAST_CUSTOMERS_A_LOT = 200
# Up to so many pairs the effects are fitted anew every night; reading more of them costs more than a day moves them.
REFIT_PAIRS = 2_000_000
_REFIT_DAYS = 7
# Days ahead within which a predicted day is looked at anew every night. Beyond, a night without news moves little.
NEAR_DAYS = 7
# A prediction is never older: the weekly learning predicts every pair anew, a night makes up for a week missed.
OLDEST_DAYS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """All that turns statistics of some customers into due dates on `as_of`; rows are written as of `run_id`."""

    as_of: dt.date
    run_id: int
    effects: Effects
    learned: Learned | None
    products: pl.DataFrame
    days: pl.DataFrame
    customers_a_lot: int

    def score(self, *, customer_ids: list[int], among: pl.DataFrame | None = None) -> pl.DataFrame:
        """The due table of all pairs of these customers, or of those `among` them (customer_id, sku)."""
        with open_reader() as read:
            statistics = counted.frame_statistics_of(
                customer_ids=customer_ids, as_of=self.as_of, products=self.products, days=self.days, read=read
            )
        return repurchase.score_statistics(
            statistics=statistics,
            effects=self.effects,
            learned=self.learned,
            as_of=self.as_of,
            horizons_days=HORIZONS_DAYS,
            events=frame_recent_events(as_of=self.as_of, customer_ids=customer_ids),
            among=among,
        )


def fit_effects(*, as_of: dt.date, known: Known) -> str:
    """Fit the effects of products and categories to all pairs where it is time to; returns what was done."""
    state = counted.find_state()
    pairs = counted.count_pairs()
    if state is not None and state.effects_date is not None and pairs > REFIT_PAIRS:
        age_days = (as_of - state.effects_date).days
        if 0 <= age_days < _REFIT_DAYS:
            return f"effects of {state.effects_date} stand"
    statistics = counted.frame_statistics(as_of=as_of)
    save_effects(as_of=as_of, statistics=statistics, known=known)
    return f"effects fitted to {pairs} pairs"


def save_effects(*, as_of: dt.date, statistics: Statistics, known: Known) -> None:
    """Fit to all of these statistics and store the effects."""
    model = repurchase.fit_statistics(statistics=statistics, learned=known.learned, as_of=as_of)
    effects = model.effects
    with one_transaction():
        counting.lock_statistics()
        store.save_effects(
            as_of=as_of,
            base_rate_per_day=effects.base_rate_per_day,
            shape=effects.shape,
            products=effects.products,
            categories=effects.categories,
        )


def load_predictor(*, as_of: dt.date, run_id: int | None, known: Known) -> Predictor | None:
    """None before the first fit. Without a run of their own, predictions belong to the latest night."""
    state = counted.find_state()
    if state is None or state.base_rate_per_day is None or state.shape is None:
        return None
    if run_id is None:
        night = queries.find_latest_run(kind="night", state="succeeded")
        run_id = night.id if night else 0
    with open_reader() as read:
        effects, categories = counted.frame_effects(read=read)
        products = counted.frame_products(as_of=as_of, read=read)
        days = counted.frame_days(read=read)
    return Predictor(
        as_of=as_of,
        run_id=run_id,
        effects=Effects(
            base_rate_per_day=state.base_rate_per_day,
            shape=state.shape,
            products=effects,
            categories=categories,
            customers=pl.DataFrame(schema={"customer_id": pl.String, "effect": pl.Float64}),
        ),
        learned=known.learned,
        products=products,
        days=days,
        customers_a_lot=_customers_a_lot(pairs=int(products["pairs_count"].sum())),
    )


def predict_marked(*, predictor: Predictor) -> int:
    """Predict customers who were counted again, lot by lot until none is marked; returns rows written."""
    written = 0
    while True:
        with one_transaction():
            counting.lock_statistics()
            keys = planning.drain_dirty(kind="rescore", limit=predictor.customers_a_lot)
            if not keys:
                return written
            ids = [int(key) for key in keys]
            due = predictor.score(customer_ids=ids)
            written += due_dates.save_due_dates_of(
                run_id=predictor.run_id, as_of=predictor.as_of, customer_ids=ids, due=due
            )
            planning.mark_dirty(kind="segment", subject_keys=keys)


def predict_waiting(*, predictor: Predictor) -> int:
    """Predict pairs anew whose days come near or went by though nothing was bought; returns rows written."""
    waiting = due_dates.Waiting(
        as_of=predictor.as_of,
        near=predictor.as_of + dt.timedelta(days=NEAR_DAYS),
        # Half of what a reminder needs: a pair that comes to need it within a night is seen before.
        share=settings.REORDER.reminder_minimum_share / 2,
        oldest=predictor.as_of - dt.timedelta(days=OLDEST_DAYS),
    )
    ids = due_dates.list_waiting_customers(waiting=waiting)
    written = 0
    for start in range(0, len(ids), predictor.customers_a_lot):
        lot = ids[start : start + predictor.customers_a_lot]
        with one_transaction():
            counting.lock_statistics()
            query, parameters = due_dates.waiting_pairs_query(waiting=waiting, customer_ids=lot)
            pairs = read_frame(query=query, parameters=parameters)
            due = predictor.score(customer_ids=lot, among=pairs)
            written += due_dates.save_due_pairs(run_id=predictor.run_id, as_of=predictor.as_of, due=due)
            due_dates.save_first_due(customer_ids=lot)
    return written


def _customers_a_lot(*, pairs: int) -> int:
    """Customers who have about as many pairs as make a lot."""
    return max(_PAIRS_A_LOT * max(counted.estimate_customers(), 1) // max(pairs, 1), _LEAST_CUSTOMERS_A_LOT)


def predict_everybody(*, predictor: Predictor) -> int:
    """Predict every pair anew, lot by lot; returns rows written. Begun again, it does all of it again."""
    written, after_id = 0, 0
    while ids := counted.list_counted_customers(after_id=after_id, pairs_limit=_PAIRS_A_LOT):
        after_id = ids[-1]
        with one_transaction():
            counting.lock_statistics()
            due = predictor.score(customer_ids=ids)
            written += due_dates.save_due_dates_of(
                run_id=predictor.run_id, as_of=predictor.as_of, customer_ids=ids, due=due
            )
            marks.drop_marks(kind="rescore", subject_keys=[str(one) for one in ids])
    with one_transaction():
        counting.lock_statistics()
        due_dates.drop_uncounted_due_dates()
        store.note_refresh(is_needed=False)
    return written


def predict_past_day(*, run_id: int, as_of: dt.date, order_lines: pl.DataFrame) -> tuple[int, str]:
    """Predict as a night of a day gone by would have: from the lines before it alone, learned from them alone.

    Statistics hold what came later, so they are not asked. Returns rows written and the model used; the next night of
    a present day predicts every pair anew.
    """
    if order_lines.is_empty():
        due, summary = None, "no orders yet"
    else:
        learned = repurchase.learn_quickly(order_lines=order_lines, as_of=as_of, country=settings.REORDER.country)
        statistics = repurchase.count_statistics(order_lines=order_lines, as_of=as_of)
        model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=as_of)
        due, summary = model.due(as_of=as_of, horizons_days=HORIZONS_DAYS), model.summary
    with one_transaction():
        counting.lock_statistics()
        written = 0 if due is None else due_dates.replace_due_dates(run_id=run_id, as_of=as_of, due=due)
        store.note_refresh(is_needed=True)
    return written, summary
