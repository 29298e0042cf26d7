"""Approving and dismissing in bulk: as the page showed it, once, at one's own places, and back again."""

import pytest
from django.test import Client

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.purchasing.models import Proposal, PurchaseOrder
from reorder.domain.purchasing.operations import ProposalEdit
from reorder.domain.staff.models import AuditEntry
from reorder.flows import restock
from tests.factories.buying_page import line, ticked
from tests.factories.inventory import KEELUNG, incoming_at
from tests.factories.purchasing import MONDAY, MONDAY_MORNING, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Proposal.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def approve(client: Client, **form: object) -> tuple[int, str]:
    answer = client.post("/buying/approve/", form, follow=True)
    return answer.status_code, answer.content.decode()


def test_everything_ticked_becomes_an_order_a_supplier_and_place(buyer: Client, tea_shop: dict[str, int]) -> None:
    status, page = approve(buyer, **ticked(whole=("ALISHAN", "UJI")))

    assert status == 200
    assert "3 purchase orders placed: NT$8,400." in page
    assert states() == {"approved": 4}
    assert incoming_at(sku="OOLONG-150") == 12
    assert "is below the minimum of Alishan Tea Farm: NT$10,000." in page
    assert "No e-mail address is known for PO-2026-" in page


def test_a_line_that_is_unticked_stays_open(buyer: Client, tea_shop: dict[str, int]) -> None:
    shown = (tea_shop["oolong"], tea_shop["puerh"], tea_shop["oolong_tainan"])
    approve(buyer, **ticked(whole=("ALISHAN",), lines=shown[:1] + shown[2:], shown=shown))

    assert list(Proposal.objects.filter(state="open").values_list("pk", flat=True)) == [
        tea_shop["puerh"],
        tea_shop["matcha"],
    ]


def test_single_lines_are_ordered_without_their_suppliers_rest(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(lines=(tea_shop["matcha"],)))

    assert states() == {"approved": 1, "open": 3}


def test_the_button_of_one_supplier_leaves_the_others_alone(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(whole=("ALISHAN", "UJI"), lines=(tea_shop["oolong"], tea_shop["matcha"]), only="UJI"))

    assert list(Proposal.objects.filter(state="approved").values_list("pk", flat=True)) == [tea_shop["matcha"]]


def test_the_same_form_twice_orders_once(buyer: Client, tea_shop: dict[str, int]) -> None:
    form = ticked(whole=("ALISHAN",))
    approve(buyer, **form)
    status, page = approve(buyer, **form)

    assert status == 200
    assert PurchaseOrder.objects.count() == 2
    assert "2 purchase orders placed" in page


