"""Orders that we fulfil, through the API: promised now, refused clearly, and never half taken."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from reorder.domain.customers.models import Customer
from reorder.domain.inventory.models import Allocation
from reorder.domain.orders.models import Order, OrderLine
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product
from tests.factories.placing import stock_up

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
MEI = {
    "name": "林美玲",
    "phone": "0912345678",
    "country": "TW",
    "postcode": "110",
    "region": "臺北市",
    "city": "信義區",
    "line1": "松仁路 1 號",
}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())


@pytest.fixture
def shop() -> Caller:
    """Ten of Oolong and two of Matcha in Keelung."""
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=2)
    return call_as()


def ours(**facts: Any) -> dict[str, Any]:
    order = {
        "external_id": "T-1",
        "ordered_at": "2026-11-27T11:30:00+08:00",
        "currency": "TWD",
        "customer": {"key": "mei", "email": "mei@example.org", "name": "林美玲"},
        "ship_to": MEI,
        "lines": [{"sku": "OOLONG-150", "units": 2, "unit_price": 450, "line_id": "a"}],
    }
    return order | facts


def nothing_is_there() -> bool:
    return not (Order.objects.exists() or Allocation.objects.exists() or Customer.objects.exists())


def test_an_order_is_promised_and_answered_whole(shop: Caller) -> None:
    totals = {"shipping": 60, "tax_included": "45.71", "total": 960}
    answer = shop.post("/orders", ours(totals=totals, shipping_method="home"))

    assert answer.status == 201, answer.body
    order = answer.body["order"]
    sent = order.pop("fulfilments")
    assert answer.headers["Location"] == f"/api/v1/orders/{order['id']}"
    assert {name: order[name] for name in ("fulfilment", "state", "hold_reasons", "payment_state")} == {
        "fulfilment": "reorder",
        "state": "allocated",
        "hold_reasons": [],
        "payment_state": "paid",
    }
    assert order["totals"] == {
        "goods": "900",
        "discount": "0",
        "shipping": "60",
        "tax_added": "0",
        "tax_included": "45.71",
        "total": "960",
        "paid": "960",
        "refunded": "0",
    }
    assert order["ship_to"] == MEI | {"company": "", "line2": "", "store_code": "", "note": ""}
    assert (order["shipping_method"], order["postcode"], order["not_before"]) == ("home", "110", None)
    assert [(one["place"], one["state"], one["tracking_number"]) for one in sent] == [("KEELUNG", "allocated", "")]
    assert sent[0]["lines"] == [{"line_id": "a", "sku": "OOLONG-150", "units": "2"}]
    assert shop.get(f"/orders/{order['id']}").body == order | {"fulfilments": sent}
    assert int(Allocation.objects.get().units) == 2


def test_the_same_order_again_is_unchanged_and_other_content_is_a_conflict(shop: Caller) -> None:
    first = shop.post("/orders", ours()).body["order"]

    again = shop.post("/orders", ours())
    assert (again.status, again.body["outcome"], again.body["order"]["id"]) == (200, "unchanged", first["id"])

    other = shop.post("/orders", ours(lines=[{"sku": "OOLONG-150", "units": 3, "unit_price": 450}]))
    assert (other.status, other.code) == (409, "fulfil.content_differs")
    history = {name: value for name, value in ours().items() if name != "ship_to"} | {"fulfilment": "elsewhere"}
    assert shop.post("/orders", history).body["outcome"] == "unchanged"
    assert OrderLine.objects.get().units == 2


def test_goods_that_are_short_are_named_and_nothing_is_taken(shop: Caller) -> None:
    order = ours(lines=[{"sku": sku, "units": 3, "unit_price": 450} for sku in ("OOLONG-150", "MATCHA-30")])

    answer = shop.post("/orders", order)

    assert (answer.status, answer.code) == (409, "fulfil.goods_short")
    assert answer.body["detail"].endswith("MATCHA-30.")
    assert not Order.objects.exists()
    assert not Allocation.objects.exists()


def test_an_order_may_wait_for_goods_money_and_its_day(shop: Caller) -> None:
    order = ours(
        lines=[{"sku": "MATCHA-30", "units": 3, "unit_price": 450}],
        if_short="wait",
        payment="unpaid",
        not_before="2026-12-24",
    )
    answer = shop.post("/orders", order).body["order"]
    assert (answer["state"], answer["hold_reasons"]) == (
        "placed",
        ["awaiting_payment", "out_of_stock", "requested_date"],
    )
    assert [one["state"] for one in answer["fulfilments"]] == ["waiting"]
    assert answer["totals"]["paid"] == "0"


def test_a_discount_of_the_order_is_spread_over_its_lines_to_the_last_cent(shop: Caller) -> None:
    lines = [
        {"sku": "OOLONG-150", "units": 1, "unit_price": "100.01"},
        {"sku": "MATCHA-30", "units": 2, "unit_price": 50},
    ]
    answer = shop.post("/orders", ours(lines=lines, totals={"discount": "10.01", "total": "190"}))
    assert answer.status == 201, answer.body
    assert [line["discount"] for line in answer.body["order"]["lines"]] == ["5.01", "5"]
    assert answer.body["order"]["totals"]["discount"] == "10.01"


def test_totals_that_do_not_add_up_are_refused_with_the_sum(shop: Caller) -> None:
    answer = shop.post("/orders", ours(totals={"shipping": 60, "total": "960.01"}))
    assert (answer.status, answer.code) == (422, "fulfil.totals_differ")
    assert "960.01 is not goods 900 − discount 0 + shipping 60 + tax 0" in answer.body["detail"]
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"lines": [{"sku": "OOLONG-150", "units": "1.5", "unit_price": 1}]}, "fulfil.units_not_whole"),
        ({"currency": "USD"}, "fulfil.wrong_currency"),
        ({"ordered_at": "2026-10-20T00:00:00Z"}, "fulfil.too_old"),
        ({"ordered_at": "2026-11-30T00:00:00Z"}, "order_intake.in_future"),
        ({"lines": [{"sku": "SENCHA", "units": 1, "unit_price": 1}]}, "order_intake.unknown_products"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 1, "line_id": "x"}] * 2}, "order_intake.line_repeated"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_meant_is_refused_whole(shop: Caller, facts: dict[str, Any], code: str) -> None:
    answer = shop.post("/orders", ours(**facts))
    assert (answer.status, answer.code) == (422, code)
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"lines": [{"sku": "OOLONG-150", "units": 0, "unit_price": 1}]}, "body.lines.0.units", "greater_than"),
        ({"lines": [{"sku": "OOLONG-150", "units": -1, "unit_price": 1}]}, "body.lines.0.units", "greater_than"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 1e30}]}, "body.lines.0.unit_price", "less_than_equal"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 1}] * 5000}, "body.lines", "too_long"),
        ({"lines": []}, "body.lines", "too_short"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1}]}, "body", "price_missing"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": "1.001"}]}, "body", "amount_too_fine"),
        ({"lines": [{"sku": "OOLONG-150", "units": 10**9, "unit_price": 10**12}]}, "body", "sum_too_large"),
        ({"lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 1, "discount": 2}]}, "body", "discount_above_line"),
        ({"totals": {"discount": 901, "total": 0}}, "body", "discounts_differ"),
        ({"totals": {"tax_included": 901, "total": 900}}, "body", "tax_above_total"),
        ({"totals": {"total": "1e30"}}, "body.totals.total", "decimal_parsing"),
        ({"currency": "XXQ"}, "body.currency", "currency_unknown"),
        ({"ship_to": {"country": "TW"}}, "body.ship_to.name", "missing"),
        ({"ship_to": MEI | {"line1": "a\x00b"}}, "body.ship_to.line1", "string_pattern_mismatch"),
        ({"ship_to": MEI | {"country": "taiwan"}}, "body.ship_to.country", "string_pattern_mismatch"),
        ({"postcode": "110"}, "body", "only_elsewhere"),
        ({"fulfilment": "elsewhere"}, "body", "only_reorder"),
        ({"fulfilment": "somewhere"}, "body.fulfilment", "literal_error"),
        ({"not_before": "tomorrow"}, "body.not_before", "date_parsing"),
        ({"not_before": "9999-12-31"}, "body", "not_before_too_late"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_taken_is_named(shop: Caller, facts: dict[str, Any], field: str, code: str) -> None:
    answer = shop.post("/orders", ours(**facts))
    assert (answer.status, answer.code) == (422, "api.invalid")
    assert (field, code) in [(fault["field"], fault["code"]) for fault in answer.body["errors"]]
    assert "This cannot be taken here" not in str(answer.body)
    assert nothing_is_there()


@pytest.mark.parametrize(
    "text",
    [
        "松仁路 1 號 🍵👩‍🚀",
        "שדרות רוטשילד \u200f12",
        "'); DROP TABLE orders_order; --",
        "<script>alert(1)</script>{{ 7*7 }}%s%(x)s",
        "Zürichstraße № 5 ½",
        "a\u202eb\u200dc\ufeff.",
    ],
)
def test_any_script_is_kept_as_it_was_given(shop: Caller, text: str) -> None:
    address = dict.fromkeys(("name", "company", "region", "city", "line1", "line2", "note"), text)
    order = ours(
        external_id=text,
        ship_to=address | {"country": "DE", "phone": text[:40], "postcode": text[:20], "store_code": text[:60]},
        customer={"key": text, "name": text},
        shipping_method=text,
        channel=text,
    )
    answer = shop.post("/orders", order)
    assert answer.status == 201, answer.body
    kept = answer.body["order"]
    assert (kept["external_id"], kept["channel"], kept["shipping_method"]) == (text, text, text)
    assert {kept["ship_to"][name] for name in address} == {text}


def test_a_batch_takes_each_order_whole_or_not_at_all_whoever_fulfils_it(shop: Caller) -> None:
    history = {"fulfilment": "elsewhere", "ordered_at": "2020-01-01T00:00:00Z"}
    plain = {name: value for name, value in ours().items() if name != "ship_to"}
    batch = [
        ours(external_id="A"),
        plain | history | {"external_id": "B"},
        ours(external_id="C", lines=[{"sku": "MATCHA-30", "units": 9, "unit_price": 1}]),
        plain | history | {"external_id": "A"},
        ours(external_id="D", ordered_at="2020-01-01T00:00:00Z"),
        ours(external_id="E", lines=[{"sku": "OOLONG-150", "units": 9, "unit_price": 1}]),
    ]

    answer = shop.post("/orders/batch", {"channel": "tea.example", "orders": batch})

    assert answer.status == 200, answer.body
    assert [(one["external_id"], one["outcome"], one["state"], one["code"]) for one in answer.body["orders"]] == [
        ("A", "added", "allocated", None),
        ("B", "added", None, None),
        ("C", "refused", None, "fulfil.goods_short"),
        ("A", "refused", None, "order_intake.repeated"),
        ("D", "refused", None, "fulfil.too_old"),
        ("E", "refused", None, "fulfil.goods_short"),
    ]
    assert "with fulfilment elsewhere" in answer.body["orders"][4]["detail"]
    assert (answer.body["added"], answer.body["refused"]) == (2, 4)
    assert int(Allocation.objects.get().units) == 2


def test_orders_are_found_by_state_payment_and_what_they_wait_for(shop: Caller) -> None:
    make_product(sku="SENCHA")
    shop.post("/orders", ours(external_id="ready"))
    shop.post("/orders", ours(external_id="unpaid", payment="unpaid"))
    shop.post(
        "/orders", ours(external_id="short", if_short="wait", lines=[{"sku": "SENCHA", "units": 1, "unit_price": 5}])
    )
    plain = {name: value for name, value in ours().items() if name != "ship_to"}
    shop.post("/orders", plain | {"external_id": "past", "fulfilment": "elsewhere"})

    def found(**query: str) -> list[str]:
        return sorted(one["external_id"] for one in shop.get("/orders", **query).body["items"])

    assert found(fulfilment="elsewhere") == ["past"]
    assert found(state="allocated") == ["ready", "unpaid"]
    assert found(state="placed") == ["past", "short"]
    assert found(state="placed", fulfilment="reorder") == ["short"]
    assert found(hold_reason="out_of_stock") == ["short"]
    assert found(payment_state="unpaid") == ["unpaid"]
    assert shop.get("/orders", state="lost").code == "api.invalid"


def test_another_system_follows_what_changes_and_passes_nothing_over(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(seconds: int) -> None:
        monkeypatch.setenv("REORDER_CLOCK", (NOON + dt.timedelta(seconds=seconds)).isoformat())

    for external_id in ("A", "B"):
        shop.post("/orders", ours(external_id=external_id))
    later(31)

    first = shop.get("/orders/changes", limit=2).body
    assert ([one["external_id"] for one in first["items"]], first["has_more"]) == (["A"], True)
    second = shop.get("/orders/changes", cursor=first["next_cursor"]).body
    assert ([one["external_id"] for one in second["items"]], second["has_more"]) == (["B"], False)
    third = shop.get("/orders/changes", cursor=second["next_cursor"]).body
    assert (third["items"], third["next_cursor"]) == ([], second["next_cursor"])

    # Somebody was given the number of an event and has not committed it: what comes after waits for it, for a while.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('orders_orderevent', 'id'))")
    shop.post("/orders", ours(external_id="C"))
    later(50)
    assert shop.get("/orders/changes", cursor=second["next_cursor"]).body["items"] == []
    later(62)
    fourth = shop.get("/orders/changes", cursor=second["next_cursor"]).body
    assert [one["external_id"] for one in fourth["items"]] == ["C"]
