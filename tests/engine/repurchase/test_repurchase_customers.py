"""Customer level: published BG/NBD and Gamma-Gamma figures, scores, segments and what to expect of each customer."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from reorder.engine import repurchase
from tests.engine.repurchase.shop import TODAY, every, line, order_lines

# Fader, Hardie & Lee (2005), table 2 of the BG/NBD paper: the CDNOW fit, in weeks.
PUBLISHED = repurchase.BgNbd(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259, log_likelihood=-9582.4)


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_the_published_expectation_of_a_cdnow_customer_is_met() -> None:
    # x = 2, t_x = 30.43, T = 38.86: 1.226 orders in the next 39 weeks (Fader, Hardie & Lee, spreadsheet of the paper).
    orders = PUBLISHED.expected_orders(frequency=one(2), recency=one(30.43), age=one(38.86), ahead=39.0)

    assert orders[0] == pytest.approx(1.226, abs=0.001)


def test_expected_orders_equal_the_untransformed_formula() -> None:
    from scipy.special import hyp2f1

    model, x, t_x, age, ahead = PUBLISHED, 3.0, 20.0, 30.0, 10.0
    a, b, r, alpha = model.a, model.b, model.r, model.alpha
    shrink = ((alpha + age) / (alpha + age + ahead)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + age + ahead))
    dead = a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    textbook = (a + b + x - 1) / (a - 1) * (1 - shrink * series) / (1 + dead)

    orders = model.expected_orders(frequency=one(x), recency=one(t_x), age=one(age), ahead=ahead)

    assert orders[0] == pytest.approx(textbook, rel=1e-10)


def simulate_customers(*, size: int, age: float, ahead: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat orders, time of the last one and orders in the `ahead` weeks after `age`; r .8, alpha 6, a 1.2, b 3."""
    dice = np.random.default_rng(5)
    rate, stop = dice.gamma(0.8, 1 / 6.0, size), dice.beta(1.2, 3.0, size)
    orders, last, later, clock = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    alive = np.ones(size, dtype=bool)
    while alive.any():
        clock = np.where(alive, clock + dice.exponential(1 / rate), clock)
        alive &= clock <= age + ahead
        seen = alive & (clock <= age)
        orders[seen] += 1
        last[seen] = clock[seen]
        later[alive & ~seen] += 1
        alive &= dice.random(size) > stop
    return orders, last, later


def test_bgnbd_recovers_the_parameters_that_made_the_customers() -> None:
    orders, last, _ = simulate_customers(size=60_000, age=52.0, ahead=1.0)

    found = repurchase.fit_bgnbd(frequency=orders, recency=last, age=np.full(60_000, 52.0))

    assert (found.r, found.alpha) == (pytest.approx(0.8, rel=0.05), pytest.approx(6.0, rel=0.07))
    assert found.a / (found.a + found.b) == pytest.approx(1.2 / 4.2, rel=0.07)


def test_expected_orders_and_active_shares_come_true() -> None:
    age = np.full(60_000, 52.0)
    orders, last, later = simulate_customers(size=60_000, age=52.0, ahead=26.0)
    truth = repurchase.BgNbd(r=0.8, alpha=6.0, a=1.2, b=3.0, log_likelihood=0.0)

    expected = truth.expected_orders(frequency=orders, recency=last, age=age, ahead=26.0)

    for many in (orders == 0, (orders > 0) & (orders < 5), orders >= 5):
        assert expected[many].sum() == pytest.approx(later[many].sum(), rel=0.04)


