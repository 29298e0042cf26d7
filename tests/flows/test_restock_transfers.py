"""Transfers: proposed before anything is bought, sent lot by lot, received, dismissed, and refused when goods are gone."""

from decimal import Decimal

import polars as pl
import pytest

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.models import Move
from reorder.domain.planning import operations as planning
from reorder.domain.planning import queries as planning_queries
from reorder.domain.purchasing import transfers
from reorder.domain.purchasing.errors import BadLane, TransferDecided, TransferShort
from reorder.domain.purchasing.queries import list_open_proposals
from reorder.domain.staff.models import AuditEntry
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, incoming_at, make_place, opening, shipment, stock_at
from tests.factories.purchasing import MONDAY, MONDAY_MORNING, make_offer, make_supplier, make_target

# Frames are read on a connection of their own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
TAIPEI = "TAIPEI"


def two_places(*, with_lane: bool = True) -> int:
    """Keelung keeps 60 units in two lots where 30 are wanted, Taipei 4 at a reorder point of 10."""
    make_place()
    make_place(code=TAIPEI, name="Taipei shop")
    make_supplier()
    oolong = make_product()
    make_offer()
    inventory.record_moves(
        moves=[
            opening(product_id=oolong.pk, units=8, lot="OLD"),
            opening(product_id=oolong.pk, units=52, lot="NEW"),
            opening(product_id=oolong.pk, units=4, place=TAIPEI),
        ]
    )
    run_id = make_target(oolong)
    here = planning_queries.frame_targets()
    there = here.with_columns(place=pl.lit(TAIPEI))
    planning.save_targets(run_id=run_id, targets=pl.concat([here, there]))
    if with_lane:
        transfers.set_lane(
            source=KEELUNG, destination=TAIPEI, transfer_cost_minor=100, unit_cost_minor=10, decided_by="Mei"
        )
    return run_id


def test_what_a_neighbour_can_spare_is_not_bought() -> None:
    run_id = two_places()

    restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    [row] = transfers.list_transfers(state=transfers.OPEN)
    assert (row.source, row.destination, row.units) == (KEELUNG, TAIPEI, Decimal(26))
    assert row.reason_code == "stocking.transfer.to_short_place"
    assert list_open_proposals() == []


def test_without_a_lane_it_is_bought() -> None:
    restock.propose_purchases(run_id=two_places(with_lane=False), as_of=MONDAY)

    assert transfers.list_transfers(state=transfers.OPEN) == []
    assert [(row.place_code, row.units) for row in list_open_proposals()] == [(TAIPEI, 26)]


def test_sent_goods_are_on_the_way_until_they_are_received_lot_by_lot() -> None:
    restock.propose_purchases(run_id=two_places(), as_of=MONDAY)
    [row] = transfers.list_transfers(state=transfers.OPEN)

    restock.send_transfers(transfer_ids=[row.id], decided_by="Mei", moment=MONDAY_MORNING)

    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150", place=TAIPEI)) == (34, 26)
    # No lot has a day of expiry here, so they go by name.
    assert list(Move.objects.filter(kind="transfer").values_list("lot", "units")) == [("NEW", 26)]
    with pytest.raises(TransferDecided):
        restock.send_transfers(transfer_ids=[row.id], decided_by="Mei", moment=MONDAY_MORNING)

    restock.receive_transfers(transfer_ids=[row.id], received_by="Chen", moment=MONDAY_MORNING)

    assert (stock_at(sku="OOLONG-150", place=TAIPEI), incoming_at(sku="OOLONG-150", place=TAIPEI)) == (30, 0)
    assert [entry.action for entry in AuditEntry.objects.filter(subject_kind="transfer").order_by("pk")] == [
        "purchasing.send_transfer", "purchasing.receive_transfer"
    ]  # fmt: skip


def test_a_dismissed_transfer_moves_nothing_and_the_goods_are_bought_again() -> None:
    restock.propose_purchases(run_id=two_places(), as_of=MONDAY)
    [row] = transfers.list_transfers(state=transfers.OPEN)

    restock.dismiss_transfers(transfer_ids=[row.id], decided_by="Mei", moment=MONDAY_MORNING)
    restock.propose_for(keys=[("OOLONG-150", TAIPEI)], as_of=MONDAY)

    assert stock_at(sku="OOLONG-150") == 60
    assert [(row.place_code, row.units) for row in list_open_proposals()] == [(TAIPEI, 26)]


def test_goods_that_left_meanwhile_are_not_sent() -> None:
    restock.propose_purchases(run_id=two_places(), as_of=MONDAY)
    [row] = transfers.list_transfers(state=transfers.OPEN)
    inventory.record_moves(moves=[shipment(product_id=row.product_id, units=50, key="big", lot="NEW")])

    with pytest.raises(TransferShort, match="has no longer 26 free units of OOLONG-150 to give: 10 are left"):
        restock.send_transfers(transfer_ids=[row.id], decided_by="Mei", moment=MONDAY_MORNING)

    assert stock_at(sku="OOLONG-150") == 10


def test_a_new_plan_supersedes_the_transfers_of_the_one_before() -> None:
    run_id = two_places()
    restock.propose_purchases(run_id=run_id, as_of=MONDAY)
    restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    assert len(transfers.list_transfers(state=transfers.OPEN)) == 1
    assert len(transfers.list_transfers(state="superseded")) == 1
    assert transfers.list_transfers(state=transfers.OPEN, place_codes=frozenset({TAIPEI})) == []


@pytest.mark.parametrize(
    ("source", "destination", "cost", "reason"),
    [
        (KEELUNG, KEELUNG, 0, "two different places"),
        (KEELUNG, "MARS", 0, "two of your places"),
        (KEELUNG, TAIPEI, -1, "must not be negative"),
    ],
)
def test_a_way_that_cannot_be_is_refused(source: str, destination: str, cost: int, reason: str) -> None:
    make_place()
    make_place(code=TAIPEI, name="Taipei shop")

    with pytest.raises(BadLane, match=reason):
        transfers.set_lane(
            source=source, destination=destination, transfer_cost_minor=cost, unit_cost_minor=0, decided_by="Mei"
        )
