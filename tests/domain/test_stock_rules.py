"""Rules of single products' stock: laid down, changed, taken back, refused, and which one counts where."""

import polars as pl
import pytest

from reorder.domain.planning import stock_rules
from reorder.domain.planning.errors import BadStockRule, UnknownStockRule
from reorder.domain.planning.stock_rules import NewStockRule
from reorder.domain.staff.models import AuditEntry


@pytest.mark.django_db
def test_a_rule_of_a_place_wins_over_that_of_all_places() -> None:
    stock_rules.set_stock_rule(rule=NewStockRule(subject="OOLONG", minimum_units=6.0, note="shop window"), author="Mei")
    stock_rules.set_stock_rule(
        rule=NewStockRule(subject="OOLONG", place_code="KEELUNG", maximum_units=40.0, note="small shelf"), author="Mei"
    )

    keelung = stock_rules.find_stock_rule(subject="OOLONG", place_code="KEELUNG")
    taipei = stock_rules.find_stock_rule(subject="OOLONG", place_code="TAIPEI")

    assert keelung is not None
    assert taipei is not None
    assert (keelung.minimum_units, keelung.maximum_units) == (None, 40.0)
    assert (taipei.minimum_units, taipei.maximum_units, taipei.author) == (6.0, None, "Mei")
    assert stock_rules.find_stock_rule(subject="SENCHA", place_code="TAIPEI") is None
    assert [row.place_code for row in stock_rules.list_stock_rules(subject="OOLONG")] == ["*", "KEELUNG"]
    assert [row.place_code for row in stock_rules.list_stock_rules(after=("OOLONG", "*"))] == ["KEELUNG"]


@pytest.mark.django_db
def test_a_rule_is_replaced_and_taken_back_and_each_is_told() -> None:
    stock_rules.set_stock_rule(rule=NewStockRule(subject="OOLONG", minimum_units=6.0, note="shop window"), author="Mei")
    changed = stock_rules.set_stock_rule(
        rule=NewStockRule(subject="OOLONG", service_level=0.99, note="everybody asks for it"), author="Chen"
    )
    stock_rules.clear_stock_rule(subject="OOLONG", place_code="*", author="Chen")

    assert (changed.minimum_units, changed.service_level, changed.author) == (None, 0.99, "Chen")
    assert stock_rules.list_stock_rules() == []
    actions = list(AuditEntry.objects.order_by("-id").values_list("action", flat=True))
    assert actions == ["planning.clear_stock_rule", "planning.set_stock_rule", "planning.set_stock_rule"]
    with pytest.raises(UnknownStockRule):
        stock_rules.clear_stock_rule(subject="OOLONG", place_code="*", author="Chen")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (NewStockRule(subject="OOLONG", minimum_units=-1.0, note="x"), "units must not be negative"),
        (NewStockRule(subject="OOLONG", minimum_units=9.0, maximum_units=8.0, note="x"), "the least is more than"),
        (NewStockRule(subject="OOLONG", maximum_units=1e9, note="x"), "larger than any stock"),
        (NewStockRule(subject="OOLONG", maximum_units=float("nan"), note="x"), "must not be negative"),
        (NewStockRule(subject="OOLONG", service_level=1.0, note="x"), "below 100 %"),
        (NewStockRule(subject="OOLONG", method="magic", note="x"), "no such method"),
        (NewStockRule(subject="OOLONG", note="x"), "at least one thing"),
        (NewStockRule(subject="OOLONG", minimum_units=1.0, note=" "), "say why"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_reason(rule: NewStockRule, reason: str) -> None:
    with pytest.raises(BadStockRule, match=reason):
        stock_rules.set_stock_rule(rule=rule, author="Mei")


def test_rules_resolve_for_many_products_at_once() -> None:
    rules = pl.DataFrame(
        {
            "sku": ["OOLONG", "OOLONG"],
            "place": ["*", "KEELUNG"],
            "minimum_units": [6.0, None],
            "maximum_units": [None, 40.0],
            "service_level": [None, None],
            "method": ["", ""],
            "note": ["window", "shelf"],
        },
        schema_overrides={"service_level": pl.Float64},
    )
    keys = pl.DataFrame({"sku": ["OOLONG", "OOLONG", "SENCHA"], "place": ["TAIPEI", "KEELUNG", "TAIPEI"]})

    found = stock_rules.resolve_stock_rules(rules=rules, keys=keys)

    assert found.select("minimum_units", "maximum_units", "note").rows() == [
        (6.0, None, "window"),
        (None, 40.0, "shelf"),
        (None, None, None),
    ]
