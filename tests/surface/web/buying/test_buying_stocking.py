"""Stock policy, transfers, excess and budget: the pages."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from reorder.domain.inventory import operations as inventory
from reorder.domain.planning import service_policies
from reorder.domain.planning.models import Run, ServiceCost
from reorder.domain.purchasing import transfers
from reorder.domain.purchasing.models import Transfer
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, incoming_at, make_place, opening, stock_at
from tests.factories.purchasing import make_offer, make_supplier, make_target, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
TAIPEI = "TAIPEI"


def said(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()).replace("&#x27;", "'")


@pytest.fixture
def owner() -> Client:
    client = Client()
    sign_in(client, role="owner", name="chen")
    return client


def policy_form(**changed: str) -> dict[str, str]:
    classes = {f"class_{value}{kind}": "95" for value in "ABC" for kind in "XYZ"}
    base = {
        "kind": "abc_xyz", "service_level": "94", "method": "quantile", "review_days": "2", "holding_percent": "20",
        "sells_percent": "90", "note": "season",
    }  # fmt: skip
    return classes | base | changed


def test_a_policy_is_chosen_in_percent_and_stands_on_the_page(owner: Client) -> None:
    assert "Nobody has chosen yet" in said(owner.get("/buying/policy/"))

    assert owner.post("/buying/policy/save/", policy_form(class_AX="99")).status_code == 302

    kept = service_policies.find_service_policy()
    assert kept is not None
    assert (kept.choice.kind, kept.choice.service_level, kept.choice.class_levels["AX"]) == ("abc_xyz", 0.94, 0.99)
    assert (kept.choice.review_days, kept.choice.holding_share_per_year, kept.decided_by) == (2, 0.2, "chen")
    assert "Kept by class; 94 % where no class is known." in said(owner.get("/buying/policy/"))


def test_a_level_of_all_is_refused_beside_its_field(owner: Client) -> None:
    answer = owner.post("/buying/policy/save/", policy_form(service_level="100"))

    assert answer.status_code == 422
    assert service_policies.find_service_policy() is None


def test_what_levels_cost_stands_by_class_and_the_policys_is_marked(owner: Client) -> None:
    run = Run.objects.create(kind="night", as_of_date="2026-11-23", started_at="2026-11-23T01:00Z")
    for level, stock in ((0.9, 1000.0), (0.95, 1200.0)):
        ServiceCost.objects.create(
            run=run, class_code="AX", service_level=level, products_count=3, stock_value=stock,
            holding_cost_per_year=stock / 4, lost_margin_per_year=90.0, fill_rate=0.98,
        )  # fmt: skip

    text = said(owner.get("/buying/policy/"))

    assert "AX · 3 products at places" in text
    assert "95 % policy NT$1,200 NT$300 NT$90 98.0 %" in text


def make_transfer(*, units: int = 26) -> int:
    keelung, taipei = make_place(), make_place(code=TAIPEI, name="Taipei shop")
    oolong = make_product()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units=60)])
    made = Transfer.objects.create(
        run_key=1, product=oolong, source_id=keelung.id, destination_id=taipei.id, units=units, saving_minor=50_000,
        cost_minor=2_600, reason_code="stocking.transfer.to_short_place",
        reason_parameters={
            "units": "26", "source": KEELUNG, "destination": TAIPEI, "position": "4", "reorder_point": "10",
            "left": "34", "level": "30",
        },
    )  # fmt: skip
    return made.pk


def test_a_transfer_is_sent_and_received_on_the_page(owner: Client) -> None:
    number = make_transfer()
    assert "TAIPEI stands at 4, at or below its reorder point 10" in said(owner.get("/buying/transfers/"))

    sent = owner.post("/buying/transfers/send/", {"transfer": str(number)}, follow=True)
    assert "1 transfer is on the way." in said(sent)
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150", place=TAIPEI)) == (34, 26)

    again = owner.post("/buying/transfers/send/", {"transfer": str(number)}, follow=True)
    assert "was decided meanwhile" in said(again)

    received = owner.post("/buying/transfers/receive/", {"transfer": str(number)}, follow=True)
    assert "1 transfer received." in said(received)
    assert stock_at(sku="OOLONG-150", place=TAIPEI) == 26


def test_more_than_is_there_is_not_sent_and_nothing_ticked_is_said(owner: Client) -> None:
    number = make_transfer(units=99)

    short = owner.post("/buying/transfers/send/", {"transfer": str(number)}, follow=True)
    none = owner.post("/buying/transfers/dismiss/", {"transfer": ["x", str(2**70)]}, follow=True)

    assert "KEELUNG has no longer 99 free units of OOLONG-150 to give: 60 are left." in said(short)
    assert "No transfer is ticked." in said(none)
    assert Transfer.objects.get().state == "open"


def test_somebody_of_one_place_sees_no_transfer_out_of_it_and_cannot_send_it() -> None:
    number = make_transfer()
    client = Client()
    sign_in(client, role="buyer", name="ann", places=[TAIPEI])

    assert "OOLONG-150" not in said(client.get("/buying/transfers/"))
    answer = client.post("/buying/transfers/send/", {"transfer": str(number)}, follow=True)

    assert "There is no transfer" in said(answer)
    assert Transfer.objects.get().state == "open"


def test_a_way_between_places_is_opened_and_closed(owner: Client) -> None:
    make_place()
    make_place(code=TAIPEI, name="Taipei shop")
    way = {"source": KEELUNG, "destination": TAIPEI, "transfer_cost": "120", "unit_cost": "0.5"}

    opened = owner.post("/buying/transfers/ways/", way, follow=True)
    [lane] = transfers.list_lanes()
    wrong = owner.post("/buying/transfers/ways/", way | {"unit_cost": "-1"}, follow=True)
    closed = owner.post(f"/buying/transfers/ways/{lane.id}/close/", follow=True)

    assert (lane.transfer_cost_minor, lane.unit_cost_minor) == (12_000, 50)
    assert "The way is open." in said(opened)
    assert "below zero makes no sense here" in said(wrong)
    assert "The way is closed." in said(closed)


def test_excess_is_listed_with_its_money(owner: Client) -> None:
    make_place()
    oolong, ghost = make_product(), make_product(sku="GHOST", unit_cost_minor=5_000)
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units=200), opening(product_id=ghost.pk, units=7)])
    make_target(oolong)

    text = said(owner.get("/buying/excess/"))

    # 200 − 30 − 60 days at one a day: 110 at 200 each; nothing is known of the other: all seven at 50.
    assert "2 products at places have more than sells before long: NT$22,350." in text
    assert "OOLONG-150 KEELUNG 110 NT$22,000" in text
    assert "GHOST KEELUNG 7 NT$350 no demand" in text


def test_a_budget_says_what_it_pays_for_and_what_leaving_the_rest_out_costs(owner: Client) -> None:
    make_place()
    make_supplier()
    oolong = make_product()
    make_offer()
    make_target(oolong)
    propose(("OOLONG-150", 30))

    text = said(owner.get("/buying/budget/", {"amount": "2000"}))

    assert "Spent NT$2,000" in text
    assert "Left out NT$4,000" in text
    assert owner.get("/buying/budget/", {"amount": "lots"}).status_code == 422
