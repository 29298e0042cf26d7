"""The second person and units of measure through the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.catalog.units import list_units
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.models import Offer, Proposal
from reorder.domain.purchasing.operations import NewBuyingPolicy
from reorder.domain.purchasing.queries import get_buying_policy
from reorder.domain.staff.operations import make_token
from reorder.kernel import clock
from tests.factories.api import Caller
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place
from tests.factories.purchasing import make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_monday(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00+00:00")
    settings.HOME = tmp_path
    return


def caller(*, made_by: str = "chen") -> Caller:
    secret = make_token(
        name=made_by,
        scopes=["proposals:write", "products:write"],
        created_by=made_by,
        moment=clock.current_moment(),
    )
    return Caller(secret=secret)


def waiting() -> str:
    make_place()
    make_supplier()
    make_product()
    make_offer()
    operations.set_buying_policy(
        policy=NewBuyingPolicy(approval_limit_minor=1_000_00, is_automatic_stopped=False, usual_ratio=3.0),
        seen=get_buying_policy().fingerprint,
        decided_by="owner",
    )
    answer = caller(made_by="mei").send("POST", "/proposals/approve", body={"ids": propose(("OOLONG-150", 12))})
    (order,) = answer.body["purchase_orders"]
    assert (order["state"], order["second_by"], order["requested_at"]) == (
        "awaiting_approval", "", "2026-11-23T01:30:00Z",
    )  # fmt: skip
    return str(order["number"])


def test_an_order_above_the_limit_waits_and_another_lets_it_out() -> None:
    number = waiting()
    assert incoming_at(sku="OOLONG-150") == 0
    answer = caller().send("POST", f"/purchase-orders/{number}/release", body={})
    assert answer.status == 200
    assert (answer.body["state"], answer.body["second_by"]) == ("placed", "token:chen")
    assert incoming_at(sku="OOLONG-150") == 12
    again = caller().send("POST", f"/purchase-orders/{number}/refuse", body={})
    assert (again.status, again.code) == (409, "purchasing.order_not_waiting")


def test_the_token_that_asked_cannot_agree_and_a_refusal_opens_the_proposals() -> None:
    number = waiting()
    own = caller(made_by="mei").send("POST", f"/purchase-orders/{number}/release", body={})
    assert (own.status, own.code) == (409, "purchasing.own_order")
    answer = caller().send("POST", f"/purchase-orders/{number}/refuse", body={"reason": "too dear"})
    assert (answer.status, answer.body["state"]) == (200, "refused")
    assert Proposal.objects.get().state == "open"
    unknown = caller().send("POST", "/purchase-orders/PO-1/release", body={})
    assert unknown.status == 404


def test_units_of_measure_are_put_as_a_whole_and_circles_are_named() -> None:
    make_product()
    units = [{"code": "pallet", "contains": "40", "of": "case"}, {"code": "case", "contains": 12}]
    answer = caller().send("PUT", "/product-units", body={"sku": "OOLONG-150", "units": units})
    assert answer.status == 200
    assert answer.body["units"] == [
        {"code": "case", "contains": "12", "of": None, "units": "12"},
        {"code": "pallet", "contains": "40", "of": "case", "units": "480"},
    ]
    assert caller().get("/product-units", sku="OOLONG-150").body["units"] == answer.body["units"]
    circle = [{"code": "case", "contains": 2, "of": "inner"}, {"code": "inner", "contains": 3, "of": "case"}]
    refused = caller().send("PUT", "/product-units", body={"sku": "OOLONG-150", "units": circle})
    assert (refused.status, refused.code) == (422, "catalog.circular_units")
    assert "case → inner → case" in str(refused.body)
    assert len(list_units(sku="OOLONG-150")) == 2
    assert caller().get("/product-units", sku="NO-SUCH").status == 404
    assert caller().send("PUT", "/product-units", body={"sku": "NO-SUCH", "units": []}).status == 404


@pytest.mark.parametrize("contains", [0, -1, "1e3", "1000000000", "0.0001", "NaN", True])
def test_a_unit_of_nothing_or_of_too_much_is_answered(contains: object) -> None:
    make_product()
    units = [{"code": "case", "contains": contains}]
    answer = caller().send("PUT", "/product-units", body={"sku": "OOLONG-150", "units": units})
    assert answer.status == 422
    assert list_units(sku="OOLONG-150") == []


def test_proposals_and_orders_tell_the_unit_they_are_bought_by() -> None:
    make_place()
    make_supplier()
    make_product()
    make_offer()
    Offer.objects.update(order_unit="case", order_unit_units=12, order_unit_cost_minor=1_000_00, unit_cost_minor=83_33)
    ids = propose(("OOLONG-150", 60))
    (proposal,) = caller().send("GET", "/proposals").body["items"]
    assert (proposal["order_unit"], proposal["order_unit_units"], proposal["cost"]) == ("case", "12", "5000")
    answer = caller().send("POST", "/proposals/approve", body={"ids": ids})
    (order,) = answer.body["purchase_orders"]
    assert (order["cost"], order["lines"][0]["order_unit"]) == ("5000", "case")
