"""The next basket: own products by frequency and recency, then what is popular."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine import reasons, recommend
from reorder.engine.frames import MOMENT

TODAY = dt.date(2026, 6, 1)


def lines_of(*bought: tuple[str, str, int]) -> pl.DataFrame:
    """Order lines from (customer, sku, days ago)."""
    noon = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    return pl.DataFrame(
        {
            "customer_id": [who for who, _, _ in bought],
            "order_id": [f"{who}-{ago}" for who, _, ago in bought],
            "ordered_at": [noon - dt.timedelta(days=ago) for _, _, ago in bought],
            "sku": [what for _, what, _ in bought],
            "quantity": [1.0] * len(bought),
        },
        schema={
            "customer_id": pl.String(),
            "order_id": pl.String(),
            "ordered_at": MOMENT,
            "sku": pl.String(),
            "quantity": pl.Float64(),
        },
    )


def ranked_for(customer: str, ranked: pl.DataFrame) -> list[str]:
    return ranked.filter(pl.col("customer_id") == customer).sort("rank")["sku"].to_list()


SHOP = (
    ("Mei", "Oolong", 1),
    ("Mei", "Oolong", 8),
    ("Mei", "Sencha", 20),
    ("Mei", "Teapot", 8),
    ("Hui", "Matcha", 3),
    ("Hui", "Pu-erh", 3),
    ("Jun", "Matcha", 5),
)


def test_frequency_ranks_first_then_recency_then_popularity() -> None:
    ranked = recommend.next_basket(order_lines=lines_of(*SHOP))

    assert ranked_for("Mei", ranked) == ["Oolong", "Teapot", "Sencha", "Matcha", "Pu-erh"]
    assert ranked_for("Hui", ranked)[:2] == ["Matcha", "Pu-erh"]


def test_popular_products_fill_the_places_that_are_left() -> None:
    ranked = recommend.next_basket(order_lines=lines_of(*SHOP), size=3)

    assert ranked_for("Jun", ranked) == ["Matcha", "Oolong", "Pu-erh"]
    assert ranked.group_by("customer_id").len()["len"].to_list() == [3, 3, 3]


def test_what_was_bought_lately_goes_before_what_was_bought_as_often_long_ago() -> None:
    ranked = recommend.next_basket(
        order_lines=lines_of(
            *(("Mei", "Sencha", 90 + day) for day in range(5)), *(("Mei", "Oolong", day) for day in range(5))
        )
    )

    assert ranked_for("Mei", ranked) == ["Oolong", "Sencha"]


def test_popularity_is_what_sells_lately() -> None:
    once = tuple((f"customer {number}", "Gift box", 160) for number in range(6))
    lately = tuple((f"customer {number}", "Matcha", 2) for number in range(6, 9))

    ranked = recommend.next_basket(order_lines=lines_of(*once, *lately, ("Mei", "Oolong", 1)), size=2)

    assert ranked_for("Mei", ranked) == ["Oolong", "Matcha"]


def test_several_lines_of_one_day_are_one_basket() -> None:
    ranked = recommend.next_basket(
        order_lines=lines_of(("Mei", "Oolong", 1), ("Mei", "Oolong", 1), ("Mei", "Sencha", 2), ("Mei", "Sencha", 3))
    )

    assert ranked_for("Mei", ranked) == ["Sencha", "Oolong"]
    assert ranked["score"].to_list() == pytest.approx(
        [(0.95 + 0.95**2) / (1 + 0.95 + 0.95**2), 1 / (1 + 0.95 + 0.95**2)]
    )


def test_every_place_carries_a_reason_that_can_be_rendered_again() -> None:
    ranked = recommend.next_basket(order_lines=lines_of(*SHOP))

    mei = ranked.filter(pl.col("customer_id") == "Mei")
    assert mei["reason"][0] == "Bought in 2 of 3 baskets, last on 2026-05-31."
    assert mei["reason"][3] == "Popular in this shop; number of customers who buy it: 2."
    for row in ranked.iter_rows(named=True):
        parameters = reasons.parameters_of(encoded=row["reason_parameters"])
        assert reasons.render(code=row["reason_code"], parameters=parameters) == row["reason"]


def test_what_is_due_goes_before_what_is_frequent() -> None:
    due = pl.DataFrame(
        {
            "customer_id": ["Mei", "Mei", "Mei"],
            "sku": ["Oolong", "Sencha", "Teapot"],
            "within_7_days": [0.2, 0.6, 0.1],
            "within_14_days": [0.9, 0.7, 0.1],
        }
    )

    ranked = recommend.next_basket(order_lines=lines_of(*SHOP), as_of=TODAY, due=due)

    assert ranked_for("Mei", ranked)[:3] == ["Sencha", "Oolong", "Teapot"]


def test_a_due_table_without_probabilities_is_refused() -> None:
    due = pl.DataFrame({"customer_id": ["Mei"], "due_date": [TODAY]})

    with pytest.raises(recommend.BadDue, match=r"lacks sku, within_…_days"):
        recommend.next_basket(order_lines=lines_of(*SHOP), due=due)


def test_orders_after_the_day_are_refused() -> None:
    with pytest.raises(recommend.OrdersAfterDate, match="1 order lines lie after 2026-05-30"):
        recommend.next_basket(order_lines=lines_of(*SHOP), as_of=dt.date(2026, 5, 30))


def test_a_list_without_places_is_refused() -> None:
    with pytest.raises(recommend.BadSize):
        recommend.next_basket(order_lines=lines_of(*SHOP), size=0)


def test_a_shop_without_orders_recommends_nothing() -> None:
    ranked = recommend.next_basket(order_lines=lines_of())

    assert ranked.height == 0
    assert ranked.schema == recommend.next_basket(order_lines=lines_of(*SHOP)).schema


@settings(max_examples=40, deadline=None)
@given(
    bought=st.lists(
        st.tuples(
            st.sampled_from(["Mei", "Hui", "Jun", "林"]),
            st.sampled_from([f"tea {number}" for number in range(12)]),
            st.integers(min_value=0, max_value=90),
        ),
        max_size=60,
    ),
    size=st.integers(min_value=1, max_value=15),
)
def test_lists_are_full_without_repeats_and_scores_fall(bought: list[tuple[str, str, int]], size: int) -> None:
    ranked = recommend.next_basket(order_lines=lines_of(*bought), size=size)

    products = {what for _, what, _ in bought}
    for customer in {who for who, _, _ in bought}:
        own = ranked.filter(pl.col("customer_id") == customer)
        assert own["rank"].to_list() == list(range(1, min(size, len(products)) + 1))
        assert own["sku"].n_unique() == own.height
        assert own["score"].is_sorted(descending=True)
