"""Why a proposal changed since yesterday: stock, demand, lead time, commitments, rules, with their numbers."""

from reorder.domain.purchasing.causes import Cause, Meanwhile, Standing, find_causes

YESTERDAY = Standing(
    position_units=20.0, reorder_point_units=30.0, daily_units=2.0, safety_stock_units=8.0, lead_days=5.0
)


def codes(after: Standing | None, *, before: Standing | None = YESTERDAY, **meanwhile: object) -> list[str]:
    found = find_causes(before=before, after=after, meanwhile=Meanwhile(**meanwhile))  # type: ignore[arg-type]
    return [cause.code for cause in found]


def today(**values: float) -> Standing:
    given = {name: getattr(YESTERDAY, name) for name in Standing.__slots__}
    return Standing(**given | values)


def test_every_number_that_moved_is_named_with_before_and_after() -> None:
    found = find_causes(
        before=YESTERDAY, after=today(position_units=12.0, daily_units=3.0, lead_days=9.0), meanwhile=Meanwhile()
    )
    assert found == [
        Cause("cause.stock_fell", {"before": 20.0, "after": 12.0}),
        Cause("cause.demand_rose", {"before": 2.0, "after": 3.0}),
        Cause("cause.lead_rose", {"before": 5.0, "after": 9.0}),
    ]


def test_a_move_of_less_than_a_fiftieth_is_no_cause() -> None:
    assert codes(today(daily_units=2.03)) == []
    assert codes(today(daily_units=1.9)) == ["cause.demand_fell"]


def test_what_is_newly_proposed_is_explained_by_what_happened_since() -> None:
    assert codes(today(), before=None, left_units=14.0) == ["cause.moved"]
    assert codes(None, left_units=-60.0) == ["cause.arrived"]
    assert codes(today(), before=None, plan_before_units=14.0, plan_after_units=21.0) == ["cause.plan_rose"]


def test_commitments_and_rules_since_yesterday_are_named() -> None:
    found = find_causes(
        before=YESTERDAY,
        after=today(),
        meanwhile=Meanwhile(committed_units=40.0, rule_author="Mei", rule_note="trade fair"),
    )
    assert found == [
        Cause("cause.commitment", {"units": 40.0}),
        Cause("cause.rule", {"author": "Mei", "note": "trade fair"}),
    ]


def test_a_reorder_point_that_nothing_else_explains_is_said_itself() -> None:
    assert codes(today(reorder_point_units=44.0)) == ["cause.limits"]
    assert codes(today(reorder_point_units=44.0, lead_days=8.0)) == ["cause.lead_rose"]