def textbook_log_likelihood(parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Equation 6 of the BG/NBD paper as printed, one value a customer."""
    from scipy.special import beta, gamma

    r, alpha, a, b = parameters
    alive = beta(a, b + x) / beta(a, b) * gamma(r + x) * alpha**r / (gamma(r) * (alpha + age) ** (r + x))
    left = beta(a + 1, b + np.maximum(x, 1) - 1) / beta(a, b)
    left = left * gamma(r + x) * alpha**r / (gamma(r) * (alpha + t_x) ** (r + x))
    return np.log(alive + np.where(x > 0, left, 0.0))


def test_the_fit_is_the_maximum_of_the_printed_likelihood() -> None:
    x, t_x, _ = simulate_customers(size=2_357, age=39.0, ahead=1.0)
    age = np.full(2_357, 39.0)

    found = repurchase.fit_bgnbd(frequency=x, recency=t_x, age=age)

    best = np.array([found.r, found.alpha, found.a, found.b])
    at_best = textbook_log_likelihood(best, x, t_x, age).sum()
    assert found.log_likelihood == pytest.approx(at_best, abs=1e-6)
    for position in range(4):
        for factor in (0.98, 1.02):
            moved = best.copy()
            moved[position] *= factor
            assert textbook_log_likelihood(moved, x, t_x, age).sum() < at_best


def test_weighted_cells_give_the_same_fit_as_single_customers() -> None:
    x, t_x, age = np.array([0.0, 1.0, 4.0, 0.0]), np.array([0.0, 10.0, 30.0, 0.0]), np.array([38.0, 30.0, 35.0, 12.0])
    times = np.array([30, 12, 5, 14])

    cells = repurchase.fit_bgnbd(frequency=x, recency=t_x, age=age, weights=times.astype(float))
    single = repurchase.fit_bgnbd(
        frequency=np.repeat(x, times), recency=np.repeat(t_x, times), age=np.repeat(age, times)
    )

    assert cells.log_likelihood == pytest.approx(single.log_likelihood, rel=1e-9)
    assert (cells.r, cells.alpha) == (pytest.approx(single.r, rel=1e-4), pytest.approx(single.alpha, rel=1e-4))


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [([], [], []), ([1.0], [5.0], [4.0]), ([-1.0], [0.0], [4.0]), ([1.0, 2.0], [1.0], [4.0])],
    ids=["no cell", "last order after the present", "negative orders", "unequal lengths"],
)
def test_cells_that_contradict_each_other_are_refused(
    frequency: list[float], recency: list[float], age: list[float]
) -> None:
    with pytest.raises(repurchase.BadCells):
        repurchase.fit_bgnbd(frequency=np.array(frequency), recency=np.array(recency), age=np.array(age))


def test_gamma_gamma_recovers_the_parameters_that_made_the_orders() -> None:
    dice, size = np.random.default_rng(5), 40_000
    orders = dice.integers(1, 8, size).astype(float)
    mean_value = dice.gamma(6.25 * orders, 1.0) / dice.gamma(3.74, 1 / 15.44, size) / orders

    found = repurchase.fit_gamma_gamma(orders=orders, mean_value=mean_value)

    assert found.q == pytest.approx(3.74, rel=0.05)
    assert found.p * found.v == pytest.approx(6.25 * 15.44, rel=0.05)


def test_gamma_gamma_shrinks_a_single_large_order_towards_the_shops_mean() -> None:
    cdnow = repurchase.GammaGamma(p=6.25, q=3.74, v=15.44, log_likelihood=0.0)

    value = cdnow.expected_value(orders=np.array([0.0, 1.0, 50.0]), mean_value=np.array([0.0, 100.0, 100.0]))

    assert value[0] == pytest.approx(6.25 * 15.44 / 2.74)
    assert value[0] < value[1] < value[2] < 100.0


def test_scores_rank_the_customers_in_fifths() -> None:
    lines = [
        purchase
        for number in range(1, 6)
        for purchase in every(7, times=number * 2, customer=f"customer {number}", ago=100 - 20 * number)
    ]

    known = repurchase.customers(order_lines=order_lines(*lines), as_of=TODAY)

    assert known.select("customer_id", "recency_days", "frequency", "monetary").row(4) == ("customer 5", 0, 10, 100.0)
    for name in ("r_score", "f_score", "m_score"):
        assert known[name].to_list() == [1, 2, 3, 4, 5]
    assert known["segment"].to_list() == ["lost", "hibernating", "needs_attention", "champions", "champions"]


def test_segments_tell_the_new_the_loyal_and_the_leaving_apart() -> None:
    lines = order_lines(
        *every(10, times=20, customer="Mei", ago=1),
        *every(10, times=18, customer="Anna", ago=310),
        line("Jun", "Oolong", TODAY - dt.timedelta(days=2)),
        line("Hui", "Oolong", TODAY - dt.timedelta(days=300)),
        line("Bo", "Oolong", TODAY - dt.timedelta(days=301)),
    )

    known = repurchase.customers(order_lines=lines, as_of=TODAY)

    assert dict(known.select("customer_id", "segment").iter_rows()) == {
        "Anna": "at_risk",
        "Bo": "hibernating",
        "Hui": "about_to_sleep",
        "Jun": "new",
        "Mei": "champions",
    }


def test_a_faithful_customer_is_worth_more_than_one_who_left() -> None:
    lines = order_lines(*every(10, times=12, customer="Mei", ago=4), *every(10, times=12, customer="Hui", ago=240))

    hui, mei = repurchase.customers(order_lines=lines, as_of=TODAY).iter_rows(named=True)

    assert mei["active_share"] > 0.9
    assert hui["active_share"] < 0.1
    assert mei["expected_orders"] > 10 * hui["expected_orders"]
    assert mei["expected_value"] == pytest.approx(10.0 * mei["expected_orders"], rel=0.01)
    assert hui["churn_share"] == 1.0 - hui["active_share"]


def test_a_longer_horizon_holds_more_orders() -> None:
    lines = order_lines(*every(10, times=12, ago=4))

    month = repurchase.customers(order_lines=lines, as_of=TODAY, horizon_days=30)
    year = repurchase.customers(order_lines=lines, as_of=TODAY)

    assert 0 < month["expected_orders"][0] < year["expected_orders"][0]


def test_orders_without_a_price_count_but_are_worth_nothing_known() -> None:
    lines = order_lines(*(purchase | {"unit_price": None} for purchase in every(10, times=5)))

    known = repurchase.customers(order_lines=lines, as_of=TODAY)

    assert known.select("frequency", "monetary", "expected_value").row(0) == (5, 0.0, 0.0)


def test_a_shop_without_orders_has_no_customers() -> None:
    known = repurchase.customers(order_lines=order_lines(), as_of=TODAY)

    assert known.height == 0


def test_customer_orders_after_the_day_are_refused() -> None:
    lines = order_lines(line("Mei", "Oolong", TODAY + dt.timedelta(days=3)))

    with pytest.raises(repurchase.OrdersAfterDate):
        repurchase.customers(order_lines=lines, as_of=TODAY)


def test_a_quarter_holds_fewer_orders_than_a_year_and_more_than_none() -> None:
    known = repurchase.customers(order_lines=order_lines(*every(10, times=12, ago=4)), as_of=TODAY)

    assert 0 < known["expected_orders_90"][0] < known["expected_orders"][0]
    assert known["expected_value_90"][0] == pytest.approx(10.0 * known["expected_orders_90"][0], rel=0.01)


def test_somebody_who_ordered_once_long_ago_has_probably_left() -> None:
    lines = order_lines(
        *(one for name in "ABCDEFGH" for one in every(10, times=12, customer=name, ago=4)),
        line("Hui", "Oolong", TODAY - dt.timedelta(days=700)),
    )

    known = repurchase.customers(order_lines=lines, as_of=TODAY)

    hui = known.row(by_predicate=pl.col("customer_id") == "Hui", named=True)
    assert hui["churn_share"] > 0.1
    assert hui["churn_share"] == 1.0 - hui["active_share"]


def test_counts_of_the_statistics_give_the_same_values_as_the_order_lines() -> None:
    lines = order_lines(
        *every(10, times=12, customer="Mei", ago=4),
        *every(30, times=3, customer="林", ago=200),
        line("Hui", "Oolong", TODAY),
    )

    counted = repurchase.count_statistics(order_lines=lines, as_of=TODAY).customers

    assert_frame_equal(
        repurchase.value_customers(customers=counted, as_of=TODAY),
        repurchase.customers(order_lines=lines, as_of=TODAY),
    )


def test_money_of_a_million_millions_is_counted_and_expected() -> None:
    lines = [purchase | {"unit_price": 1e12} for purchase in every(10, times=12, ago=4)]

    known = repurchase.customers(order_lines=order_lines(*lines), as_of=TODAY)

    assert known["monetary"][0] == 1.2e13
    assert known["expected_value"][0] == pytest.approx(1e12 * known["expected_orders"][0], rel=0.01)


def test_prices_of_zero_are_worth_nothing() -> None:
    lines = [purchase | {"unit_price": 0.0} for name in "ABC" for purchase in every(9, times=12, customer=name, ago=4)]

    known = repurchase.customers(order_lines=order_lines(*lines), as_of=TODAY)

    assert known["expected_value"].to_list() == [0.0, 0.0, 0.0]
    assert known["m_score"].n_unique() == 1


def test_customers_who_all_ordered_on_one_day_are_equal() -> None:
    lines = [line(f"customer {number}", "Oolong", TODAY) for number in range(30)]

    known = repurchase.customers(order_lines=order_lines(*lines), as_of=TODAY)

    assert known["segment"].unique().to_list() == ["needs_attention"]
    assert known.select("r_score", "f_score", "m_score").unique().rows() == [(3, 3, 3)]


def test_a_last_order_before_the_first_is_refused_by_name() -> None:
    counted = repurchase.count_statistics(order_lines=order_lines(line("Mei", "Oolong", TODAY)), as_of=TODAY)
    turned = counted.customers.with_columns(first_date=pl.col("last_date") + pl.duration(days=1))

    with pytest.raises(repurchase.BadCustomers, match=r"row 0 \(Mei\): the last order precedes the first"):
        repurchase.value_customers(customers=turned, as_of=TODAY)


@settings(max_examples=30, deadline=None)
@given(
    bought=st.lists(
        st.tuples(
            st.sampled_from(["Mei", "Hui", "Jun", "林"]),
            st.integers(min_value=0, max_value=900),
            st.floats(min_value=0.01, max_value=1e6),
            st.one_of(st.none(), st.floats(min_value=0, max_value=1e6)),
        ),
        max_size=60,
    )
)
def test_whatever_was_bought_every_customer_figure_is_finite(
    bought: list[tuple[str, int, float, float | None]],
) -> None:
    lines = [
        line(who, "Oolong", TODAY - dt.timedelta(days=ago), quantity=units, price=price)
        for who, ago, units, price in bought
    ]

    known = repurchase.customers(order_lines=order_lines(*lines), as_of=TODAY)

    assert known.height == len({who for who, *_ in bought})
    assert known.null_count().sum_horizontal().item() == 0
    for name in (
        "monetary",
        "active_share",
        "expected_orders",
        "expected_value",
        "churn_share",
        "expected_orders_90",
        "expected_value_90",
    ):
        assert known[name].is_finite().all()
        assert (known[name] >= 0).all()
    for name in ("active_share", "churn_share"):
        assert (known[name] <= 1).all()
    assert set(known["segment"]) <= set(repurchase.SEGMENTS)
