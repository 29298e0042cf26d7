"""Products and stock through the API."""

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.models import Move
from reorder.domain.inventory.operations import record_moves
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.planning.models import DirtyMark
from reorder.domain.staff.models import AuditEntry
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening, shipment, stock_at

pytestmark = pytest.mark.django_db


def test_a_product_is_made_and_then_changed_in_what_is_given() -> None:
    shop = call_as()
    made = shop.put(
        "/products/OOLONG/150 g",
        {"name": "Oolong", "category": "tea", "currency": "TWD", "price": "450", "barcodes": ["4710000000017", "X1"]},
    )
    assert (made.status, made.body["outcome"]) == (201, "added"), made.body
    assert made.body["product"]["sku"] == "OOLONG/150 g"
    assert (made.body["product"]["price"], made.body["product"]["category"]) == ("450", "tea")

    changed = shop.put("/products/OOLONG/150 g", {"unit_cost": 199.5, "currency": "TWD", "barcodes": ["X1"]})
    assert (changed.status, changed.body["outcome"]) == (200, "updated")
    shown = shop.get("/products/OOLONG/150 g").body
    assert (shown["price"], shown["unit_cost"], shown["name"], shown["barcodes"]) == ("450", "199.5", "Oolong", ["X1"])

    again = shop.put("/products/OOLONG/150 g", {"unit_cost": "199.50", "currency": "TWD", "barcodes": ["X1"]})
    assert again.body["outcome"] == "unchanged"
    entries = AuditEntry.objects.filter(action="catalog.save_product").order_by("pk")
    assert [entry.details["changed"] for entry in entries] == [
        ["barcodes", "category_id", "price_minor"],
        ["barcodes", "unit_cost_minor"],
    ]


def test_amounts_change_together_with_their_currency() -> None:
    make_product()
    shop = call_as()
    answer = shop.put("/products/OOLONG-150", {"currency": "JPY", "price": 2000})
    assert (answer.body["product"]["price"], answer.body["product"]["unit_cost"]) == ("2000", None)
    assert Product.objects.get().price_minor == 2000
    assert (
        shop.put("/products/OOLONG-150", {"price": 3}).body["errors"][0]["message"] == "An amount needs its currency."
    )
    assert shop.put("/products/NEW", {"name": "New"}).code == "catalog.currency_needed"


def test_products_are_listed_by_sku_and_category() -> None:
    shop = call_as()
    for number in range(5):
        shop.put(f"/products/P{number}", {"currency": "TWD", "category": "tea" if number % 2 else "pots"})
    first = shop.get("/products", limit=2).body
    second = shop.get("/products", limit=2, cursor=first["next_cursor"]).body
    assert [p["sku"] for p in first["items"] + second["items"]] == ["P0", "P1", "P2", "P3"]
    assert [p["sku"] for p in shop.get("/products", category="tea").body["items"]] == ["P1", "P3"]


def test_a_correction_is_a_move_with_its_reason_and_marks_the_position() -> None:
    make_place()
    oolong = make_product()
    record_moves(moves=[opening(product_id=oolong.pk, units=10)])
    shop = call_as(scopes=["stock:write"])
    body = {
        "reason": "damaged",
        "note": "water in aisle 3",
        "lines": [{"sku": "OOLONG-150", "place": "KEELUNG", "change_units": "-2.5"}],
    }

    answer = shop.post("/stock/adjustments", body, key="broken-1")

    assert answer.status == 200, answer.body
    assert answer.body["levels"][0]["on_hand"] == "7.5"
    move = Move.objects.get(kind="adjust")
    assert (move.units, move.cause_kind, move.cause_key) == (
        pytest.approx(2.5),
        "adjustment",
        "damaged: water in aisle 3",
    )
    assert DirtyMark.objects.get(kind="position").subject_key == "OOLONG-150|KEELUNG"
    assert AuditEntry.objects.get(action="inventory.adjust").actor == "token:shop"

    too_much = shop.post(
        "/stock/adjustments",
        {"reason": "lost", "lines": [{"sku": "OOLONG-150", "place": "KEELUNG", "change_units": -100}]},
    )
    assert (too_much.status, too_much.code) == (409, "inventory.not_enough_stock")
    assert stock_at(sku="OOLONG-150") == pytest.approx(7.5)
    assert compare_ledger_with_levels() == []


def test_a_count_brings_the_level_to_what_was_counted() -> None:
    make_place()
    make_product()
    shop = call_as()
    lines = [{"sku": "OOLONG-150", "place": "KEELUNG", "units": 12, "lot": "L1", "expires": "2027-01-31"}]
    first = shop.post("/stock/counts", {"lines": lines})
    assert first.body["levels"] == [
        {
            "sku": "OOLONG-150",
            "place": "KEELUNG",
            "on_hand": "12",
            "allocated": "0",
            "held": "0",
            "available": "12",
            "incoming": "0",
            "lots": [{"lot": "L1", "on_hand": "12"}],
        }
    ]
    assert shop.post("/stock/counts", {"lines": lines}).body["moves"] == 0
    twice = shop.post("/stock/counts", {"lines": [*lines, {"sku": "OOLONG-150", "place": "KEELUNG", "units": 3}]})
    assert twice.code == "stock_changes.repeated"
    assert compare_ledger_with_levels() == []


