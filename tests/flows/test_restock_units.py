"""Bought by the case: prices add up exactly, offers follow their unit, the ledger counts selling units."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.catalog.errors import BadUnit
from reorder.domain.catalog.units import NewUnit, list_units, units_fingerprint
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import BadOffer
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrderLine
from reorder.domain.purchasing.rules import NewOffer, line_cost
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place
from tests.factories.purchasing import BUYER, MONDAY_MORNING, make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db

BY_THE_CASE = NewOffer(
    supplier_code="ALISHAN",
    sku="OOLONG-150",
    unit_cost_minor=0,
    order_unit="case",
    order_unit_units=Decimal(12),
    order_unit_cost_minor=1_000_00,
)


@pytest.fixture(autouse=True)
def shop(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    make_place()
    make_supplier()
    make_product()


def test_an_offer_by_the_case_adds_the_unit_to_the_product_and_packs_whole_cases() -> None:
    row = operations.create_offer(offer=BY_THE_CASE, created_by="Mei")
    assert (row.order_unit, row.order_unit_units, row.pack_units) == ("case", 12, 12)
    assert row.unit_cost_minor == 83_33
    assert [(unit.code, unit.units) for unit in list_units(sku="OOLONG-150")] == [("case", 12)]


def test_five_cases_cost_five_times_the_price_of_a_case() -> None:
    operations.create_offer(offer=BY_THE_CASE, created_by="Mei")
    (proposal_id,) = propose(("OOLONG-150", 60))
    (row,) = queries.get_open_proposals(ids=[proposal_id])
    assert (row.order_unit, row.order_unit_units, row.cost_minor) == ("case", 12, 5_000_00)
    assert Proposal.objects.get().cost_minor == 5_000_00

    (order,) = restock.approve(proposal_ids=[proposal_id], decided_by=BUYER, moment=MONDAY_MORNING)

    assert (order.cost_minor, order.lines[0].ordered_units, order.lines[0].order_unit) == (5_000_00, 60, "case")
    assert PurchaseOrderLine.objects.get().cost_minor == 5_000_00
    assert incoming_at(sku="OOLONG-150") == 60


@pytest.mark.parametrize(
    ("units", "cost"), [("60", 5_000_00), ("1", 83_33), ("6", 500_00), ("0.5", 41_67), ("1000000", 83_333_333_33)]
)
def test_a_line_is_rounded_once_the_same_here_and_in_the_database(units: str, cost: int) -> None:
    operations.create_offer(offer=BY_THE_CASE, created_by="Mei")
    propose(("OOLONG-150", float(units)))
    priced = {"unit_cost_minor": 83_33, "order_unit_units": Decimal(12), "order_unit_cost_minor": 1_000_00}
    assert line_cost(units=Decimal(units), **priced) == cost  # type: ignore[arg-type]
    assert Proposal.objects.get().cost_minor == cost


def test_offers_follow_the_size_of_their_unit_and_keep_the_price_of_a_case() -> None:
    operations.create_offer(offer=replace(BY_THE_CASE, pack_units=Decimal(24)), created_by="Mei")
    restock.save_product_units(
        sku="OOLONG-150", units=[NewUnit(code="case", contains_count=Decimal(10))], saved_by="Mei"
    )
    offer = Offer.objects.get()
    assert (offer.order_unit_units, offer.pack_units, offer.order_unit_cost_minor) == (10, 20, 1_000_00)
    assert offer.unit_cost_minor == 100_00


def test_a_unit_that_an_offer_is_bought_in_cannot_go() -> None:
    operations.create_offer(offer=BY_THE_CASE, created_by="Mei")
    with pytest.raises(BadOffer, match="bought by the case"):
        restock.save_product_units(sku="OOLONG-150", units=[], saved_by="Mei")
    assert len(list_units(sku="OOLONG-150")) == 1
    assert units_fingerprint(rows=list_units(sku="OOLONG-150")) != units_fingerprint(rows=[])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"order_unit_units": Decimal(0)}, "more than zero"),
        ({"order_unit_units": Decimal(-12)}, "more than zero"),
        ({"order_unit_units": Decimal("1e9")}, "at most 1,000,000"),
        ({"order_unit_units": Decimal("0.0001")}, "three decimals"),
        ({"order_unit_cost_minor": -1}, "must not be negative"),
        ({"order_unit_cost_minor": 10**15}, "larger than any can be"),
        ({"pack_units": Decimal(0)}, "the pack must be above zero"),
    ],
)
def test_bad_order_units_are_refused_with_the_reason(change: dict[str, object], fault: str) -> None:
    with pytest.raises((BadOffer, BadUnit), match=fault):
        operations.create_offer(offer=replace(BY_THE_CASE, **change), created_by="Mei")  # type: ignore[arg-type]
    assert Offer.objects.count() == 0


def test_a_case_of_another_size_than_the_products_is_refused() -> None:
    operations.create_offer(offer=BY_THE_CASE, created_by="Mei")
    make_supplier(code="UJI", name="Uji")
    other = replace(BY_THE_CASE, supplier_code="UJI", order_unit_units=Decimal(24))
    with pytest.raises(BadOffer, match="a case of it holds 12 units"):
        operations.create_offer(offer=other, created_by="Mei")


def test_the_selling_unit_by_its_name_is_no_order_unit() -> None:
    row = operations.create_offer(
        offer=replace(BY_THE_CASE, order_unit="each", order_unit_units=Decimal(1), order_unit_cost_minor=None),
        created_by="Mei",
    )
    assert (row.order_unit, row.order_unit_units, row.pack_units) == ("", 1, 1)


def test_an_edit_of_a_thousand_million_units_is_answered() -> None:
    make_offer(unit_cost_minor=10**10)
    (proposal_id,) = propose(("OOLONG-150", 6))
    (row,) = queries.get_open_proposals(ids=[proposal_id])
    edit = operations.ProposalEdit(
        proposal_id=proposal_id,
        seen_edits=0,
        units=Decimal(10**9),
        supplier_code="ALISHAN",
        order_by_date=row.order_by_date,
    )
    with pytest.raises(operations.deciding.BadProposalEdit, match="more than any order can"):
        restock.edit_proposal(edit=edit, decided_by=BUYER, moment=MONDAY_MORNING)
