"""The customer base: Pareto/NBD against its printed likelihood, cells that keep the fit, and which model is chosen."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine import repurchase
from reorder.engine.repurchase.value.cells import read_cells
from reorder.engine.repurchase.value.pareto import _branches
from reorder.engine.repurchase.value.spend import fit_gamma_gamma
from tests.engine.repurchase.shop import TODAY

# Fader, Hardie & Lee (2005), table 2 of the BG/NBD paper: the Pareto/NBD fit of CDNOW, in weeks.
PUBLISHED = repurchase.ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, log_likelihood=-9595.0)


def one(value: float) -> np.ndarray:
    return np.array([value])


def hypergeometric_likelihood(model: repurchase.ParetoNbd, *, x: float, t_x: float, age: float) -> float:
    """Equations 18 to 20 of Fader & Hardie's note on the Pareto/NBD (2005), for alpha >= beta or the other way round."""
    from scipy.special import gamma, hyp2f1

    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    power = r + s + x
    greater, second = (alpha, s + 1) if alpha >= beta else (beta, r + x)
    gap = abs(alpha - beta)
    inner = hyp2f1(power, second, power + 1, gap / (greater + t_x)) / (greater + t_x) ** power
    inner -= hyp2f1(power, second, power + 1, gap / (greater + age)) / (greater + age) ** power
    alive = 1 / ((alpha + age) ** (r + x) * (beta + age) ** s)
    return float(gamma(r + x) * alpha**r * beta**s / gamma(r) * (alive + s / power * inner))


@pytest.mark.parametrize("x", [0.0, 1.0, 2.0, 7.0])
@pytest.mark.parametrize(
    "model",
    [PUBLISHED, repurchase.ParetoNbd(r=1.4, alpha=20.0, s=0.8, beta=3.0, log_likelihood=0.0)],
    ids=["alpha below beta", "alpha above beta"],
)
def test_the_likelihood_is_the_printed_one(model: repurchase.ParetoNbd, x: float) -> None:
    from scipy.special import gammaln

    t_x = 25.0 if x else 0.0
    logs = np.log([model.r, model.alpha, model.s, model.beta])
    cells = read_cells(frequency=one(x), recency=one(t_x), age=one(38.0), weights=None)

    alive, dead, _ = _branches(logs, cells=cells)

    common = gammaln(model.r + x) - gammaln(model.r) + model.r * logs[1] + model.s * logs[3]
    told = common + np.logaddexp(alive, dead)[0]
    assert told == pytest.approx(np.log(hypergeometric_likelihood(model, x=x, t_x=t_x, age=38.0)), abs=1e-9)


def test_the_share_alive_is_the_alive_part_of_the_printed_likelihood() -> None:
    x, t_x, age = 2.0, 30.43, 38.86
    r, alpha, s, beta = PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.s, PUBLISHED.beta
    from scipy.special import gamma

    alive = gamma(r + x) * alpha**r * beta**s / gamma(r) / ((alpha + age) ** (r + x) * (beta + age) ** s)

    share = PUBLISHED.alive_share(frequency=one(x), recency=one(t_x), age=one(age))

    assert share[0] == pytest.approx(alive / hypergeometric_likelihood(PUBLISHED, x=x, t_x=t_x, age=age), abs=1e-9)