def test_a_token_of_one_place_neither_sees_nor_changes_another() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    oolong = make_product()
    record_moves(
        moves=[opening(product_id=oolong.pk, units=5), opening(product_id=oolong.pk, units=7, place="KAOHSIUNG")]
    )
    keelung = call_as(places=["KEELUNG"])

    assert [line["place"] for line in keelung.get("/stock").body["items"]] == ["KEELUNG"]
    assert keelung.get("/stock", place="KAOHSIUNG").body["items"] == []
    line = {"sku": "OOLONG-150", "place": "KAOHSIUNG"}
    refused = keelung.post("/stock/counts", {"lines": [line | {"units": 1}]})
    assert (refused.status, refused.code) == (422, "stock_changes.unknown_places")
    refused = keelung.post("/stock/adjustments", {"reason": "found", "lines": [line | {"change_units": 1}]})
    assert (refused.status, refused.code) == (422, "stock_changes.unknown_places")
    assert stock_at(sku="OOLONG-150", place="KAOHSIUNG") == 7


def test_stock_is_listed_by_sku_and_place() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    teas = [make_product(sku=f"TEA-{number}") for number in range(3)]
    record_moves(moves=[opening(product_id=t.pk, units=3, place=p) for t in teas for p in ("KEELUNG", "KAOHSIUNG")])
    shop = call_as()
    seen, cursor = [], None
    for _ in range(3):
        page = shop.get("/stock", limit=2, **({"cursor": cursor} if cursor else {})).body
        seen += [(line["sku"], line["place"]) for line in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [(f"TEA-{number}", place) for number in range(3) for place in ("KAOHSIUNG", "KEELUNG")]
    assert cursor is None


def test_every_move_of_a_product_at_a_place_is_told_with_its_cause_and_what_stood_there_after_it() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    oolong = make_product(sku="OOLONG/150 g")
    record_moves(
        moves=[opening(product_id=oolong.pk, units=10), opening(product_id=oolong.pk, units=7, place="KAOHSIUNG")]
    )
    record_moves(moves=[shipment(product_id=oolong.pk, units=3, key="A-1")])
    record_moves(moves=[shipment(product_id=oolong.pk, units="2.5", key="A-2")])
    shop = call_as(scopes=["stock:read"])

    first = shop.get("/stock/OOLONG/150 g/moves", place="KEELUNG", limit=2).body
    second = shop.get("/stock/OOLONG/150 g/moves", place="KEELUNG", limit=2, cursor=first["next_cursor"]).body

    assert first["items"][0] == {
        "id": first["items"][0]["id"],
        "kind": "ship",
        "units": "2.5",
        "lot": "",
        "expires": None,
        "from_location": "stock:KEELUNG",
        "to_location": "customer",
        "cause": "order",
        "cause_key": "A-2",
        "happened_at": "2026-11-20T01:00:00Z",
        "on_hand_change": "-2.5",
        "allocated_change": "0",
        "on_hand_after": "4.5",
        "allocated_after": "0",
        "is_taken_back": False,
    }
    told = [(move["cause_key"], move["on_hand_after"]) for move in first["items"] + second["items"]]
    assert told == [("A-2", "4.5"), ("A-1", "7"), ("opening", "10")]
    assert second["next_cursor"] is None


def test_moves_of_what_a_token_may_not_see_are_not_there_and_a_cursor_belongs_to_one_history() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    oolong = make_product()
    record_moves(moves=[opening(product_id=oolong.pk, units=5, place="KAOHSIUNG")])
    record_moves(moves=[opening(product_id=oolong.pk, units=5), shipment(product_id=oolong.pk, units=1, key="A-1")])
    keelung = call_as(scopes=["stock:read"], places=["KEELUNG"])

    cursor = keelung.get("/stock/OOLONG-150/moves", place="KEELUNG", limit=1).body["next_cursor"]

    answers = [
        keelung.get("/stock/OOLONG-150/moves", place="KAOHSIUNG"),
        keelung.get("/stock/OOLONG-150/moves", place="NOWHERE"),
        keelung.get("/stock/NOTHING/moves", place="KEELUNG"),
        keelung.get("/stock/OOLONG-150/moves"),
        keelung.get("/stock/OOLONG-150/moves", place="KEELUNG", changes="promises", cursor=cursor),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [
        (404, "inventory.unknown_place"),
        (404, "inventory.unknown_place"),
        (404, "catalog.unknown_product"),
        (422, "api.invalid"),
        (422, "api.bad_cursor"),
    ]
