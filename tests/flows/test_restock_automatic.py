"""Ordering without a person: off by default, within a limit and the ordinary, once a night, and told what was left."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning import operations as planning
from reorder.domain.planning.models import Alert, Run
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.automatic import AutomaticTerms, LineSigns, plan_automatic
from reorder.domain.purchasing.calendar import SupplierCalendar
from reorder.domain.purchasing.models import AutomaticCheck, PurchaseOrder, Supplier
from reorder.domain.purchasing.operations import NewBuyingPolicy
from reorder.domain.purchasing.queries import (
    ProposalRow,
    get_buying_policy,
    list_automatic_checks,
    list_open_proposals,
)
from reorder.domain.staff.queries import list_audit
from reorder.flows import alerting, restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place
from tests.factories.purchasing import BUYER, MONDAY, MONDAY_MORNING, make_offer, make_supplier, propose
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db

LAST_WEEK = MONDAY_MORNING - dt.timedelta(days=7)
LIMIT = 10_000_00


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def night(*, day: dt.date = MONDAY) -> int:
    run = planning.open_run(kind="night", as_of_date=day, moment=MONDAY_MORNING)
    Run.objects.filter(pk=run.id).update(state="succeeded", finished_at=MONDAY_MORNING)
    return run.id


def usual_shop(*, limit: int | None = LIMIT, usual: int = 10) -> int:
    """Oolong, of which ten are usually ordered, from a supplier that orders by itself; the night is done."""
    make_place()
    make_supplier()
    make_product()
    make_offer()
    restock.approve(proposal_ids=propose(("OOLONG-150", usual)), decided_by=BUYER, moment=LAST_WEEK)
    Supplier.objects.update(automatic_limit_minor=limit)
    return night()


def policy(**values: object) -> None:
    given = {"approval_limit_minor": None, "is_automatic_stopped": False, "usual_ratio": 3.0} | values
    operations.set_buying_policy(
        policy=NewBuyingPolicy(**given),  # type: ignore[arg-type]
        seen=get_buying_policy().fingerprint,
        decided_by="owner",
    )


def test_a_supplier_without_a_limit_waits_for_a_person() -> None:
    usual_shop(limit=None)
    propose(("OOLONG-150", 12))
    assert restock.order_automatically(moment=MONDAY_MORNING) == []
    assert len(list_open_proposals()) == 1


def test_what_is_ordinary_is_ordered_by_itself_and_on_record() -> None:
    run_id = usual_shop()
    propose(("OOLONG-150", 12))

    (done,) = restock.order_automatically(moment=MONDAY_MORNING)

    order = PurchaseOrder.objects.get(number=done.numbers[0])
    assert (done.outcome_code, done.left_count) == ("automatic.ordered", 0)
    assert (order.state, order.placed_by) == ("placed", "automatic")
    assert incoming_at(sku="OOLONG-150") == 10 + 12
    assert list_audit(action="purchasing.approve")[0].actor == "automatic"
    letter = OutboxMessage.objects.order_by("-pk")[0]
    assert letter.send_after == MONDAY_MORNING + dt.timedelta(hours=1)
    (check,) = list_automatic_checks()
    assert (check.run_key, check.ordered_numbers, check.left) == (run_id, [order.number], [])


def test_a_supplier_is_ordered_from_once_a_night() -> None:
    usual_shop()
    propose(("OOLONG-150", 12))
    restock.order_automatically(moment=MONDAY_MORNING)
    propose(("OOLONG-150", 9), run_key=2)
    assert restock.order_automatically(moment=MONDAY_MORNING) == []
    assert len(list_open_proposals()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_order_once() -> None:
    usual_shop()
    propose(("OOLONG-150", 12))

    answers = at_once(lambda _: restock.order_automatically(moment=MONDAY_MORNING), hands=4)

    assert sum(len(done) for done in answers) == 1
    assert PurchaseOrder.objects.filter(placed_by="automatic").count() == 1
    assert AutomaticCheck.objects.count() == 1


def test_only_a_night_of_today_is_followed() -> None:
    usual_shop()
    Run.objects.update(as_of_date=MONDAY - dt.timedelta(days=1))
    propose(("OOLONG-150", 12))
    assert restock.order_automatically(moment=MONDAY_MORNING) == []


def test_the_kill_switch_stops_everything_until_it_is_released() -> None:
    usual_shop()
    propose(("OOLONG-150", 12))
    operations.switch_automatic(is_stopped=True, decided_by="mei")
    operations.switch_automatic(is_stopped=True, decided_by="mei")
    assert restock.order_automatically(moment=MONDAY_MORNING) == []
    assert len(list_audit(action="purchasing.set_policy")) == 1
    operations.switch_automatic(is_stopped=False, decided_by="mei")
    assert len(restock.order_automatically(moment=MONDAY_MORNING)) == 1


def left_codes() -> dict[str, str]:
    (check,) = list_automatic_checks()
    return {line["sku"]: line["code"] for line in check.left}


def test_more_than_the_limit_together_orders_nothing() -> None:
    usual_shop(limit=2_399_99)
    propose(("OOLONG-150", 12))
    (done,) = restock.order_automatically(moment=MONDAY_MORNING)
    assert (done.outcome_code, done.numbers) == ("automatic.above_limit", ())
    assert list_automatic_checks()[0].outcome_parameters == {"total": "2,400.00 TWD", "limit": "2,399.99 TWD"}


def test_what_is_unusual_or_new_is_left_to_a_person_and_the_rest_is_ordered() -> None:
    usual_shop(usual=2)
    for sku in ("MATCHA-30", "SENCHA-80"):
        make_product(sku=sku)
        make_offer(sku=sku)
    restock.approve(proposal_ids=propose(("SENCHA-80", 5)), decided_by=BUYER, moment=LAST_WEEK)
    propose(("OOLONG-150", 7), ("MATCHA-30", 4), ("SENCHA-80", 5))

    (done,) = restock.order_automatically(moment=MONDAY_MORNING)

    assert done.outcome_code == "automatic.ordered_part"
    assert left_codes() == {"OOLONG-150": "automatic.unusual", "MATCHA-30": "automatic.never_ordered"}
    assert sorted(row.sku for row in list_open_proposals()) == ["MATCHA-30", "OOLONG-150"]


@pytest.mark.parametrize("kind", ["bad_data", "forecast_drift"])
@pytest.mark.parametrize(
    ("about", "is_left"),
    [
        ({"subject": "OOLONG-150", "place_code": "KEELUNG"}, True),
        ({"subject": "OOLONG-150", "place_code": "TAINAN"}, False),
        ({"subject": "MATCHA-30"}, False),
        ({"supplier_code": "ALISHAN"}, True),
        ({"supplier_code": "UJI"}, False),
        ({}, True),
    ],
)
def test_an_open_alert_about_its_data_or_forecast_leaves_a_line_to_a_person(
    kind: str, about: dict[str, str], is_left: bool
) -> None:
    usual_shop()
    propose(("OOLONG-150", 12))
    Alert.objects.create(
        kind=kind, key="k", severity=2, first_seen_at=MONDAY_MORNING, last_seen_at=MONDAY_MORNING, **about
    )
    restock.order_automatically(moment=MONDAY_MORNING)
    assert left_codes() == ({"OOLONG-150": f"automatic.alert_{kind}"} if is_left else {})


def test_parcels_that_should_have_left_stop_no_purchase() -> None:
    usual_shop()
    propose(("OOLONG-150", 12))
    alerting.raise_late_parcels(count=3, first="A-1", moment=MONDAY_MORNING)
    restock.order_automatically(moment=MONDAY_MORNING)
    assert (Alert.objects.get().kind, left_codes()) == ("late_parcels", {})


def test_what_is_left_below_the_minimum_is_not_ordered() -> None:
    usual_shop()
    Supplier.objects.update(minimum_value_minor=5_000_00)
    propose(("OOLONG-150", 12))
    (done,) = restock.order_automatically(moment=MONDAY_MORNING)
    assert (done.outcome_code, left_codes()) == ("automatic.nothing", {"OOLONG-150": "automatic.below_minimum"})


def test_above_the_limit_of_two_people_nothing_is_asked_for_by_itself() -> None:
    usual_shop()
    policy(approval_limit_minor=1_000_00)
    propose(("OOLONG-150", 12))
    restock.order_automatically(moment=MONDAY_MORNING)
    assert left_codes() == {"OOLONG-150": "automatic.second_person"}
    assert not PurchaseOrder.objects.filter(placed_by="automatic").exists()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"order_weekdays": [2]}, "automatic.no_order_day"),
        ({"cut_off": dt.time(9)}, "automatic.past_cut_off"),
        ({"cut_off": dt.time(9, 31)}, "automatic.ordered"),
    ],
)
def test_orders_go_out_on_order_days_before_the_cut_off(terms: dict[str, object], code: str) -> None:
    usual_shop()
    Supplier.objects.update(**terms)
    propose(("OOLONG-150", 12))
    assert restock.order_automatically(moment=MONDAY_MORNING)[0].outcome_code == code  # 09:30 in Taipei


def test_letters_leave_before_the_cut_off() -> None:
    usual_shop()
    Supplier.objects.update(cut_off=dt.time(10))
    propose(("OOLONG-150", 12))
    restock.order_automatically(moment=MONDAY_MORNING)
    assert OutboxMessage.objects.order_by("-pk")[0].send_after == MONDAY_MORNING + dt.timedelta(minutes=15)


def line(**values: object) -> ProposalRow:
    given: dict[str, object] = {
        "id": 1, "run_key": 1, "product_id": 1, "sku": "OOLONG-150", "product_name": "Oolong", "place_id": 1,
        "place_code": "KEELUNG", "supplier_id": 1, "supplier_code": "ALISHAN", "supplier_name": "Alishan",
        "units": Decimal(10), "unit_cost_minor": 100_00, "currency": "TWD", "order_by_date": MONDAY,
        "position_units": 1.0, "reorder_point_units": 5.0, "daily_units": 1.0, "risk_minor": 0, "risk_currency": "TWD",
        "reason_code": "", "reason_parameters": {},
    }  # fmt: skip
    return ProposalRow(**given | values)  # type: ignore[arg-type]


def test_exactly_so_many_times_the_usual_order_is_still_usual() -> None:
    terms = AutomaticTerms(
        calendar=SupplierCalendar(),
        today=MONDAY,
        time=dt.time(3),
        automatic_limit_minor=LIMIT,
        minimum_value_minor=0,
        usual_ratio=2.5,
        second_limit_minor=None,
        shop_currency="TWD",
        rate=None,
    )

    def code(usual: float) -> str:
        plan = plan_automatic(lines=[line()], terms=terms, signs=LineSigns(usual_units={1: usual}, alerts={}))
        return plan.left[1].code if plan.left else plan.outcome.code

    assert (code(4.0), code(3.9)) == ("automatic.ordered", "automatic.unusual")
    later = line(order_by_date=MONDAY + dt.timedelta(days=1))
    plan = plan_automatic(lines=[later], terms=terms, signs=LineSigns(usual_units={1: 10.0}, alerts={}))
    assert (plan.outcome.code, plan.left[1].code) == ("automatic.nothing", "automatic.later")
