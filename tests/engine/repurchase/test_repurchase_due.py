"""The due table: what it says about simple shops, and what holds whatever the shop."""

import datetime as dt
import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine import reasons, repurchase
from reorder.engine.frames import InvalidFrame
from tests.engine.repurchase.shop import TODAY, every, line, order_lines, regular_shop

CONTRACT = [
    "customer_id", "sku", "due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date", "active_share",
    "within_7_days", "within_14_days", "within_30_days", "remind_date", "remind_hit_share", "expected_units",
    "orders_count", "usual_gap_days", "last_bought_date", "evidence", "reason", "reason_code", "reason_parameters",
]  # fmt: skip


def due_of(lines: pl.DataFrame, *, as_of: dt.date = TODAY) -> pl.DataFrame:
    return repurchase.fit(order_lines=lines, as_of=as_of).due(as_of=as_of)


def assert_sane(due: pl.DataFrame, *, as_of: dt.date = TODAY) -> None:
    assert due.columns == CONTRACT
    assert due.null_count().sum_horizontal().item() == 0
    for name, kind in due.schema.items():
        if kind.is_float():
            assert due[name].is_finite().all(), name
    for name in ("active_share", "within_7_days", "within_14_days", "within_30_days", "remind_hit_share"):
        assert due[name].is_between(0.0, 1.0).all(), name
    assert (due["within_7_days"] <= due["within_14_days"]).all()
    assert (due["within_14_days"] <= due["within_30_days"]).all()
    ordered = [due[name] for name in ("due_p10_date", "due_p25_date", "due_date", "due_p75_date", "due_p90_date")]
    assert all((earlier <= later).all() for earlier, later in itertools.pairwise(ordered))
    assert (ordered[0] >= as_of).all()
    assert (due["remind_date"] >= as_of).all()
    assert (due["expected_units"] > 0).all()


def test_the_frequent_buyer_is_expected_before_the_rare_one() -> None:
    often = every(7, times=20, customer="Mei", ago=3)
    seldom = every(45, times=4, customer="Hui", ago=3)

    due = due_of(order_lines(*often, *seldom))

    hui, mei = due.row(0, named=True), due.row(1, named=True)
    assert (hui["customer_id"], mei["customer_id"]) == ("Hui", "Mei")
    assert mei["within_7_days"] > 2 * hui["within_7_days"]
    assert mei["due_date"] < hui["due_date"]
    assert mei["usual_gap_days"] < hui["usual_gap_days"]


def test_lines_of_one_pair_on_one_day_are_one_purchase() -> None:
    day = TODAY - dt.timedelta(days=10)
    twice = order_lines(line("Mei", "Oolong", day, quantity=2.0), line("Mei", "Oolong", day, quantity=3.0))

    due = due_of(twice)

    assert due["orders_count"].to_list() == [1]
    assert due["expected_units"].to_list() == [5.0]
    assert due["last_bought_date"].to_list() == [day]


def test_a_pair_that_stopped_long_ago_is_less_likely_to_be_alive() -> None:
    fresh = every(14, times=8, customer="Mei", ago=5)
    gone = every(14, times=8, customer="Hui", ago=150)

    due = due_of(order_lines(*fresh, *gone))

    alive = dict(due.select("customer_id", "active_share").iter_rows())
    assert alive["Hui"] < 0.1
    assert alive["Mei"] > 0.7


def test_evidence_names_the_nearest_level_that_knows_something() -> None:
    lines = order_lines(
        *every(10, times=12, customer="Mei", sku="Oolong", ago=2),
        line("Mei", "Sencha", TODAY - dt.timedelta(days=4), category="Green"),
        line("Hui", "Oolong", TODAY - dt.timedelta(days=4)),
        line("Jun", "Teapot", TODAY - dt.timedelta(days=4), category="Ware"),
    )

    due = due_of(lines)

    told = {(row["customer_id"], row["sku"]): row["evidence"] for row in due.iter_rows(named=True)}
    assert told == {
        ("Mei", "Oolong"): "pair",
        ("Mei", "Sencha"): "customer",
        ("Hui", "Oolong"): "product",
        ("Jun", "Teapot"): "store",
    }


