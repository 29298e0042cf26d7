"""Bins by the API: what stands where, page by page, of the token's places only."""

from decimal import Decimal

import pytest

from reorder.domain.warehouse.putting_away import PutAway, put_away
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place
from tests.factories.shelves import arrive, make_hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> None:
    make_place()
    make_hall()
    make_place(code="TAINAN", name="Tainan")
    make_hall(place="TAINAN", first_aisle="T")
    oolong = make_product()
    arrive(product_id=oolong.pk, units=5, lot="L1")
    put_away(
        put=PutAway(
            key="put", place_code=KEELUNG, product_id=oolong.pk, units=Decimal(5), bin_code="A-01-1", actor="Mei",
            happened_at=MORNING, lot="L1",
        )
    )  # fmt: skip


def test_a_bin_tells_what_stands_in_it(floor: None) -> None:
    answer = call_as(scopes=["stock:read"]).get("/bins/A-01-1")
    assert answer.status == 200
    assert (answer.body["place"], answer.body["purpose"], answer.body["temperature"]) == (KEELUNG, "pick", "ambient")
    assert answer.body["contents"] == [
        {"sku": "OOLONG-150", "owner": "self", "lot": "L1", "expires": None, "units": "5"}
    ]


def test_bins_come_page_by_page_each_once(floor: None) -> None:
    caller = call_as(scopes=["stock:read"])
    codes, cursor = [], ""
    while True:
        page = caller.get(f"/bins?limit=20{cursor}").body
        codes += [one["code"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert codes == sorted(codes)
    assert len(codes) == len(set(codes)) == 48


def test_bins_with_goods_and_those_of_a_zone_are_found(floor: None) -> None:
    caller = call_as(scopes=["stock:read"])
    assert [one["code"] for one in caller.get("/bins?holding=goods").body["items"]] == ["A-01-1"]
    bulk = caller.get("/bins?zone=BULK&place=TAINAN").body["items"]
    assert {one["purpose"] for one in bulk} == {"bulk"}
    assert len(bulk) == 8
    assert len(caller.get("/bins?holding=nothing&place=KEELUNG").body["items"]) == 23


def test_a_token_of_another_place_sees_no_bin_of_this_one(floor: None) -> None:
    caller: Caller = call_as(scopes=["stock:read"], places=["TAINAN"])
    assert {one["place"] for one in caller.get("/bins").body["items"]} == {"TAINAN"}
    assert caller.get("/bins/A-01-1").status == 404
    assert caller.get("/bins?place=KEELUNG").status == 404
    assert caller.get("/bins/NOWHERE").code == "warehouse.unknown_bin"
