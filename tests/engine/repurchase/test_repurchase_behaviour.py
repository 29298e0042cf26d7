"""Events: what counts as a signal, that meaning ones move and rank better, that noise and silence change nothing."""

import datetime as dt
import functools
import itertools

import numpy as np
import polars as pl
import pytest

from benchmarks.overlay import draw_events, measure, synthetic_orders
from reorder.engine import repurchase
from reorder.engine.frames import InvalidFrame
from reorder.engine.repurchase import Learned, Statistics
from reorder.engine.repurchase.behaviour import SIGNALS, EventWeights, count_signals, lift_curves
from reorder.engine.repurchase.timing import Curves

TODAY = dt.date(2026, 3, 2)


def moment(days_ago: int) -> dt.datetime:
    return dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC) - dt.timedelta(days=days_ago)


def lines(*rows: tuple[str, str, int, str]) -> pl.DataFrame:
    """Order lines of customer, sku, days ago, category."""
    return pl.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "order_id": [f"{row[0]}-{row[2]}" for row in rows],
            "ordered_at": [moment(row[2]) for row in rows],
            "sku": [row[1] for row in rows],
            "quantity": [1.0] * len(rows),
            "category": [row[3] for row in rows],
        }
    )


def happened(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    """Events of customer, kind, sku, days ago."""
    schema = {"customer_id": pl.String, "kind": pl.String, "sku": pl.String, "happened_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(
        [(who, kind, sku, moment(days_ago)) for who, kind, sku, days_ago in rows], schema=schema, orient="row"
    )


def signals_of(statistics: Statistics, events: pl.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Counts behind the signals of each pair that has any."""
    found = count_signals(events=events, statistics=statistics, as_of=TODAY)
    pairs = statistics.pairs.select("customer_id", "sku").rows()
    return {
        pairs[row]: {
            name: round(float(value if name == "product_recency" else np.expm1(value)), 6)
            for name, value in zip(SIGNALS, values, strict=True)
            if value
        }
        for row, values in zip(found.rows, found.values, strict=True)
    }


def test_signals_are_counted_by_product_category_and_customer() -> None:
    statistics = repurchase.count_statistics(
        order_lines=lines(
            ("mei", "oolong", 40, "tea"),
            ("mei", "matcha", 40, "tea"),
            ("mei", "pot", 3, ""),
            ("lin", "oolong", 9, "tea"),
        ),
        as_of=TODAY,
    )
    events = happened(
        ("mei", "view", "oolong", 3),
        ("mei", "view", "oolong", 12),
        ("mei", "cart", "oolong", 0),
        ("mei", "view", "pot", 5),
        ("mei", "search", None, 2),
        ("mei", "promotion", None, 6),
        ("mei", "view", "oolong", 31),
        ("ann", "view", "oolong", 1),
    )
    customer = {"customer_7": 5.0, "customer_30": 1.0, "searches_7": 1.0, "promotions_7": 1.0}
    assert signals_of(statistics, events) == {
        # What happened today counts as yesterday.
        ("mei", "oolong"): customer
        | {
            "product_views_7": 1.0,
            "product_views_30": 1.0,
            "product_carts_7": 1.0,
            "product_recency": round(float(np.exp(-1 / 3)), 6),
        },
        ("mei", "matcha"): customer | {"category_7": 2.0, "category_30": 1.0},
        # Bought three days ago: the look of five days ago led to that purchase.
        ("mei", "pot"): customer,
    }


def test_events_of_a_day_to_come_say_nothing() -> None:
    statistics = repurchase.count_statistics(order_lines=lines(("mei", "oolong", 40, "tea")), as_of=TODAY)
    assert signals_of(statistics, happened(("mei", "view", "oolong", -1))) == {}


def test_a_factor_scales_the_hazard_of_its_days_and_rows_of_ones_stay_bit_for_bit() -> None:
    knots = np.array([0.0, 3.0, 7.0, 14.0, 30.0, 60.0])
    hazard = np.array([[0.0, 0.1, 0.2, 0.3, 0.7, 1.3], [0.0, 0.1, 0.3, 0.31, 0.37, 0.91]])
    lifted = lift_curves(curves=Curves(knots=knots, hazard=hazard), factors=np.array([[2.0, 0.5], [1.0, 1.0]]))
    np.testing.assert_allclose(lifted.hazard[0], [0.0, 0.2, 0.4, 0.45, 0.65, 1.25])
    assert lifted.hazard[1].tolist() == hazard[1].tolist()


def test_a_pair_without_a_signal_has_the_factor_of_the_rest() -> None:
    weights = EventWeights(weights=np.zeros((2, len(SIGNALS))), rest=np.array([0.9, 1.0]), learned="")
    statistics = repurchase.count_statistics(order_lines=lines(("mei", "oolong", 40, "tea")), as_of=TODAY)
    signals = count_signals(events=happened(), statistics=statistics, as_of=TODAY)
    assert weights.factors(signals=signals, pairs_count=1).tolist() == [[0.9, 1.0]]


@functools.cache
def shop() -> tuple[pl.DataFrame, pl.DataFrame, dt.date]:
    """SYNTHETIC orders with labelled events, and a day thirty days before the end."""
    orders = synthetic_orders(customers=500)
    last = orders["ordered_at"].dt.date().max()
    assert isinstance(last, dt.date)
    return orders, draw_events(orders=orders, share=0.5, noise_a_day=0.05), last - dt.timedelta(days=29)


def past(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.filter(pl.col(column).dt.date() < shop()[2])


@functools.cache
def learned(which: str) -> Learned:
    orders, events, cut = shop()
    known = {"none": None, "empty": events.clear(), "noise": events.filter(~pl.col("is_signal")), "all": events}[which]
    told = None if known is None else past(known, "happened_at").drop("is_signal")
    return repurchase.learn_quickly(order_lines=past(orders, "ordered_at"), as_of=cut, events=told)


def due(which: str, *, events: pl.DataFrame | None) -> pl.DataFrame:
    orders, _, cut = shop()
    statistics = repurchase.count_statistics(order_lines=past(orders, "ordered_at"), as_of=cut)
    model = repurchase.fit_statistics(statistics=statistics, learned=learned(which), as_of=cut, events=events)
    return model.due(as_of=cut)


def known_events() -> pl.DataFrame:
    return past(shop()[1], "happened_at").drop("is_signal")


def test_events_that_mean_something_rank_and_date_better() -> None:
    orders, _, cut = shop()
    blind = measure(name="", due=due("none", events=None), orders=orders, cut=cut)
    told = measure(name="", due=due("all", events=known_events()), orders=orders, cut=cut)
    assert "events count" in learned("all").summary
    assert told.auc_7 > blind.auc_7 + 0.01
    assert told.concordance > blind.concordance
    assert told.log_loss < blind.log_loss


def test_a_cart_brings_the_day_nearer_and_the_probability_up() -> None:
    without = due("all", events=known_events().clear())
    with_cart = due("all", events=known_events())
    carted = past(shop()[1], "happened_at").filter(
        (pl.col("kind") == "cart") & (pl.col("happened_at").dt.date() >= shop()[2] - dt.timedelta(days=2))
    )
    pairs = carted.select("customer_id", "sku").unique()
    both = pairs.join(without, on=["customer_id", "sku"]).join(with_cart, on=["customer_id", "sku"], suffix="_cart")
    since = both.filter(pl.col("last_bought_date") < shop()[2] - dt.timedelta(days=3))
    assert since.height >= 5
    assert (since["within_7_days_cart"] > since["within_7_days"]).all()
    assert (since["due_date_cart"] <= since["due_date"]).all()


def test_no_events_and_events_without_meaning_change_nothing_at_all() -> None:
    blind = due("none", events=None)
    assert learned("empty").to_bytes() == learned("none").to_bytes()
    assert learned("noise").event_weights is None
    assert "events change nothing" in learned("noise").summary
    noise = past(shop()[1].filter(~pl.col("is_signal")), "happened_at").drop("is_signal")
    for events in (None, noise.clear(), noise):
        assert due("noise", events=events).equals(blind)


def test_probabilities_stay_in_order_and_days_ahead() -> None:
    table = due("all", events=known_events())
    within = [table[f"within_{days}_days"] for days in (7, 14, 30)]
    assert all((low <= high).all() for low, high in itertools.pairwise(within))
    assert table.select(pl.all_horizontal(pl.col(pl.Float64).is_finite()).all()).item()
    assert (table["due_p10_date"] >= shop()[2]).all()


def test_a_few_customers_are_scored_as_within_the_whole() -> None:
    orders, _, cut = shop()
    statistics = repurchase.count_statistics(order_lines=past(orders, "ordered_at"), as_of=cut)
    model = repurchase.fit_statistics(statistics=statistics, learned=learned("all"), as_of=cut, events=known_events())
    few = statistics.customers["customer_id"].gather_every(17)
    part = Statistics(
        as_of=cut,
        pairs=statistics.pairs.filter(pl.col("customer_id").is_in(few.to_list())),
        customers=statistics.customers.filter(pl.col("customer_id").is_in(few.to_list())),
        products=statistics.products,
        days=statistics.days,
    )
    scored = repurchase.score_statistics(
        statistics=part,
        effects=model.effects,
        learned=learned("all"),
        as_of=cut,
        events=known_events().filter(pl.col("customer_id").is_in(few.to_list())),
    )
    whole = model.due(as_of=cut).filter(pl.col("customer_id").is_in(few.to_list()))
    numbers = ["within_7_days", "within_30_days", "active_share"]
    np.testing.assert_allclose(scored.select(numbers).to_numpy(), whole.select(numbers).to_numpy(), atol=1e-9)
    assert scored["due_date"].equals(whole["due_date"])


def test_what_was_learned_of_events_survives_as_bytes() -> None:
    before = learned("all").event_weights
    after = repurchase.read_learned(learned("all").to_bytes()).event_weights
    assert before is not None
    assert after is not None
    assert after.as_json() == before.as_json()


def test_events_that_break_their_contract_are_refused_by_column() -> None:
    with pytest.raises(InvalidFrame, match=r"events\.kind"):
        due("none", events=known_events().drop("kind"))