def test_a_plan_that_changed_meanwhile_orders_nothing_and_keeps_the_ticks(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    shown = (tea_shop["oolong"], tea_shop["puerh"], tea_shop["oolong_tainan"])
    form = ticked(whole=("ALISHAN",), lines=shown[1:], shown=shown)
    propose(("PUERH-357", 24))

    status, page = approve(buyer, **form)

    assert status == 409
    assert "The proposals of Alishan Tea Farm changed after this page was made" in page
    assert PurchaseOrder.objects.count() == 0
    kept = page.split(f'id="line-{tea_shop["oolong"]}"')[1].split("<th")[0]
    assert "checked" not in kept
    assert "checked" in page.split(f'id="line-{tea_shop["oolong_tainan"]}"')[1].split("<th")[0]


def test_units_that_somebody_changed_after_the_page_was_made_are_not_ordered_unseen(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    form = ticked(lines=(tea_shop["oolong"],))
    edit_to(tea_shop["oolong"], units=600)

    status, page = approve(buyer, **form)

    assert status == 409
    assert "was changed meanwhile by kai: it asks for 600 units of ALISHAN now." in page
    assert PurchaseOrder.objects.count() == 0


def test_nothing_ticked_is_said_and_nothing_happens(buyer: Client, tea_shop: dict[str, int]) -> None:
    status, page = approve(buyer, **ticked())

    assert status == 422
    assert "No proposal is ticked." in page


@pytest.mark.parametrize("mangled", ["x", "1", "1.x.A", "99999999999999999999.0.A", "-1.0.A", "\x00"])
def test_a_mangled_line_is_refused_clearly(buyer: Client, tea_shop: dict[str, int], mangled: str) -> None:
    status, page = approve(buyer, line=[mangled], attempt="x")

    assert status == 422
    assert "cannot be read" in page


def test_an_unknown_proposal_is_not_found(buyer: Client, tea_shop: dict[str, int]) -> None:
    status, _ = approve(buyer, line=["999999.0.ALISHAN"], attempt="x")

    assert status == 404


def test_a_proposal_of_another_place_is_refused_and_takes_the_rest_with_it(
    client: Client, tea_shop: dict[str, int]
) -> None:
    sign_in(client, role="buyer", name="kai", places=[KEELUNG])

    answer = client.post("/buying/approve/", ticked(lines=(tea_shop["oolong"], tea_shop["oolong_tainan"])), follow=True)

    assert answer.status_code == 404
    assert states() == {"open": 4}


def test_a_whole_supplier_means_the_persons_own_places(client: Client, tea_shop: dict[str, int]) -> None:
    sign_in(client, role="buyer", name="kai", places=[KEELUNG])
    page = client.get("/buying/").content.decode()
    mark = page.split('name="mark" value="')[1].split('"')[0]

    client.post("/buying/approve/", {"supplier": "ALISHAN", "mark": mark, "attempt": "k"})

    assert set(PurchaseOrder.objects.values_list("place__code", flat=True)) == {KEELUNG}
    assert Proposal.objects.get(pk=tea_shop["oolong_tainan"]).state == "open"


@pytest.mark.parametrize("role", ["warehouse", "viewer", "marketer", "support"])
def test_only_buyers_and_owners_decide(client: Client, tea_shop: dict[str, int], role: str) -> None:
    sign_in(client, role=role)

    for address in ("/buying/approve/", "/buying/dismiss/", "/buying/undo/"):
        assert client.post(address, ticked(whole=("UJI",))).status_code == 403
    assert states() == {"open": 4}


def test_an_approval_is_taken_back_before_the_supplier_hears_of_it(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(whole=("ALISHAN",)))
    letter = OutboxMessage.objects.first()
    assert letter is not None
    assert (letter.send_after - MONDAY_MORNING).total_seconds() == 120

    page = buyer.post("/buying/undo/", follow=True).content.decode()

    assert "2 purchase orders cancelled. 3 proposals open again." in page
    assert states() == {"open": 4}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"stopped"}
    assert incoming_at(sku="OOLONG-150") == 0
    assert set(PurchaseOrder.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_came_meanwhile_is_not_taken_back(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(lines=(tea_shop["oolong"],)))
    number = PurchaseOrder.objects.get().number
    restock.receive(number=number, received_at=MONDAY_MORNING, idempotency_key="note-1")

    page = buyer.post("/buying/undo/", follow=True).content.decode()

    assert f"Not cancelled, because goods have come or it was closed: {number}." in page
    assert PurchaseOrder.objects.get().state == "received"


def test_a_dismissal_has_its_reason_and_is_taken_back(buyer: Client, tea_shop: dict[str, int]) -> None:
    page = buyer.post("/buying/dismiss/", ticked(whole=("ALISHAN",), reason="  season  is over "), follow=True)
    assert "3 proposals dismissed." in page.content.decode()
    assert set(Proposal.objects.filter(state="dismissed").values_list("decision_reason", "decided_by")) == {
        ("season is over", "mei")
    }

    after = buyer.post("/buying/undo/", follow=True).content.decode()

    assert "3 proposals open again." in after
    assert states() == {"open": 4}


def test_a_dismissal_of_an_earlier_night_is_not_taken_back(buyer: Client, tea_shop: dict[str, int]) -> None:
    buyer.post("/buying/dismiss/", ticked(lines=(tea_shop["matcha"],)))
    propose(("PUERH-357", 30), run_key=2)

    page = buyer.post("/buying/undo/", follow=True).content.decode()

    assert "0 proposals open again. The rest was replaced by a newer plan meanwhile." in page
    assert Proposal.objects.get(pk=tea_shop["matcha"]).state == "dismissed"


def test_there_is_nothing_to_take_back_twice(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(whole=("UJI",)))
    buyer.post("/buying/undo/")

    page = buyer.post("/buying/undo/", follow=True).content.decode()

    assert "It is too late to take this back here." in page


def test_each_decision_leaves_its_entry_in_the_audit_trail(buyer: Client, tea_shop: dict[str, int]) -> None:
    approve(buyer, **ticked(whole=("UJI",)))
    buyer.post("/buying/dismiss/", ticked(lines=(tea_shop["oolong"],)))

    number = PurchaseOrder.objects.get().number
    assert list(
        AuditEntry.objects.filter(actor="mei").order_by("pk").values_list("actor", "via", "action", "subject_key")
    ) == [
        ("mei", "web", "purchasing.approve", number),
        ("mei", "web", "purchasing.dismiss", str(tea_shop["oolong"])),
    ]


def test_a_get_decides_nothing(buyer: Client, tea_shop: dict[str, int]) -> None:
    assert buyer.get("/buying/approve/", {"line": line(tea_shop["matcha"])}).status_code == 405
    assert states() == {"open": 4}


def edit_to(proposal_id: int, *, units: int) -> None:
    from decimal import Decimal

    restock.edit_proposal(
        edit=ProposalEdit(
            proposal_id=proposal_id,
            seen_edits=0,
            units=Decimal(units),
            supplier_code="ALISHAN",
            order_by_date=MONDAY,
        ),
        decided_by="kai",
        moment=MONDAY_MORNING,
    )
