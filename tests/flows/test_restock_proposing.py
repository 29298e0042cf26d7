"""From position and targets to proposals, and how a new plan treats the proposals of the plan before."""

import datetime as dt

import pytest

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.queries import frame_position
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.models import Proposal, Supplier
from reorder.domain.purchasing.queries import (
    frame_constraints,
    frame_lead_times,
    frame_terms,
    list_open_proposals,
)
from reorder.domain.purchasing.weighing import expected_shortage_units
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.purchasing import (
    BUYER,
    MONDAY,
    MONDAY_MORNING,
    make_offer,
    make_supplier,
    make_target,
    proposal_lines,
    propose,
)

# Frames are read on a connection of their own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def stock_oolong(*, units: int) -> int:
    make_place()
    make_supplier()
    oolong = make_product()
    make_offer(pack=6)
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units=units)])
    return make_target(oolong)


def test_low_stock_is_proposed_in_whole_packs_with_its_reason() -> None:
    run_id = stock_oolong(units=5)

    made = restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    (proposal,) = list_open_proposals()
    assert (made.rows_read, made.rows_written) == (1, 1)
    assert (proposal.sku, proposal.units, proposal.supplier_code) == ("OOLONG-150", 30, "ALISHAN")
    assert (proposal.position_units, proposal.reorder_point_units) == (5, 10)
    assert proposal.reason_code == "stocking.order.rounded_up"
    assert proposal.reason_parameters["order_up_to"] == "30"
    assert (proposal.unit_cost_minor, proposal.cost_minor, proposal.currency) == (20_000, 600_000, "TWD")


def test_enough_stock_is_left_alone() -> None:
    run_id = stock_oolong(units=11)

    made = restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    assert made.rows_written == 0


def test_money_at_risk_is_the_margin_of_the_expected_shortage() -> None:
    run_id = stock_oolong(units=5)

    restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    # Mean 6, standard deviation 4 / 1.645 = 2.432, position 5: 1.551 units short by the normal loss, at 250 each.
    (proposal,) = list_open_proposals()
    assert proposal.risk_minor == pytest.approx(250_00 * 1.551, rel=1e-3)


def test_expected_shortage_of_a_certain_demand_is_the_difference() -> None:
    assert expected_shortage_units(position_units=4, mean_units=10, sd_units=0) == 6
    assert expected_shortage_units(position_units=12, mean_units=10, sd_units=0) == 0


def test_expected_shortage_at_the_mean_is_the_published_loss_of_zero() -> None:
    # Silver, Pyke, Thomas, table of the unit normal loss function: G(0) = 0.3989, G(1) = 0.0833.
    assert expected_shortage_units(position_units=10, mean_units=10, sd_units=1) == pytest.approx(0.3989, abs=1e-4)
    assert expected_shortage_units(position_units=11, mean_units=10, sd_units=1) == pytest.approx(0.0833, abs=1e-4)


def test_ordered_goods_are_not_proposed_again() -> None:
    run_id = stock_oolong(units=5)
    restock.propose_purchases(run_id=run_id, as_of=MONDAY)
    restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)

    again = restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    assert again.rows_written == 0
    assert frame_position().select("on_hand", "incoming").row(0) == (5.0, 30.0)


def test_a_drained_position_is_planned_again_and_others_stay() -> None:
    run_id = stock_oolong(units=5)
    matcha = make_product(sku="MATCHA-30")
    make_offer(sku="MATCHA-30")
    inventory.record_moves(moves=[opening(product_id=matcha.pk, units=1)])
    restock.propose_purchases(run_id=run_id, as_of=MONDAY)
    (other,) = propose(("MATCHA-30", 4), run_key=run_id)
    inventory.record_moves(moves=[opening(product_id=list_open_proposals()[0].product_id, units=50, key="found")])

    made = restock.propose_for(keys=[("OOLONG-150", KEELUNG)], as_of=MONDAY)

    assert made.details["superseded"] == 1
    assert [proposal.id for proposal in list_open_proposals()] == [other]


def test_an_unchanged_proposal_keeps_its_id_and_gets_fresh_numbers() -> None:
    stock_oolong(units=5)
    (first,) = propose(("OOLONG-150", 12), run_key=1)

    recorded = operations.record_proposals(run_key=2, lines=proposal_lines(("OOLONG-150", 12)))

    (proposal,) = list_open_proposals()
    assert (recorded.added_count, recorded.repeated_count, recorded.superseded_count) == (0, 1, 0)
    assert (proposal.id, proposal.run_key) == (first, 2)


def test_a_proposal_of_other_units_supersedes_the_old_one() -> None:
    stock_oolong(units=5)
    (first,) = propose(("OOLONG-150", 12), run_key=1)

    recorded = operations.record_proposals(run_key=2, lines=proposal_lines(("OOLONG-150", 18)))

    assert (recorded.added_count, recorded.superseded_count) == (1, 1)
    assert Proposal.objects.get(pk=first).state == "superseded"
    assert [proposal.units for proposal in list_open_proposals()] == [18]


def test_what_is_no_longer_needed_is_superseded() -> None:
    stock_oolong(units=5)
    propose(("OOLONG-150", 12), run_key=1)

    operations.record_proposals(run_key=2, lines=proposal_lines())

    assert list_open_proposals() == []
    assert Proposal.objects.get().state == "superseded"


def test_a_dismissal_holds_until_the_next_night() -> None:
    stock_oolong(units=5)
    ids = propose(("OOLONG-150", 12), run_key=1)
    restock.dismiss(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)

    operations.record_proposals(run_key=1, lines=proposal_lines(("OOLONG-150", 12)))
    assert list_open_proposals() == []

    operations.record_proposals(run_key=2, lines=proposal_lines(("OOLONG-150", 12)))
    assert [proposal.units for proposal in list_open_proposals()] == [12]
    assert Proposal.objects.get(pk=ids[0]).state == "dismissed"


