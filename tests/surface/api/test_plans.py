"""Customers, due dates, demand, proposals, purchase orders and runs through the API."""

import datetime as dt
from collections.abc import Iterator

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from reorder.domain.customers.models import Customer
from reorder.domain.planning import operations as planning
from reorder.domain.planning.models import DemandPlanDay, DueDate
from reorder.domain.purchasing.models import Proposal, PurchaseOrder
from reorder.domain.staff.models import AuditEntry
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place, stock_at
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.surface.api.test_orders import an_order

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _on_monday(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00+00:00")
    return


def predict(*, customer: Customer, subject: str, remind: dt.date, share: float = 0.5) -> None:
    run = planning.open_run(kind="night", as_of_date=MONDAY, moment=dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC))
    day = dt.timedelta(days=1)
    DueDate.objects.create(
        run_id=run.id,
        customer=customer,
        subject=subject,
        due_date=remind + 3 * day,
        due_p10_date=remind - 3 * day,
        due_p25_date=remind,
        due_p75_date=remind + 6 * day,
        due_p90_date=remind + 9 * day,
        active_share=0.9,
        within_7_days=0.5,
        within_14_days=0.7,
        within_30_days=0.8,
        remind_date=remind,
        remind_hit_share=share,
        expected_units=1.25,
        orders_count=4,
        evidence="own",
        usual_gap_days=24.2,
        last_bought_date=remind - 22 * day,
        reason_code="repurchase.pair",
    )


def test_customers_are_found_by_two_chinese_characters_and_by_key() -> None:
    make_product()
    shop = call_as()
    shop.post("/orders", an_order())
    shop.post("/orders", an_order(external_id="T-2", customer={"email": "tom@example.org", "name": "Tom"}))

    found = shop.get("/customers", search="美玲").body["items"]
    assert [(one["name"], one["email_addresses"], one["accepts_marketing"]) for one in found] == [
        ("林美玲", ["mei@example.org"], True)
    ]
    assert shop.get("/customers", key="tom@example.org").body["items"][0]["name"] == "Tom"
    assert shop.get(f"/customers/{found[0]['id']}").body["key"] == "api:mei"
    first = shop.get("/customers", limit=1).body
    assert [c["name"] for c in shop.get("/customers", limit=1, cursor=first["next_cursor"]).body["items"]] == ["Tom"]
    assert shop.get("/customers/999").code == "customers.unknown_customer"


def test_due_dates_come_by_day_with_band_and_reason_in_both_languages() -> None:
    make_product()
    mei, tom = Customer.objects.create(key="mei"), Customer.objects.create(key="tom")
    predict(customer=mei, subject="OOLONG-150", remind=MONDAY + dt.timedelta(days=2), share=0.4)
    predict(customer=tom, subject="OOLONG-150", remind=MONDAY + dt.timedelta(days=2), share=0.6)
    predict(customer=tom, subject="category:tea", remind=MONDAY + dt.timedelta(days=30))
    shop = call_as()

    first = shop.get("/due", limit=1).body
    second = shop.get("/due", limit=1, cursor=first["next_cursor"]).body
    assert [page["items"][0]["customer_key"] for page in (first, second)] == ["tom", "mei"]
    assert second["next_cursor"] is None
    line = second["items"][0]
    assert (line["sku"], line["due_date"], line["wide_band"]) == (
        "OOLONG-150",
        "2026-11-28",
        {"from_date": "2026-11-22", "until_date": "2026-12-04"},
    )
    assert line["reason"] == "Bought 4 times, last on 2026-11-03; usual gap in days: 24."
    toms = shop.get("/due", customer_id=tom.pk).body["items"]
    assert [(one["sku"], one["category"]) for one in toms] == [("OOLONG-150", None), (None, "tea")]
    assert len(shop.get("/due", sku="OOLONG-150").body["items"]) == 2
    assert shop.get("/due", days=1).body["items"] == []
    zh = Caller(secret=shop.secret, language="zh-hant").get("/due", customer_id=mei.pk).body["items"][0]["reason"]
    assert zh != line["reason"]


def test_the_plan_is_listed_with_its_parts_at_the_places_of_the_token() -> None:
    run = planning.open_run(kind="night", as_of_date=MONDAY, moment=dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC))
    for place in ("KEELUNG", "KAOHSIUNG"):
        for ordinal in range(3):
            DemandPlanDay.objects.create(
                run_id=run.id,
                subject="OOLONG-150",
                place_code=place,
                date=MONDAY + dt.timedelta(days=ordinal),
                baseline_units=2,
                known_customers_units=1.5,
                committed_units=1,
                adjustment_units=0,
                mean_units=3,
                p50_units=3,
                p90_units=5,
                p95_units=6,
                p99_units=7.00004,
            )
    rows = call_as(places=["KEELUNG"]).get("/demand", sku="OOLONG-150", from_date="2026-11-24").body["items"]
    assert [(row["place"], row["date"], row["mean_units"]) for row in rows] == [
        ("KEELUNG", "2026-11-24", 3),
        ("KEELUNG", "2026-11-25", 3),
    ]
    shop = call_as()
    first = shop.get("/demand", limit=4).body
    rest = shop.get("/demand", limit=4, cursor=first["next_cursor"]).body
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (4, 2, None)