def test_category_is_the_evidence_when_only_the_category_was_bought_again() -> None:
    teas = [
        purchase
        for number in range(5)
        for purchase in every(20, times=6, customer=f"customer {number}", sku=f"Oolong {number}", ago=1)
    ]
    lines = order_lines(*teas, line("Hui", "Oolong 9", TODAY - dt.timedelta(days=4)))

    due = due_of(lines)

    assert due.filter(pl.col("customer_id") == "Hui")["evidence"].to_list() == ["category"]


def test_the_reason_can_be_rendered_again_from_its_code_and_parameters() -> None:
    due = due_of(order_lines(*every(10, times=3, ago=4), *every(5, times=6, customer="Hui", ago=90)))

    for row in due.iter_rows(named=True):
        parameters = reasons.parameters_of(encoded=row["reason_parameters"])
        assert reasons.render(code=row["reason_code"], parameters=parameters) == row["reason"]
    assert due["reason"][1].startswith("Bought 3 times, last on 2026-05-28; usual gap in days: ")
    assert due["reason"][0].startswith("Bought 6 times, but not for 90 days, since 2026-03-03; usual gap in days: ")


def test_a_later_day_is_answered_as_if_nothing_was_bought_since() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=9, ago=1)), as_of=TODAY)

    today = model.due(as_of=TODAY).row(0, named=True)
    later = model.due(as_of=TODAY + dt.timedelta(days=60)).row(0, named=True)

    assert later["within_7_days"] < today["within_7_days"]
    assert later["due_date"] > TODAY + dt.timedelta(days=60)


def test_an_earlier_day_than_the_models_is_refused() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=3)), as_of=TODAY)

    with pytest.raises(repurchase.DateBeforeModel, match="cannot answer for the earlier day 2026-05-31"):
        model.due(as_of=TODAY - dt.timedelta(days=1))


def test_orders_after_the_day_are_refused_with_their_number() -> None:
    lines = order_lines(*every(10, times=3), line("Mei", "Oolong", TODAY + dt.timedelta(days=1)))

    with pytest.raises(
        repurchase.OrdersAfterDate, match="1 order lines lie after 2026-06-01; the latest is on 2026-06"
    ):
        repurchase.fit(order_lines=lines, as_of=TODAY)


def test_orders_of_the_day_itself_belong_to_the_past() -> None:
    due = due_of(order_lines(*every(10, times=3, ago=0)))

    assert due["last_bought_date"].to_list() == [TODAY]
    assert_sane(due)


def test_a_horizon_below_one_day_is_refused() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=3)), as_of=TODAY)

    with pytest.raises(repurchase.BadHorizon):
        model.due(as_of=TODAY, horizons_days=(7, 0))


def test_a_horizon_of_three_years_is_answered() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=3)), as_of=TODAY)

    due = model.due(as_of=TODAY, horizons_days=(30, 1095))

    assert due["within_30_days"][0] < due["within_1095_days"][0] <= 1.0


def test_a_quantity_of_zero_is_refused() -> None:
    with pytest.raises(InvalidFrame, match=r"order_lines\.quantity"):
        repurchase.fit(order_lines=order_lines(line("Mei", "Oolong", TODAY, quantity=0.0)), as_of=TODAY)


def test_a_shop_without_orders_has_nobody_due() -> None:
    model = repurchase.fit(order_lines=order_lines(), as_of=TODAY)

    due = model.due(as_of=TODAY)

    assert due.height == 0
    assert_sane(due)
    assert "0 days of history" in model.summary


def test_frames_of_an_empty_and_a_full_shop_have_the_same_types() -> None:
    assert due_of(order_lines()).schema == due_of(order_lines(*every(10, times=3))).schema


EXTREMES = {
    "one line": [line("Mei", "Oolong", TODAY)],
    "all on one day": [line(f"customer {n}", f"tea {n % 3}", TODAY - dt.timedelta(days=9)) for n in range(40)],
    "five hundred times": every(1, times=500),
    "a million units": [
        *every(30, times=2),
        line("Hui", "Oolong", TODAY - dt.timedelta(days=3), quantity=1e6),
    ],
    "Unicode ids": every(12, times=4, customer="林 美🍵", sku="高山烏龍茶\u200b 150g"),
    "twenty years ago": [line("Mei", "Oolong", dt.date(2006, 1, 1)), line("Mei", "Oolong", dt.date(2006, 2, 1))],
    "no category": [line("Mei", "Oolong", TODAY, category="") | {"category": None}],
}