def test_constraints_carry_the_offers_of_stocked_products() -> None:
    stock_oolong(units=5)
    make_supplier(order_weekdays=(2, 5))
    make_product(sku="MATCHA-30")
    make_offer(sku="MATCHA-30")  # nowhere stocked

    (row,) = frame_constraints().rows(named=True)

    assert row == {
        "sku": "OOLONG-150",
        "place": "KEELUNG",
        "supplier": "ALISHAN",
        "pack_units": 6.0,
        "minimum_units": 1.0,
        "maximum_cover_days": None,
        "shelf_life_days": None,
        "unit_cost": 200.0,
        "order_weekdays": [2, 5],
    }


def test_a_supplier_of_any_weekday_has_no_order_days() -> None:
    stock_oolong(units=5)

    assert frame_constraints()["order_weekdays"].to_list() == [None]


def test_terms_take_the_cheapest_offer_and_the_margin() -> None:
    stock_oolong(units=5)
    make_supplier(code="NANTOU", name="Nantou Tea", lead_days=9)
    make_offer(supplier="NANTOU", unit_cost_minor=18_000)

    (row,) = frame_terms(service_level=0.95, review_days=1, holding_share_per_day=0.001, order_cost=30.0).rows(
        named=True
    )

    assert row == {
        "sku": "OOLONG-150",
        "place": "KEELUNG",
        "service_level": 0.95,
        "review_days": 1,
        "unit_cost": 180.0,
        "holding_share_per_day": 0.001,
        "order_cost": 30.0,
        "lost_unit_cost": 270.0,
        "supplier": "NANTOU",
        "quoted_lead_days": 9,
    }


def test_an_offer_in_another_currency_counts_at_the_products_own_cost() -> None:
    make_place()
    make_supplier(currency="JPY")
    oolong = make_product(unit_cost_minor=21_000)
    make_offer(unit_cost_minor=900)
    inventory.open_levels(product_places=[(oolong.pk, KEELUNG)])

    assert frame_constraints()["unit_cost"].to_list() == [210.0]


def test_a_product_planned_with_its_category_has_no_terms() -> None:
    make_place()
    make_supplier()
    oolong = make_product(planned_by="category")
    make_offer()
    inventory.open_levels(product_places=[(oolong.pk, KEELUNG)])

    terms = frame_terms(service_level=0.95, review_days=1, holding_share_per_day=0.001, order_cost=30.0)

    assert terms.height == 0


def test_lead_times_count_days_of_the_shops_calendar() -> None:
    stock_oolong(units=5)
    propose(("OOLONG-150", 12))
    (order,) = restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)
    # 23:30 UTC on Friday is Saturday morning in Taipei.
    restock.receive(
        number=order.number,
        received_at=MONDAY_MORNING.replace(day=27, hour=23),
        idempotency_key="note-1",
    )

    (row,) = frame_lead_times().rows(named=True)

    assert (row["sku"], row["place"], row["supplier"], row["lead_days"]) == ("OOLONG-150", "KEELUNG", "ALISHAN", 5)
    assert row["received_date"].isoformat() == "2026-11-28"


def test_agreed_working_days_reach_the_target_as_days_of_the_calendar() -> None:
    stock_oolong(units=5)
    terms = {"service_level": 0.95, "review_days": 1, "holding_share_per_day": 0.001, "order_cost": 30.0}
    assert frame_terms(**terms)["quoted_lead_days"].to_list() == [5]
    Supplier.objects.update(counts_working_days=True)
    assert frame_terms(**terms)["quoted_lead_days"].to_list() == [7]


def test_a_proposal_names_a_day_on_which_the_supplier_really_takes_orders() -> None:
    run_id = stock_oolong(units=5)
    supplier = Supplier.objects.get()
    supplier.closings.create(first_date=MONDAY, last_date=MONDAY + dt.timedelta(days=1), note="stocktaking")

    restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    assert list_open_proposals()[0].order_by_date == MONDAY + dt.timedelta(days=2)
    assert Proposal.objects.get().basis["lead_days"] == 5.0


def test_a_minimum_value_out_of_reach_sends_the_order_to_the_other_supplier() -> None:
    run_id = stock_oolong(units=5)
    make_supplier(code="WUYI", name="Wuyi Teas")
    make_offer(supplier="WUYI", unit_cost_minor=21_000)
    # 30 units of Alishan's cost 6,000, 4,000 would be missing to its least order, and five spare ones are worth 940;
    # Wuyi's 25 cost 5,250.
    Supplier.objects.filter(code="ALISHAN").update(minimum_value_minor=1_000_000)

    made = restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    (proposal,) = list_open_proposals()
    assert (proposal.supplier_code, proposal.units, proposal.unit_cost_minor) == ("WUYI", 25, 21_000)
    assert proposal.reason_code == "stocking.order.joined"
    assert proposal.reason_parameters["usual_supplier"] == "ALISHAN"
    assert made.details["joined"] == 1
    assert made.details["joined_saved"] == 3_810


def test_a_minimum_value_in_a_currency_that_nobody_valued_counts_as_none() -> None:
    run_id = stock_oolong(units=5)
    make_supplier(code="UJI", name="Uji Teas", currency="JPY")
    Supplier.objects.filter(code="UJI").update(minimum_value_minor=1_000_000)

    made = restock.propose_purchases(run_id=run_id, as_of=MONDAY)

    assert made.details["joined"] == 0
    assert [one.supplier_code for one in list_open_proposals()] == ["ALISHAN"]
