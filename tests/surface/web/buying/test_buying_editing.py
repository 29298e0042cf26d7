"""Asking for something else than the plan: the answer at once, remembered, and never lost to a stale page."""

from decimal import Decimal

import pytest
from django.test import Client

from reorder.domain.purchasing.models import Offer, Proposal
from reorder.domain.purchasing.operations import record_proposals
from reorder.domain.staff.models import AuditEntry
from reorder.flows import restock
from tests.factories.purchasing import MONDAY_MORNING, make_target, proposal_lines, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
TYPED = {"units": "24", "supplier": "ALISHAN", "order_by": "2026-11-24", "reason": "market week", "seen": "0"}


def weigh(client: Client, proposal_id: int, **typed: str) -> str:
    answer = client.get(f"/buying/proposals/{proposal_id}/weigh/", {**TYPED, **typed})
    return " ".join(answer.content.decode().split())


def test_the_answer_says_cost_packs_cover_and_arrival(buyer: Client, tea_shop: dict[str, int]) -> None:
    answer = weigh(buyer, tea_shop["oolong"])

    assert '<strong>NT$4,800</strong> <span class="quiet">24 × NT$200</span>' in answer
    assert '<strong>4</strong> <span class="quiet">of 6; at least 6 units</span>' in answer
    assert "<strong>14 days</strong>" in answer  # (3 + 24) / 2 a day
    assert '<strong>2026-11-29</strong> <span class="quiet">5 days, as the supplier says.</span>' in answer
    assert "NT$1,600 more to the minimum" in answer  # 10,000 − 4,800 − 3,600 for pu-erh


def test_the_answer_says_the_chance_to_last_and_the_money_at_risk(buyer: Client, tea_shop: dict[str, int]) -> None:
    from reorder.domain.catalog.models import Product

    make_target(Product.objects.get(sku="OOLONG-150"))

    answer = weigh(buyer, tea_shop["oolong"], units="6")

    # Demand over the span: mean 6, deviation 4 / 1.645; the position is 3 without the order, 9 with it.
    assert '<strong>89%</strong> <span class="quiet">11% without this order.</span>' in answer
    assert '<strong>NT$32</strong> <span class="quiet">NT$782 without this order.</span>' in answer


def test_what_speaks_against_the_numbers_is_said(buyer: Client, tea_shop: dict[str, int]) -> None:
    Offer.objects.filter(product__sku="OOLONG-150").update(maximum_cover_days=30, minimum_units=12)

    assert "The supplier takes 12 units of this product or more." in weigh(buyer, tea_shop["oolong"], units="6")
    assert "Not a whole number of packs of 6: 12 or 18 would be." in weigh(buyer, tea_shop["oolong"], units="14")
    assert "Less than one pack of 6." in weigh(buyer, tea_shop["oolong"], units="5")
    assert "This would last 62 days; the agreed limit is 30 days." in weigh(buyer, tea_shop["oolong"], units="120")
    assert "not more than the reorder point of 10" in weigh(buyer, tea_shop["oolong"], units="6")


def test_another_supplier_brings_its_own_cost_and_days(buyer: Client, tea_shop: dict[str, int]) -> None:
    answer = weigh(buyer, tea_shop["oolong"], supplier="UJI")

    assert "24 × NT$250" in answer


@pytest.mark.parametrize("units", ["", "abc", "-3", "0", "1e400", "9" * 39, "1.2345", "NaN", "１２a"])
def test_units_that_are_none_are_refused_beside_the_field(buyer: Client, tea_shop: dict[str, int], units: str) -> None:
    answer = buyer.get(f"/buying/proposals/{tea_shop['oolong']}/weigh/", {**TYPED, "units": units})
    saved = buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", {**TYPED, "units": units})

    assert (answer.status_code, saved.status_code) == (422, 422)
    assert "field-error" in answer.content.decode()
    assert 'id="id_units_error"' in saved.content.decode()
    assert "market week" in saved.content.decode()


@pytest.mark.parametrize("order_by", ["2026-11-22", "2030-01-01", "soon", "99999-01-01", ""])
def test_a_day_that_cannot_be_is_refused(buyer: Client, tea_shop: dict[str, int], order_by: str) -> None:
    saved = buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", {**TYPED, "order_by": order_by})

    assert saved.status_code == 422
    assert 'id="id_order_by_error"' in saved.content.decode()


def test_an_edit_remembers_the_plan_who_when_and_why(buyer: Client, tea_shop: dict[str, int]) -> None:
    buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", {**TYPED, "supplier": "UJI"})

    row = Proposal.objects.select_related("supplier", "planned_supplier").get(pk=tea_shop["oolong"])
    assert (row.units, row.supplier.code, row.unit_cost_minor, str(row.order_by_date)) == (
        24,
        "UJI",
        25_000,
        "2026-11-24",
    )
    assert row.planned_supplier is not None
    assert (row.planned_units, row.planned_supplier.code, str(row.planned_order_by_date)) == (
        12,
        "ALISHAN",
        "2026-11-23",
    )
    assert (row.edited_by, row.edited_at, row.edit_reason) == ("mei", MONDAY_MORNING, "market week")
    entry = AuditEntry.objects.get(action="purchasing.edit")
    assert entry.details["before"]["units"] == "12.000"
    assert entry.details["after"] == {"units": "24.000", "supplier": "UJI", "order_by": "2026-11-24"}


def test_an_edit_survives_the_approval_and_stands_on_the_order(buyer: Client, tea_shop: dict[str, int]) -> None:
    buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", TYPED)

    (order,) = restock.approve(proposal_ids=[tea_shop["oolong"]], decided_by="mei", moment=MONDAY_MORNING)

    page = buyer.get(f"/buying/orders/{order.number}/").content.decode()
    assert "mei changed it; the plan asked for 12 of ALISHAN by 23 Nov. Why: market week" in page