@pytest.mark.parametrize("lines", EXTREMES.values(), ids=EXTREMES.keys())
def test_an_extreme_shop_gets_a_sane_answer(lines: list[dict[str, object]]) -> None:
    assert_sane(due_of(order_lines(*lines)))


def test_a_pair_bought_daily_for_500_days_is_expected_tomorrow() -> None:
    row = due_of(order_lines(*every(1, times=500, ago=1))).row(0, named=True)

    assert row["within_7_days"] > 0.99
    assert row["due_date"] <= TODAY + dt.timedelta(days=2)
    assert round(row["usual_gap_days"]) == 1


purchases = st.lists(
    st.tuples(
        st.sampled_from(["Mei", "Hui", "Jun", "林"]),
        st.sampled_from(["Oolong", "Sencha", "Teapot"]),
        st.integers(min_value=0, max_value=900),
        st.floats(min_value=0.01, max_value=1e6),
    ),
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(bought=purchases, later_days=st.integers(min_value=0, max_value=400))
def test_whatever_was_bought_the_answer_is_ordered_and_finite(
    bought: list[tuple[str, str, int, float]], later_days: int
) -> None:
    lines = order_lines(
        *(line(who, what, TODAY - dt.timedelta(days=ago), quantity=units) for who, what, ago, units in bought)
    )
    as_of = TODAY + dt.timedelta(days=later_days)

    due = repurchase.fit(order_lines=lines, as_of=TODAY).due(as_of=as_of)

    assert due.height == len({(who, what) for who, what, _, _ in bought})
    assert_sane(due, as_of=as_of)


def test_a_shop_with_a_rhythm_earns_a_hazard_table_and_stays_calibrated() -> None:
    lines = regular_shop()
    cut = TODAY - dt.timedelta(days=30)
    past = lines.filter(pl.col("ordered_at").dt.date() < cut)
    later = lines.filter(pl.col("ordered_at").dt.date() >= cut)

    model = repurchase.fit(order_lines=past, as_of=cut)
    due = model.due(as_of=cut)

    assert "with a hazard table learned from" in model.summary
    assert_sane(due, as_of=cut)
    bought = later.select("customer_id", "sku").unique().join(due, on=["customer_id", "sku"], how="semi").height
    assert due["within_30_days"].sum() == pytest.approx(bought, rel=0.1)


def test_the_hazard_table_delays_the_reminder_of_a_regular_buyer() -> None:
    lines = regular_shop()

    due = due_of(lines).filter((pl.col("orders_count") >= 8) & (pl.col("usual_gap_days") > 30))

    just_bought = due.filter(pl.col("last_bought_date") >= TODAY - dt.timedelta(days=5))
    assert just_bought.height > 5
    assert (just_bought["remind_date"] > TODAY + dt.timedelta(days=10)).mean() > 0.8


def test_a_sparse_product_follows_what_its_customer_buys_again_of_its_category() -> None:
    def bought(customer: str, category: str) -> list[dict[str, object]]:
        loyal = [
            line(
                customer, f"{category} {number}", TODAY - dt.timedelta(days=20 * number + 15 * back), category=category
            )
            for number in range(1, 7)
            for back in range(4)
        ]
        return [*loyal, line(customer, "Tea 9", TODAY - dt.timedelta(days=12), category="Tea")]

    passing = [
        line(f"passer-by {number}", f"{category} {number % 6 + 1}", TODAY - dt.timedelta(days=100), category=category)
        for number in range(60)
        for category in ("Tea", "Ware")
    ]

    due = due_of(order_lines(*bought("Mei", "Tea"), *bought("Hui", "Ware"), *passing))

    rare = due.filter(pl.col("sku") == "Tea 9")
    chance = dict(rare.select("customer_id", "within_30_days").iter_rows())
    assert chance["Mei"] > 1.1 * chance["Hui"]
