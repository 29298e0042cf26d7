"""Alerts of a night and between nights: opened once, kept while they stand, resolved, opened again."""

import dataclasses
import datetime as dt

import polars as pl
import pytest

from reorder.domain.inventory import operations as inventory
from reorder.domain.planning import alert_list, alerting
from reorder.domain.planning import operations as planning
from reorder.domain.planning.models import Alert, DemandWeek, PlannedWeek
from reorder.domain.purchasing.models import PurchaseOrder
from reorder.domain.staff.models import AuditEntry
from reorder.flows import alerting as flow
from reorder.flows import restock, upkeep
from tests.factories.inventory import KEELUNG, opening
from tests.factories.purchasing import BUYER, MONDAY, MONDAY_MORNING, propose
from tests.flows.alerting.conftest import Shop, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
HISTORY = pl.DataFrame(schema={"sku": pl.String, "place": pl.String, "date": pl.Date, "units": pl.Float64})
HOUR = dt.timedelta(hours=1)


def night(shop: Shop, *, moment: dt.datetime = MONDAY_MORNING, as_of: dt.date = MONDAY) -> dict[str, object]:
    return flow.raise_alerts(run_id=shop.run_id, as_of=as_of, moment=moment, history=HISTORY)[1]


def open_kinds() -> list[str]:
    return list(Alert.objects.filter(resolved_at=None).order_by("kind").values_list("kind", flat=True))


def test_a_night_opens_what_calls_for_somebody_with_money_probability_and_reason() -> None:
    shop = open_shop(units=5)

    figures = night(shop)

    assert figures["open"] == {"below_safety_stock": 1, "runs_out": 1}
    alert = Alert.objects.get(kind="runs_out")
    assert (alert.subject, alert.place_code, alert.key) == ("OOLONG-150", KEELUNG, "OOLONG-150|KEELUNG")
    # Demand until then: negative binomial with mean 12 and standard deviation 8 / 1.645.
    assert alert.probability == pytest.approx(0.930, abs=0.0005)
    assert (alert.stake_minor, alert.currency, alert.run_key) == (176_559, "TWD", shop.run_id)
    assert alert.reason_code == "alert.runs_out.none"
    assert alert.reason_parameters == {"percent": "93", "free": "5", "expected": "12", "until_date": "2026-11-29"}
    assert (alert.first_seen_at, alert.last_seen_at) == (MONDAY_MORNING, MONDAY_MORNING)


def test_a_night_leaves_the_alert_about_parcels_to_its_own_job() -> None:
    shop = open_shop(units=50)
    flow.raise_late_parcels(count=2, first="A-1", moment=MONDAY_MORNING - HOUR)
    night(shop)
    assert open_kinds() == ["late_parcels"]


def test_the_next_night_keeps_the_same_alert_and_says_that_it_still_stands() -> None:
    shop = open_shop(units=5)
    night(shop)
    figures = night(shop, moment=MONDAY_MORNING + 24 * HOUR)

    assert (figures["opened_count"], figures["kept_count"]) == (0, 2)
    alert = Alert.objects.get(kind="runs_out")
    assert alert.first_seen_at == MONDAY_MORNING
    assert alert.last_seen_at == MONDAY_MORNING + 24 * HOUR


def test_a_condition_that_ended_resolves_and_one_that_wavers_is_the_same_alert_again() -> None:
    shop = open_shop(units=5)
    night(shop)
    shop.adjust(units=40, key="found")
    night(shop, moment=MONDAY_MORNING + HOUR)
    assert open_kinds() == []

    shop.adjust(units=-40, key="gone")
    figures = night(shop, moment=MONDAY_MORNING + 2 * HOUR)

    assert figures["reopened_count"] == 2
    alert = Alert.objects.get(kind="runs_out")
    assert (alert.first_seen_at, alert.reopened_count) == (MONDAY_MORNING, 1)


def test_what_comes_back_after_a_day_is_a_new_alert_and_the_old_one_is_remembered() -> None:
    shop = open_shop(units=5)
    night(shop)
    shop.adjust(units=40, key="found")
    night(shop, moment=MONDAY_MORNING + HOUR)
    shop.adjust(units=-40, key="gone")
    night(shop, moment=MONDAY_MORNING + 26 * HOUR)

    rows = Alert.objects.filter(kind="runs_out").order_by("pk")
    assert [row.resolved_at for row in rows] == [MONDAY_MORNING + HOUR, None]
    newest = alert_list.get_alert(alert_id=rows[1].pk)
    assert [one.id for one in alert_list.list_earlier(row=newest)] == [rows[0].pk]