def test_proposals_are_approved_once_and_the_delivery_moves_stock() -> None:
    make_place()
    for sku in ("OOLONG-150", "MATCHA-30"):
        make_product(sku=sku)
    make_supplier()
    make_offer()
    make_offer(sku="MATCHA-30")
    ids = propose(("OOLONG-150", 24), ("MATCHA-30", 6))
    shop = call_as(scopes=["proposals:write"])

    listed = shop.get("/proposals").body["items"]
    assert [(one["sku"], one["units"], one["cost"], one["currency"]) for one in listed] == [
        ("MATCHA-30", "6", "1200", "TWD"),
        ("OOLONG-150", "24", "4800", "TWD"),
    ]
    answer = shop.post("/proposals/approve", {"ids": ids}, key="monday")
    assert answer.status == 200, answer.body
    order = answer.body["purchase_orders"][0]
    assert (order["supplier"], order["state"], order["cost"], order["placed_by"]) == (
        "ALISHAN",
        "placed",
        "6000",
        "token:shop",
    )
    assert shop.post("/proposals/approve", {"ids": ids}, key="monday").body == answer.body
    assert shop.post("/proposals/approve", {"ids": ids}).code == "purchasing.proposal_decided"
    assert PurchaseOrder.objects.count() == 1
    assert AuditEntry.objects.filter(action="purchasing.approve", actor="token:shop", via="api").count() == 1

    path = f"/purchase-orders/{order['number']}/receipts"
    half = shop.post(path, {"lines": [{"sku": "OOLONG-150", "units": 30}], "lot": "L1"}, key="d1")
    assert half.body["purchase_order"]["state"] == "partly_received"
    assert half.body["extra_units"] == {"OOLONG-150": "6"}
    assert shop.post(path, {"lines": [{"sku": "OOLONG-150", "units": 30}], "lot": "L1"}, key="d1").body == half.body
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="MATCHA-30")) == (30, 6)
    rest = shop.post(path, {})
    assert rest.body["purchase_order"]["state"] == "received"
    assert shop.post(path, {}).code == "purchasing.order_closed"
    assert shop.get("/purchase-orders", state="received").body["items"][0]["number"] == order["number"]
    assert shop.get(f"/purchase-orders/{order['number']}").body["state"] == "received"


def test_what_lies_at_another_place_is_not_there() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    make_product()
    make_supplier()
    make_offer()
    ids = propose(("OOLONG-150", 24))
    stranger = call_as(places=["KAOHSIUNG"])

    assert stranger.get("/proposals").body["items"] == []
    assert stranger.post("/proposals/approve", {"ids": ids}).code == "purchasing.unknown_proposal"
    assert stranger.post("/proposals/dismiss", {"ids": ids}).code == "purchasing.unknown_proposal"
    assert Proposal.objects.get().state == "open"
    number = call_as().post("/proposals/approve", {"ids": ids}).body["purchase_orders"][0]["number"]
    assert stranger.get("/purchase-orders").body["items"] == []
    assert stranger.get(f"/purchase-orders/{number}").code == "purchasing.unknown_order"
    assert stranger.post(f"/purchase-orders/{number}/receipts", {}).code == "purchasing.unknown_order"


def test_proposals_are_dismissed() -> None:
    make_place()
    make_product()
    make_supplier()
    make_offer()
    ids = propose(("OOLONG-150", 24))
    shop = call_as()
    assert shop.post("/proposals/dismiss", {"ids": ids + ids}).body == {"dismissed": 1}
    assert shop.get("/proposals", state="dismissed").body["items"][0]["decided_by"] == "token:shop"


def test_runs_are_listed_and_a_night_is_started_once() -> None:
    moment = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)
    run = planning.open_run(kind="night", as_of_date=MONDAY - dt.timedelta(days=1), moment=moment)
    planning.start_step(run_id=run.id, name="import_files", ordinal=0, moment=moment)
    planning.finish_step(
        run_id=run.id, name="import_files", moment=moment, rows_read=3, rows_written=2, details={"files": ["a.csv"]}
    )
    planning.close_run(run_id=run.id, moment=moment)
    shop = call_as()

    assert [one["state"] for one in shop.get("/runs").body["items"]] == ["succeeded"]
    step = shop.get(f"/runs/{run.id}").body["steps"][0]
    assert (step["name"], step["rows_written"], step["details"]) == ("import_files", 2, {"files": ["a.csv"]})
    asked = shop.post("/runs", {}, key="now")
    assert (asked.status, asked.body) == (202, {"kind": "night", "as_of_date": "2026-11-23"})
    shop.post("/runs", {}, key="now")
    shop.post("/runs", {}, key="and again")
    assert ProcrastinateJob.objects.filter(task_name="start_night").count() == 1
    assert shop.get("/runs/999").code == "planning.unknown_run"
