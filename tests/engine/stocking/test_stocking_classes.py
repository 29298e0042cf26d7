"""ABC–XYZ classes and the service levels that follow from them, from margins, or from one number for all."""

import datetime as dt
import math

import polars as pl
import pytest

from reorder.engine import stocking
from reorder.engine.stocking import ServicePolicy

AS_OF = dt.date(2026, 11, 23)


def weekly(sku: str, units: list[float]) -> pl.DataFrame:
    """One sale at the end of each week before AS_OF, and a first day that shows that the oldest week was whole."""
    days = [AS_OF - dt.timedelta(days=7 * back + 1) for back in range(len(units))]
    first = AS_OF - dt.timedelta(days=7 * len(units))
    return pl.DataFrame({"sku": sku, "place": "KEELUNG", "date": [*days, first], "units": [*units, 0.0]})


def values(**prices: float) -> pl.DataFrame:
    return pl.DataFrame({"sku": list(prices), "place": "KEELUNG", "unit_value": list(prices.values())})


def test_what_sells_most_is_a_and_what_sells_evenly_is_x() -> None:
    history = pl.concat(
        [
            weekly("EVEN", [10.0] * 52),
            weekly("LUMPY", [0.0, 0.0, 0.0, 40.0] * 13),
            weekly("WAVES", [4.0, 16.0] * 26),
            weekly("YOUNG", [10.0] * 5),
        ]
    )

    made = stocking.classify_abc_xyz(
        history=history, values=values(EVEN=9.0, LUMPY=1.5, WAVES=0.5, YOUNG=0.1, DEAD=9.0), as_of=AS_OF
    )

    assert dict(made.select("sku", "class_code").iter_rows()) == {
        "EVEN": "AX", "LUMPY": "BZ", "WAVES": "CY", "YOUNG": "CZ", "DEAD": "CZ"
    }  # fmt: skip
    assert made["variation"].to_list() == [0.0, pytest.approx(math.sqrt(3)), 0.6, 0.0, None]
    assert made["value_share"].sum() == pytest.approx(1.0)


def test_the_first_product_is_a_even_when_it_sells_everything() -> None:
    made = stocking.classify_abc_xyz(history=weekly("ONLY", [3.0] * 20), values=values(ONLY=1.0), as_of=AS_OF)

    assert made["abc"].to_list() == ["A"]


TERMS = pl.DataFrame(
    {
        "sku": ["OOLONG", "SENCHA", "MATCHA"],
        "place": ["KEELUNG"] * 3,
        "service_level": [0.9] * 3,
        "review_days": [1] * 3,
        "unit_cost": [100.0, 100.0, 100.0],
        "holding_share_per_day": [0.001] * 3,
        "order_cost": [20.0] * 3,
        "lost_unit_cost": [40.0, 1.0, 0.0],
    }
)
CLASSES = pl.DataFrame(
    {"sku": ["OOLONG", "SENCHA"], "place": ["KEELUNG"] * 2, "class_code": ["AX", "CZ"], "daily_units": [4.0, 0.1]}
)


def levels(policy: ServicePolicy) -> list[float]:
    return stocking.service_levels(terms=TERMS, policy=policy, classes=CLASSES)["service_level"].to_list()


def test_each_kind_of_policy_sets_its_levels() -> None:
    assert levels(ServicePolicy(kind="fixed", service_level=0.93)) == [0.93] * 3
    assert levels(ServicePolicy(kind="abc_xyz", class_levels={"AX": 0.99})) == [0.99, 0.95, 0.95]
    assert levels(ServicePolicy(kind="abc_xyz")) == [0.98, 0.88, 0.95]


def test_by_margin_the_level_is_the_critical_ratio_of_a_cycle() -> None:
    # Oolong: an order lasts √(2·20/(0.1·4)) = 10 days; keeping a unit so long costs 1 against 40 lost.
    # Sencha: √(2·20/(0.1·0.1)) = 63.2 days cost 6.32 against 1: hardly worth keeping, so the least level.
    assert levels(ServicePolicy(kind="margin", service_level=0.9)) == [pytest.approx(40 / 41), 0.5, 0.9]


def test_a_fill_rate_is_handed_on_beside_the_level() -> None:
    made = stocking.service_levels(
        terms=TERMS, policy=ServicePolicy(kind="fill_rate", service_level=0.97), classes=CLASSES
    )

    assert made["fill_rate"].to_list() == [0.97] * 3


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (ServicePolicy(kind="magic"), "the kinds are"),
        (ServicePolicy(service_level=1.0), "service_level is 1.0"),
        (ServicePolicy(kind="abc_xyz", class_levels={"AX": 0.0}), "AX is 0.0"),
        (ServicePolicy(kind="abc_xyz", class_levels={"QQ": 0.5}), "no class QQ"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy: ServicePolicy, fault: str) -> None:
    with pytest.raises(stocking.BadServicePolicy, match=fault):
        levels(policy)
