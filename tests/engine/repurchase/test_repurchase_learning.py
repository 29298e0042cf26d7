"""What is learned weekly: two layers, chosen by what they prove on later days, kept as bytes that refuse damage."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from reorder.engine import repurchase
from reorder.engine.repurchase import Statistics
from tests.engine.repurchase.shop import TODAY, busy_shop, every, line, order_lines, regular_shop

CUT = TODAY - dt.timedelta(days=30)


def before(lines: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    return lines.filter(pl.col("ordered_at").dt.date() < day)


def bought_after(lines: pl.DataFrame, *, pairs: pl.DataFrame, day: dt.date) -> np.ndarray:
    later = lines.filter(pl.col("ordered_at").dt.date() >= day).select("customer_id", "sku").unique()
    marked = pairs.join(later.with_columns(bought=pl.lit(value=True)), on=["customer_id", "sku"], how="left")
    return marked.sort("customer_id", "sku")["bought"].fill_null(value=False).to_numpy()


def of_customers(statistics: Statistics, customers: list[str]) -> Statistics:
    chosen = pl.col("customer_id").is_in(customers)
    return Statistics(
        as_of=statistics.as_of,
        pairs=statistics.pairs.filter(chosen),
        customers=statistics.customers.filter(chosen),
        products=statistics.products,
        days=statistics.days,
    )


def shuffled(statistics: Statistics, *, seed: int) -> Statistics:
    return Statistics(
        as_of=statistics.as_of,
        pairs=statistics.pairs.sample(fraction=1.0, shuffle=True, seed=seed),
        customers=statistics.customers.sample(fraction=1.0, shuffle=True, seed=seed),
        products=statistics.products.sample(fraction=1.0, shuffle=True, seed=seed),
        days=statistics.days.sample(fraction=1.0, shuffle=True, seed=seed),
    )


@pytest.fixture(scope="module")
def lines() -> pl.DataFrame:
    return busy_shop()


@pytest.fixture(scope="module")
def learned(lines: pl.DataFrame) -> repurchase.Learned:
    return repurchase.learn(order_lines=before(lines, CUT), as_of=CUT)


@pytest.fixture(scope="module")
def statistics(lines: pl.DataFrame) -> Statistics:
    return repurchase.count_statistics(order_lines=before(lines, CUT), as_of=CUT)


def test_a_busy_shop_gets_a_second_layer_and_its_summary_says_from_what(learned: repurchase.Learned) -> None:
    assert learned.boosted is not None
    assert learned.summary.startswith("with a hazard table learned from ")
    assert "; layer 2 learned from " in learned.summary


def test_the_second_layer_knows_better_than_the_first_what_is_bought_next(
    lines: pl.DataFrame, learned: repurchase.Learned, statistics: Statistics
) -> None:
    first = repurchase.learn_quickly(order_lines=before(lines, CUT), as_of=CUT)
    losses = {}
    for name, known in (("first", first), ("second", learned)):
        due = repurchase.fit_statistics(statistics=statistics, learned=known, as_of=CUT).due(as_of=CUT)
        bought = bought_after(lines, pairs=due.select("customer_id", "sku"), day=CUT)
        share = due["within_30_days"].to_numpy().clip(1e-6, 1 - 1e-6)
        losses[name] = float(-np.where(bought, np.log(share), np.log1p(-share)).mean())
        assert share.sum() == pytest.approx(bought.sum(), rel=0.1)

    assert losses["second"] < losses["first"] - 0.005


def test_the_same_lines_teach_the_same_in_whatever_order_they_come(
    lines: pl.DataFrame, learned: repurchase.Learned
) -> None:
    again = repurchase.learn(order_lines=before(lines, CUT).reverse(), as_of=CUT)

    assert again.to_bytes() == learned.to_bytes()


def test_learned_bytes_say_the_same_when_read_back(learned: repurchase.Learned, statistics: Statistics) -> None:
    back = repurchase.read_learned(learned.to_bytes())

    assert (back.as_of, back.summary) == (learned.as_of, learned.summary)
    one, other = (
        repurchase.fit_statistics(statistics=statistics, learned=known, as_of=CUT).due(as_of=CUT)
        for known in (learned, back)
    )
    assert_frame_equal(one, other)


def test_some_customers_are_scored_as_the_whole_shop_is(learned: repurchase.Learned, statistics: Statistics) -> None:
    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=CUT)
    some = statistics.customers["customer_id"].gather_every(9).to_list()

    scored = repurchase.score_statistics(
        statistics=of_customers(statistics, some), effects=model.effects, learned=learned, as_of=CUT
    )

    whole = model.due(as_of=CUT)
    assert_frame_equal(scored, whole.filter(pl.col("customer_id").is_in(some)), abs_tol=1e-9)


def test_some_pairs_are_scored_as_all_are(learned: repurchase.Learned, statistics: Statistics) -> None:
    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=CUT)
    whole = model.due(as_of=CUT)
    some = whole.select("customer_id", "sku").gather_every(13)
    unknown = pl.DataFrame({"customer_id": ["nobody"], "sku": ["nothing"]})

    among = model.due(as_of=CUT, among=pl.concat([some, unknown]))

    assert_frame_equal(among, whole.join(some, on=["customer_id", "sku"], how="semi"))


def test_the_order_of_counted_rows_makes_no_difference(learned: repurchase.Learned, statistics: Statistics) -> None:
    one = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=CUT)
    other = repurchase.fit_statistics(statistics=shuffled(statistics, seed=4), learned=learned, as_of=CUT)

    assert_frame_equal(one.due(as_of=CUT), other.due(as_of=CUT), abs_tol=1e-9)
    for name in ("products", "categories", "customers"):
        assert_frame_equal(getattr(one.effects, name), getattr(other.effects, name), rel_tol=0, abs_tol=1e-9)
    assert one.effects.shape == pytest.approx(other.effects.shape, abs=1e-9)


def test_a_stale_second_layer_leaves_the_first_to_answer(
    lines: pl.DataFrame, learned: repurchase.Learned, statistics: Statistics
) -> None:
    later = CUT + dt.timedelta(days=15)
    first = repurchase.learn_quickly(order_lines=before(lines, CUT), as_of=CUT)

    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=later)

    assert not learned.is_stale(as_of=CUT + dt.timedelta(days=14))
    assert learned.is_stale(as_of=later)
    assert model.summary.startswith(f"layer 1, because layer 2 was learned on {CUT} and is stale")
    alone = repurchase.fit_statistics(statistics=statistics, learned=first, as_of=later)
    assert_frame_equal(model.due(as_of=later), alone.due(as_of=later))


def test_a_shop_of_few_purchases_is_told_why_there_is_no_second_layer() -> None:
    learned = repurchase.learn(order_lines=order_lines(*every(10, times=9)), as_of=TODAY)

    assert learned.boosted is None
    assert "no layer 2, because " in learned.summary


def test_without_anything_learned_the_rates_answer_alone() -> None:
    statistics = repurchase.count_statistics(order_lines=regular_shop(customers=20), as_of=TODAY)

    model = repurchase.fit_statistics(statistics=statistics, learned=None, as_of=TODAY)

    assert model.summary == "layer 1: hierarchical Poisson-Gamma as it is, because nothing was learned yet"
    assert model.due(as_of=TODAY)["within_30_days"].is_between(0, 1).all()


def test_learned_bytes_of_another_version_are_refused(learned: repurchase.Learned) -> None:
    content = learned.to_bytes().replace(b"reorder.repurchase.learned 1\n", b"reorder.repurchase.learned 2\n", 1)

    with pytest.raises(repurchase.ModelFileRefused, match=r"it says reorder\.repurchase\.learned 2"):
        repurchase.read_learned(content)


@pytest.mark.parametrize("at", [0.2, 0.5, 0.99])
def test_damaged_bytes_are_refused(at: float, learned: repurchase.Learned) -> None:
    content = bytearray(learned.to_bytes())
    content[int(len(content) * at)] ^= 1

    with pytest.raises(repurchase.ModelFileRefused, match="the checksum does not fit"):
        repurchase.read_learned(bytes(content))


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"reorder.repurchase.model 2\n\n"])
def test_foreign_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(repurchase.ModelFileRefused):
        repurchase.read_learned(content)


def test_statistics_that_name_a_customer_without_a_row_are_refused(statistics: Statistics) -> None:
    broken = Statistics(
        as_of=statistics.as_of,
        pairs=statistics.pairs,
        customers=statistics.customers.slice(1),
        products=statistics.products,
        days=statistics.days,
    )

    with pytest.raises(repurchase.BadStatistics, match="a pair names customer_id customer 000, which has no row"):
        repurchase.fit_statistics(statistics=broken, learned=None, as_of=CUT)


def test_a_model_from_counts_cannot_take_in_order_lines(statistics: Statistics) -> None:
    model = repurchase.fit_statistics(statistics=statistics, learned=None, as_of=CUT)

    with pytest.raises(repurchase.NoHistory):
        model.update(order_lines=order_lines(*every(3, times=2)), as_of=TODAY)


def test_an_unknown_product_has_no_effect_of_its_own() -> None:
    lines = order_lines(*every(10, times=4), *every(12, times=4, customer="Hui"))
    effects = repurchase.fit(order_lines=lines, as_of=TODAY).effects
    new = order_lines(line("Jun", "Teapot", TODAY - dt.timedelta(days=9), category="Ware"))

    due = repurchase.score_statistics(
        statistics=repurchase.count_statistics(order_lines=new, as_of=TODAY),
        effects=effects,
        learned=None,
        as_of=TODAY,
    )

    customer_effect = 5.0 / (5.0 + effects.base_rate_per_day * 9)
    expected = effects.base_rate_per_day * customer_effect * 9
    rate = effects.base_rate_per_day * customer_effect * 15.0 / (15.0 + expected)
    gap = (effects.shape / rate + 9) / effects.shape
    assert due["usual_gap_days"].to_list() == [pytest.approx(gap)]


splits = st.lists(
    st.tuples(
        st.sampled_from(["Mei", "Hui", "林 🍵"]),
        st.sampled_from(["Oolong", "Sencha"]),
        st.integers(min_value=0, max_value=200),
        st.integers(min_value=0, max_value=2),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=10, deadline=None)
@given(bought=splits)
def test_however_lines_are_split_and_delayed_updates_equal_a_rebuild(
    bought: list[tuple[str, str, int, int]],
) -> None:
    parts = [
        order_lines(
            *(line(who, what, TODAY - dt.timedelta(days=ago)) for who, what, ago, number in bought if number == part)
        )
        for part in range(3)
    ]
    model = repurchase.fit(order_lines=parts[0], as_of=TODAY)

    for part in parts[1:]:
        model = model.update(order_lines=part, as_of=TODAY)

    rebuilt = repurchase.fit(order_lines=pl.concat(parts), as_of=TODAY)
    for name, frame in rebuilt.state.items():
        assert_frame_equal(model.state[name], frame, rel_tol=0, abs_tol=1e-9)
    assert_frame_equal(model.due(as_of=TODAY), rebuilt.due(as_of=TODAY), abs_tol=1e-9)


def test_an_empty_shop_learns_nothing_and_scores_nobody() -> None:
    learned = repurchase.learn(order_lines=order_lines(), as_of=TODAY)
    statistics = repurchase.count_statistics(order_lines=order_lines(), as_of=TODAY)
    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=TODAY)

    scored = repurchase.score_statistics(
        statistics=statistics, effects=model.effects, learned=learned, as_of=TODAY, horizons_days=(30,)
    )

    assert scored.height == 0
    assert "within_30_days" in scored.columns
    assert repurchase.read_learned(learned.to_bytes()).summary == learned.summary


def test_counts_cannot_be_scored_for_a_day_before_them(statistics: Statistics) -> None:
    effects = repurchase.fit_statistics(statistics=statistics, learned=None, as_of=CUT).effects

    with pytest.raises(repurchase.DateBeforeModel):
        repurchase.score_statistics(
            statistics=statistics, effects=effects, learned=None, as_of=CUT - dt.timedelta(days=1)
        )


def test_a_model_saved_some_days_after_its_counts_answers_as_before(
    statistics: Statistics, learned: repurchase.Learned, tmp_path: Path
) -> None:
    later = CUT + dt.timedelta(days=3)
    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=later)

    model.save(tmp_path / "model")
    loaded = repurchase.load(tmp_path / "model")

    assert (loaded.as_of, loaded.summary) == (later, model.summary)
    assert_frame_equal(loaded.due(as_of=later), model.due(as_of=later))