def simulate_pareto(*, size: int, age: float, ahead: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat orders, time of the last one and orders in the `ahead` after `age`; r .8, alpha 6, s .7, beta 14."""
    dice = np.random.default_rng(7)
    rate, life = dice.gamma(0.8, 1 / 6.0, size), dice.exponential(1 / dice.gamma(0.7, 1 / 14.0, size))
    seen = np.minimum(life, age)
    orders = dice.poisson(rate * seen).astype(float)
    last = np.where(orders > 0, seen * dice.beta(np.maximum(orders, 1), 1), 0.0)
    later = dice.poisson(rate * np.clip(life - age, 0.0, ahead)).astype(float)
    return orders, last, later


def test_pareto_recovers_the_parameters_that_made_the_customers() -> None:
    x, t_x, _ = simulate_pareto(size=60_000, age=52.0, ahead=1.0)

    found = repurchase.fit_pareto_nbd(frequency=x, recency=t_x, age=np.full(60_000, 52.0))

    assert (found.r, found.alpha) == (pytest.approx(0.8, rel=0.05), pytest.approx(6.0, rel=0.07))
    assert (found.s, found.beta) == (pytest.approx(0.7, rel=0.1), pytest.approx(14.0, rel=0.15))


def test_what_pareto_expects_comes_true() -> None:
    x, t_x, later = simulate_pareto(size=60_000, age=52.0, ahead=26.0)
    truth = repurchase.ParetoNbd(r=0.8, alpha=6.0, s=0.7, beta=14.0, log_likelihood=0.0)

    expected = truth.expected_orders(frequency=x, recency=t_x, age=np.full(60_000, 52.0), ahead=26.0)

    for many in (x == 0, (x > 0) & (x < 5), x >= 5):
        assert expected[many].sum() == pytest.approx(later[many].sum(), rel=0.04)


def test_customers_joined_into_cells_keep_their_means_and_the_fit() -> None:
    x, t_x, _ = simulate_pareto(size=40_000, age=52.0, ahead=1.0)
    age = np.full(40_000, 52.0)
    joined = read_cells(frequency=x, recency=t_x, age=age, weights=None, most=20_000)

    coarse = repurchase.fit_bgnbd(frequency=joined.x, recency=joined.t_x, age=joined.age, weights=joined.weight)
    exact = repurchase.fit_bgnbd(frequency=x, recency=t_x, age=age)

    assert joined.weight.sum() == 40_000
    assert joined.x.size < 2_000
    assert (joined.x * joined.weight).sum() == pytest.approx(x.sum())
    assert (joined.t_x * joined.weight).sum() == pytest.approx(t_x.sum())
    assert (joined.t_x <= joined.age).all()
    for name in ("r", "alpha", "a", "b"):
        assert getattr(coarse, name) == pytest.approx(getattr(exact, name), rel=0.01)


def test_orders_of_many_customers_are_joined_and_keep_the_fit_of_their_value() -> None:
    dice = np.random.default_rng(5)
    orders = dice.integers(1, 40, 30_000).astype(float)
    mean_value = dice.gamma(6.25 * orders, 1.0) / dice.gamma(3.74, 1 / 15.44, 30_000) / orders

    joined = fit_gamma_gamma(orders=orders, mean_value=mean_value)
    single = fit_gamma_gamma(orders=orders[:20_000], mean_value=mean_value[:20_000])

    assert joined.q == pytest.approx(3.74, rel=0.03)
    assert joined.p * joined.v == pytest.approx(single.p * single.v, rel=0.03)


def counted(*, x: np.ndarray, t_x: np.ndarray, age: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"customer_id": [str(n) for n in range(x.size)], "visits_count": x.astype(int) + 1, "t_x": t_x.astype(int)}
    ).select(
        "customer_id",
        "visits_count",
        first_date=pl.lit(TODAY) - pl.duration(days=int(age)),
        last_date=pl.lit(TODAY) - pl.duration(days=int(age)) + pl.duration(days="t_x"),
        monetary=pl.col("visits_count") * 10.0,
        valued_orders="visits_count",
        later_orders=pl.col("visits_count") - 1,
        later_value=(pl.col("visits_count") - 1) * 10.0,
    )


def test_the_model_under_which_the_customers_are_likelier_is_chosen_and_named() -> None:
    x, t_x, _ = simulate_pareto(size=20_000, age=364.0, ahead=1.0)

    base = repurchase.fit_customer_base(customers=counted(x=x, t_x=t_x, age=364.0), as_of=TODAY)

    assert isinstance(base.orders, repurchase.ParetoNbd)
    assert base.summary.startswith("Pareto/NBD (log likelihood ")


def test_a_shop_without_repeat_orders_is_judged_by_a_typical_one() -> None:
    base = repurchase.fit_customer_base(customers=counted(x=np.zeros(5), t_x=np.zeros(5), age=30.0), as_of=TODAY)

    assert base.summary == "typical shop (0 repeat orders of its own)"
    assert base.orders.alpha == 10.578 * 7


def test_orders_are_expected_even_where_the_series_has_no_answer() -> None:
    close = {"alpha": 1.0, "a": np.e, "b": 1.0, "log_likelihood": 0.0}
    customer = {"frequency": one(127.0), "recency": one(0.0), "age": one(0.0)}

    odd = repurchase.ModifiedBgNbd(r=np.e, **close).expected_orders(**customer, ahead=365.0)
    near = repurchase.ModifiedBgNbd(r=np.e + 1e-4, **close).expected_orders(**customer, ahead=365.0)

    assert odd[0] == pytest.approx(near[0], rel=1e-3)


def test_the_modified_model_lets_one_time_buyers_leave() -> None:
    numbers = {"r": 0.7, "alpha": 69.0, "a": 0.5, "b": 0.86, "log_likelihood": 0.0}
    once = {"frequency": one(0.0), "recency": one(0.0), "age": one(200.0)}

    assert repurchase.BgNbd(**numbers).alive_share(**once)[0] == 1.0
    # B(a, b+1)/B(a, b) · (alpha+T)^-r against B(a+1, b)/B(a, b) · alpha^-r: odds a/b · ((alpha+T)/alpha)^r.
    odds = 0.5 / 0.86 * (269.0 / 69.0) ** 0.7
    assert repurchase.ModifiedBgNbd(**numbers).alive_share(**once)[0] == pytest.approx(1 / (1 + odds))


@settings(max_examples=60, deadline=None)
@given(x=st.integers(0, 2000), age=st.floats(0, 20_000), share=st.floats(0, 1), logs=st.tuples(*[st.floats(-6, 4)] * 4))
def test_whatever_the_parameters_shares_alive_lie_between_none_and_all(
    x: int, age: float, share: float, logs: tuple[float, ...]
) -> None:
    r, alpha, s, beta = np.exp(logs)
    customer = {"frequency": one(float(x)), "recency": one(age * share if x else 0.0), "age": one(age)}
    models = (
        repurchase.ParetoNbd(r=r, alpha=alpha, s=s, beta=beta, log_likelihood=0.0),
        repurchase.ModifiedBgNbd(r=r, alpha=alpha, a=s, b=beta, log_likelihood=0.0),
    )

    for model in models:
        alive = model.alive_share(**customer)[0]
        assert 0.0 <= alive <= 1.0
        quarter, year = (model.expected_orders(**customer, ahead=float(days))[0] for days in (90, 365))
        assert np.isfinite(year)
        assert -1e-9 <= quarter <= year + 1e-6 * max(year, 1.0)
