"""Products bought together more often than by chance."""

import pytest

from reorder.engine import reasons, recommend
from tests.engine.recommend.test_recommend_basket import lines_of

# Ten orders: the teapot comes with Oolong whenever it comes; Sencha comes with everything.
ORDERS = tuple(
    (f"customer {number}", sku, number)
    for number in range(10)
    for sku in (("Oolong", "Teapot", "Sencha") if number < 4 else ("Pu-erh", "Sencha"))
)


def test_lift_is_the_ratio_to_chance() -> None:
    companions = recommend.also_bought(order_lines=lines_of(*ORDERS), skus=["Oolong"])

    assert companions.select("sku", "rank", "other_sku", "lift", "orders_together").rows() == [
        ("Oolong", 1, "Teapot", pytest.approx(4 * 10 / (4 * 4)), 4)
    ]


def test_what_comes_with_everything_is_no_companion() -> None:
    companions = recommend.also_bought(order_lines=lines_of(*ORDERS), skus=["Sencha"])

    assert companions.height == 0


def test_a_pair_seen_once_is_no_companion() -> None:
    once = (("Mei", "Matcha", 50), ("Mei", "Whisk", 50))

    companions = recommend.also_bought(order_lines=lines_of(*ORDERS, *once), skus=["Matcha"])

    assert companions.height == 0


def test_the_reason_counts_the_orders_and_can_be_rendered_again() -> None:
    companions = recommend.also_bought(order_lines=lines_of(*ORDERS), skus=["Teapot"])

    row = companions.row(0, named=True)
    assert row["reason"] == "Both were in 4 orders, 2.5 times as often as by chance."
    parameters = reasons.parameters_of(encoded=row["reason_parameters"])
    assert reasons.render(code=row["reason_code"], parameters=parameters) == row["reason"]


def test_unknown_products_and_empty_shops_have_no_companions() -> None:
    assert recommend.also_bought(order_lines=lines_of(*ORDERS), skus=["Matcha"]).height == 0
    assert recommend.also_bought(order_lines=lines_of(), skus=["Oolong"]).height == 0


def test_size_bounds_the_companions_of_each_product() -> None:
    sets = tuple((f"customer {number}", f"part {part}", number) for number in range(5) for part in range(6))
    others = tuple((f"customer {number}", "Oolong", number) for number in range(5, 20))

    companions = recommend.also_bought(order_lines=lines_of(*sets, *others), skus=["part 0", "part 1"], size=3)

    assert companions.group_by("sku").len().sort("sku").rows() == [("part 0", 3), ("part 1", 3)]
    with pytest.raises(recommend.BadSize):
        recommend.also_bought(order_lines=lines_of(), skus=[], size=0)