def test_the_plans_answer_can_be_had_back(buyer: Client, tea_shop: dict[str, int]) -> None:
    address = f"/buying/proposals/{tea_shop['oolong']}/edit/"
    buyer.post(address, TYPED)
    buyer.post(address, {**TYPED, "seen": "1", "as_planned": "1"})

    assert Proposal.objects.get(pk=tea_shop["oolong"]).units == 12
    assert "changed by hand" not in buyer.get("/buying/").content.decode()


def test_two_people_at_once_do_not_overwrite_each_other(buyer: Client, tea_shop: dict[str, int]) -> None:
    address = f"/buying/proposals/{tea_shop['oolong']}/edit/"
    buyer.post(address, {**TYPED, "units": "18"})

    second = buyer.post(address, {**TYPED, "units": "30"})

    page = second.content.decode()
    assert second.status_code == 409
    assert "was changed meanwhile by mei: it asks for 18 units of ALISHAN now." in page
    assert 'value="30"' in page
    assert Proposal.objects.get(pk=tea_shop["oolong"]).units == 18
    buyer.post(address, {**TYPED, "units": "30", "seen": "1"})
    assert Proposal.objects.get(pk=tea_shop["oolong"]).units == 30


def test_a_proposal_that_the_plan_replaced_keeps_what_was_typed(buyer: Client, tea_shop: dict[str, int]) -> None:
    (newer,) = propose(("OOLONG-150", 20))

    stale = buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", {**TYPED, "units": "30"})

    page = stale.content.decode()
    assert stale.status_code == 409
    assert f"/buying/proposals/{newer}/edit/" in page
    assert 'value="30"' in page
    assert "market week" in page
    assert "What you typed is still here" in page


def test_a_decided_proposal_without_successor_is_told_as_decided(buyer: Client, tea_shop: dict[str, int]) -> None:
    restock.approve(proposal_ids=[tea_shop["oolong"]], decided_by="kai", moment=MONDAY_MORNING)

    stale = buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", TYPED)

    assert stale.status_code == 409
    assert "is no longer open: it was approved by kai." in stale.content.decode()


def test_a_part_of_the_page_redraws_its_row_and_its_suppliers_head(buyer: Client, tea_shop: dict[str, int]) -> None:
    part = buyer.post(
        f"/buying/proposals/{tea_shop['oolong']}/edit/", TYPED, headers={"HX-Request": "true"}
    ).content.decode()

    assert "Saved: 24 units of Alishan Tea Farm." in part
    assert f'<tr id="line-{tea_shop["oolong"]}"' in part
    assert part.count("hx-swap-oob") == 2
    moved = buyer.post(
        f"/buying/proposals/{tea_shop['oolong']}/edit/",
        {**TYPED, "supplier": "UJI", "seen": "1"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert f'<tr id="line-{tea_shop["oolong"]}" hx-swap-oob="delete">' in moved


def test_one_proposal_is_dismissed_and_opened_again(buyer: Client, tea_shop: dict[str, int]) -> None:
    address = f"/buying/proposals/{tea_shop['oolong']}/"
    buyer.post(address + "dismiss/", {"reason": "too much of it"})
    assert Proposal.objects.get(pk=tea_shop["oolong"]).state == "dismissed"
    assert "Undo: open it again" in buyer.get(address).content.decode()

    buyer.post(address + "reopen/")

    assert Proposal.objects.get(pk=tea_shop["oolong"]).state == "open"


def test_an_edit_holds_for_the_rest_of_its_night_and_on_while_the_plan_asks_for_the_same(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    buyer.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", TYPED)

    plan_again(units=15, run_key=1)
    assert open_units() == {"OOLONG-150": Decimal(24)}
    plan_again(units=12, run_key=2)
    row = Proposal.objects.get(pk=tea_shop["oolong"])
    assert (row.state, row.units, row.run_key, str(row.order_by_date)) == ("open", 24, 2, "2026-11-24")
    plan_again(units=15, run_key=3)
    assert open_units() == {"OOLONG-150": Decimal(15)}
    assert Proposal.objects.get(pk=tea_shop["oolong"]).state == "superseded"


def test_other_roles_and_places_see_or_edit_nothing(client: Client, tea_shop: dict[str, int]) -> None:
    sign_in(client, role="viewer")
    page = client.get(f"/buying/proposals/{tea_shop['oolong']}/").content.decode()
    assert "Save these numbers" not in page
    assert client.post(f"/buying/proposals/{tea_shop['oolong']}/edit/", TYPED).status_code == 403

    sign_in(client, role="buyer", name="kai", places=["TAINAN"])

    for address in ("", "weigh/"):
        assert client.get(f"/buying/proposals/{tea_shop['oolong']}/{address}").status_code == 404
    for address in ("edit/", "dismiss/", "reopen/"):
        assert client.post(f"/buying/proposals/{tea_shop['oolong']}/{address}", TYPED).status_code == 404


@pytest.mark.parametrize("proposal_id", [0, 999_999, 10**30])
def test_an_unknown_proposal_is_not_found(buyer: Client, proposal_id: int) -> None:
    assert buyer.get(f"/buying/proposals/{proposal_id}/").status_code == 404


def plan_again(*, units: float, run_key: int) -> None:
    lines = proposal_lines(("OOLONG-150", units))
    record_proposals(run_key=run_key, lines=lines, looked_at=lines.select("sku", "place"))


def open_units() -> dict[str, Decimal]:
    found = Proposal.objects.filter(state="open", place__code="KEELUNG", product__sku="OOLONG-150")
    return dict(found.values_list("product__sku", "units"))