def test_stock_that_changes_by_day_is_looked_at_by_the_drain_and_only_that_stock() -> None:
    shop = open_shop(units=50)
    night(shop)
    assert open_kinds() == []
    Alert.objects.create(
        kind="runs_out",
        key="MATCHA-30|KEELUNG",
        subject="MATCHA-30",
        place_code=KEELUNG,
        severity=2,
        currency="TWD",
        reason_code="alert.runs_out.none",
        first_seen_at=MONDAY_MORNING,
        last_seen_at=MONDAY_MORNING,
    )
    shop.adjust(units=-47, key="broken")
    planning.mark_dirty(kind="position", subject_keys=[f"OOLONG-150|{KEELUNG}"])

    upkeep.drain_dirty(as_of=MONDAY, moment=MONDAY_MORNING + HOUR)

    assert open_kinds() == ["below_safety_stock", "runs_out", "runs_out"]
    alert = Alert.objects.get(kind="runs_out", subject="OOLONG-150")
    assert (alert.severity, alert.critical_at) == (3, MONDAY_MORNING + HOUR)


def test_an_order_that_is_placed_says_when_it_comes_and_is_late_after_its_day() -> None:
    shop = open_shop(units=5)
    (order,) = restock.approve(
        proposal_ids=propose(("OOLONG-150", 30.0)), decided_by=BUYER, moment=MONDAY_MORNING - 48 * HOUR
    )
    PurchaseOrder.objects.filter(number=order.number).update(expected_date=MONDAY + dt.timedelta(days=1))
    night(shop)
    alert = Alert.objects.get(kind="below_safety_stock")
    assert alert.reason_parameters["order"] == order.number
    assert alert.reason_parameters["receipt_units"] == "30"

    night(shop, moment=MONDAY_MORNING + 72 * HOUR, as_of=MONDAY + dt.timedelta(days=3))

    late = Alert.objects.get(kind="late_order")
    assert (late.key, late.order_number, late.supplier_code) == (order.number, order.number, "ALISHAN")
    assert (late.stake_minor, late.severity) == (600_000, 2)
    assert late.reason_parameters["days"] == "2"


def test_lots_are_judged_by_the_day_that_came_with_their_goods() -> None:
    shop = open_shop(units=50)
    lot = opening(product_id=shop.product_id, units=60, key="lot", lot="L1")
    lot = dataclasses.replace(lot, expires_date=MONDAY + dt.timedelta(days=20))
    inventory.record_moves(moves=[lot])

    night(shop)

    alert = Alert.objects.get(kind="expiring")
    assert alert.key == "OOLONG-150|KEELUNG|L1"
    # 40 sell in 20 days, 20 at 200 each are lost.
    assert (alert.stake_minor, alert.reason_parameters["wasted"]) == (400_000, "20")


def test_a_snooze_lasts_until_its_moment_and_ends_when_it_gets_worse() -> None:
    shop = open_shop(units=10)
    night(shop)
    alert = Alert.objects.get(kind="runs_out")
    until = MONDAY_MORNING + 48 * HOUR
    assert flow.snooze(ids=[alert.pk], until=until, note="on it", decided_by=BUYER, moment=MONDAY_MORNING) == [alert.pk]
    open_now = alert_list.Asked(kinds=frozenset({"runs_out"}))
    assert alert_list.list_alert_page(asked=open_now, moment=MONDAY_MORNING + HOUR) == []
    assert len(alert_list.list_alert_page(asked=open_now, moment=until)) == 1
    assert AuditEntry.objects.get(action="alerts.snooze").subject_key == str(alert.pk)

    shop.adjust(units=-10, key="gone")
    night(shop, moment=MONDAY_MORNING + 2 * HOUR)

    alert.refresh_from_db()
    assert (alert.severity, alert.snoozed_until) == (3, None)


def test_stock_that_differs_from_its_ledger_is_an_alert_until_it_agrees() -> None:
    shop = open_shop(units=50)
    flow.raise_ledger_fault(differences=[object(), object()], moment=MONDAY_MORNING)
    alert = Alert.objects.get(kind="bad_data")
    assert (alert.key, alert.severity, alert.reason_parameters["count"]) == ("ledger", 3, "2")

    night(shop)
    assert open_kinds() == ["bad_data"]
    upkeep.check_ledger(moment=MONDAY_MORNING + HOUR)
    assert open_kinds() == []


def test_the_plan_of_a_week_is_kept_once_in_seven_days() -> None:
    shop = open_shop(units=50)
    DemandWeek.objects.filter(scope="subject").update(p10_units=8.0, p90_units=20.0)
    assert alerting.keep_planned_week(as_of=MONDAY) == 1
    week = PlannedWeek.objects.get()
    assert (week.subject, week.place_code, week.date, week.mean_units) == ("OOLONG-150", KEELUNG, MONDAY, 14.0)
    assert week.deviation_units == pytest.approx(12 / 2.5631)

    assert alerting.keep_planned_week(as_of=MONDAY + dt.timedelta(days=6)) == 0
    assert PlannedWeek.objects.count() == 1
    assert shop.run_id
