"""Cartons and packing by the API: kept, refused with a reason, limited to the places of a token."""

import pytest

from tests.factories.api import Caller, call_as
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.packing import goods, lay_cartons, picked

pytestmark = pytest.mark.django_db
BOX = {"name": "Box 25 × 20 × 12", "length_mm": 250, "width_mm": 200, "height_mm": 120}


@pytest.fixture
def shop() -> Caller:
    return call_as(scopes=["orders:read", "stock:write"])


def test_a_carton_is_made_changed_and_forgotten(shop: Caller) -> None:
    made = shop.put("/cartons/BOX-25", BOX)
    changed = shop.put("/cartons/BOX-25", BOX | {"max_grams": 8_000, "cost_minor": 1_100})

    assert (made.status, made.body["outer_length_mm"], made.body["temperature_classes"]) == (201, 256, ["ambient"])
    assert (changed.status, changed.body["max_grams"], changed.body["cost_minor"]) == (200, 8_000, 1_100)
    assert [one["code"] for one in shop.get("/cartons").body["items"]] == ["BOX-25"]
    assert shop.send("DELETE", "/cartons/BOX-25").status == 200
    assert shop.get("/cartons/BOX-25").status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"length_mm": 0},
        {"height_mm": 6_000},
        {"outer_length_mm": 100},
        {"own_grams": -1},
        {"temperature_classes": []},
        {"temperature_classes": ["hot"]},
        {"material": "gold"},
        {"place": "NOWHERE"},
        {"colour": "brown"},
    ],
)
def test_a_carton_that_cannot_be_is_refused(shop: Caller, wrong: dict[str, object]) -> None:
    answered = shop.put("/cartons/BOX-25", BOX | wrong)

    assert answered.status == 422
    assert shop.get("/cartons").body["items"] == []


def test_a_token_of_one_place_changes_cartons_of_that_place_only() -> None:
    make_place()
    here = call_as(scopes=["orders:read", "stock:write"], places=[KEELUNG])

    assert here.put("/cartons/ALL", BOX).status == 404
    assert here.put("/cartons/HERE", BOX | {"place": KEELUNG}).status == 201


def test_the_parcels_of_a_fulfilment_say_where_everything_lies(shop: Caller) -> None:
    lay_cartons()
    goods("OOLONG-150", 100, 100, 90)
    shipment = picked(("OOLONG-150", 2))

    (parcel,) = shop.get(f"/fulfilments/{shipment}/packing").body["parcels"]

    assert (parcel["carton"], parcel["number"], parcel["is_packed"], parcel["grams"]) == ("S", None, False, 740)
    assert parcel["contents"][0] | {"order_line_id": 0} == {
        "order_line_id": 0, "sku": "OOLONG-150", "lot": "", "units": "2"
    }  # fmt: skip
    assert [(one["x_mm"], one["y_mm"], one["z_mm"]) for one in parcel["placements"]] == [(0, 0, 0), (100, 0, 0)]
