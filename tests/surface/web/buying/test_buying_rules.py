"""Two people above a limit, ordering without a person, units and limits of products: the pages."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client

from reorder.domain.catalog.units import NewUnit, list_units, save_units
from reorder.domain.planning.models import Alert, Run
from reorder.domain.planning.stock_rules import find_stock_rule
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrder, Supplier
from reorder.domain.purchasing.queries import get_buying_policy
from reorder.flows import restock
from tests.factories.buying_page import ticked
from tests.factories.purchasing import MONDAY, MONDAY_MORNING
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def said(answer: HttpResponse) -> str:
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace("&#x27;", "'")


def seen_on(client: Client, page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(page).content.decode())
    assert found
    return found[1]


@pytest.fixture
def owner() -> Client:
    client = Client()
    sign_in(client, role="owner", name="chen")
    return client


def set_limit(owner: Client, limit: str) -> HttpResponse:
    given = {"approval_limit": limit, "usual_ratio": "3", "note": "since May", "seen": seen_on(owner, "/buying/rules/")}
    return owner.post("/buying/rules/save/", given)  # type: ignore[return-value]


def test_the_owner_sets_the_limit_and_a_buyer_only_reads_it(owner: Client, buyer: Client) -> None:
    assert set_limit(owner, "1,000").status_code == 302
    assert get_buying_policy().approval_limit_minor == 1_000_00
    page = said(buyer.get("/buying/rules/"))
    assert "An order above NT$1,000 waits for a second, different person." in page
    assert "since May" in page
    assert "The owner sets the limit." in page
    assert buyer.post("/buying/rules/save/", {"approval_limit": ""}).status_code == 403


@pytest.mark.parametrize("limit", ["-5", "a lot", "1e30", "999999999999999999", "\x00"])
def test_a_limit_that_is_none_is_answered_beside_its_field(owner: Client, limit: str) -> None:
    answer = set_limit(owner, limit)
    assert (answer.status_code, get_buying_policy().approval_limit_minor) in {(422, None), (302, None)}
    if limit.strip("\x00"):
        assert answer.status_code == 422


def test_rules_that_somebody_else_changed_are_shown_as_they_are_now(owner: Client) -> None:
    seen = seen_on(owner, "/buying/rules/")
    set_limit(owner, "500")
    answer = owner.post("/buying/rules/save/", {"approval_limit": "9", "usual_ratio": "3", "seen": seen})
    assert answer.status_code == 409
    assert get_buying_policy().approval_limit_minor == 500_00


def test_an_approval_above_the_limit_waits_and_a_second_person_lets_it_out(
    owner: Client, buyer: Client, tea_shop: dict[str, int]
) -> None:
    set_limit(owner, "3,000")
    buyer.post("/buying/approve/", ticked(lines=(tea_shop["oolong"], tea_shop["puerh"], tea_shop["matcha"])))
    waiting = PurchaseOrder.objects.get(state="awaiting_approval")
    desk = said(buyer.get("/buying/"))
    assert "1 purchase order placed: NT$1,200. 1 order above the limit waits for a second person: NT$6,000." in desk
    assert f"{waiting.number} Alishan Tea Farm → KEELUNG mei" in desk
    assert "somebody else must agree" in desk
    own = said(buyer.get(f"/buying/orders/{waiting.number}/"))
    assert "Somebody else must agree: you asked for it." in own
    assert "Agree and order" not in own
    assert buyer.post(f"/buying/orders/{waiting.number}/release/").status_code == 302
    assert "cannot agree to it as well" in said(buyer.get(f"/buying/orders/{waiting.number}/"))

    assert "Agree and order" in said(owner.get(f"/buying/orders/{waiting.number}/"))
    owner.post(f"/buying/orders/{waiting.number}/release/")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.second_by) == ("placed", "chen")
    assert "mei asked for it, chen agreed" in said(owner.get(f"/buying/orders/{waiting.number}/"))


def test_a_refused_order_says_why_and_a_taken_back_one_is_cancelled(
    owner: Client, buyer: Client, tea_shop: dict[str, int]
) -> None:
    set_limit(owner, "0")
    buyer.post("/buying/approve/", ticked(lines=(tea_shop["oolong"], tea_shop["matcha"])))
    first, second = PurchaseOrder.objects.order_by("pk")
    owner.post(f"/buying/orders/{first.number}/refuse/", {"reason": "too much \x00"})
    assert "Refused by chen" in said(owner.get(f"/buying/orders/{first.number}/"))
    buyer.post(f"/buying/orders/{second.number}/withdraw/")
    assert set(PurchaseOrder.objects.values_list("state", flat=True)) == {"refused", "cancelled"}
    assert Proposal.objects.filter(state="open").count() == 4
    buyer.post(f"/buying/orders/{second.number}/withdraw/")
    assert "waits for nobody any more" in said(buyer.get(f"/buying/orders/{second.number}/"))


def test_the_list_of_orders_has_a_tab_for_what_waits(owner: Client, buyer: Client, tea_shop: dict[str, int]) -> None:
    set_limit(owner, "0")
    buyer.post("/buying/approve/", ticked(lines=(tea_shop["oolong"],)))
    number = PurchaseOrder.objects.get().number
    assert number in said(buyer.get("/buying/orders/?tab=awaiting_approval"))
    assert number not in said(buyer.get("/buying/orders/?tab=open"))


def test_automatic_ordering_is_told_with_what_was_left_and_can_be_stopped(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    assert "Off: no supplier has a limit." in said(buyer.get("/buying/rules/"))
    Supplier.objects.filter(code="ALISHAN").update(automatic_limit_minor=50_000_00, minimum_value_minor=0)
    Run.objects.create(
        kind="night", as_of_date=MONDAY, state="succeeded", started_at=MONDAY_MORNING, finished_at=MONDAY_MORNING
    )
    restock.order_automatically(moment=MONDAY_MORNING)

    page = said(buyer.get("/buying/rules/"))
    assert "up to NT$50,000" in page
    assert "Alishan Tea Farm : None of 3 lines was ordered." in page
    assert "OOLONG-150 · KEELUNG It was never ordered before: a person orders it the first time." in page
    buyer.post("/buying/rules/automatic/", {"stop": "1"})
    assert "Stopped: nothing is ordered without a person." in said(buyer.get("/buying/rules/"))
    buyer.post("/buying/rules/automatic/", {"stop": "0"})
    assert get_buying_policy().is_automatic_stopped is False


def by_the_case(proposal_id: int) -> None:
    """Oolong of Alishan by cases of 6 at NT$1,000."""
    save_units(sku="OOLONG-150", units=[NewUnit(code="case", contains_count=Decimal(6))], saved_by="mei")
    case = {"order_unit": "case", "order_unit_units": 6, "order_unit_cost_minor": 1_000_00}
    Offer.objects.filter(product__sku="OOLONG-150", supplier__code="ALISHAN").update(**case)
    Proposal.objects.filter(pk=proposal_id).update(**case)


def test_a_proposal_is_said_and_changed_by_the_case(buyer: Client, tea_shop: dict[str, int]) -> None:
    by_the_case(tea_shop["oolong"])
    assert "2 cases (12)" in said(buyer.get("/buying/"))
    page = f"/buying/proposals/{tea_shop['oolong']}/"
    assert "case of 6" in said(buyer.get(page))
    typed = {"units": "5", "unit": "case", "supplier": "ALISHAN", "order_by": "2026-11-24", "seen": "0"}
    answer = said(buyer.get(f"{page}weigh/", typed))
    assert "NT$5,000 5 cases (30) × NT$1,000" in answer
    assert "16 days" in answer  # (3 + 30) / 2 a day
    assert "Not a whole number of case of 6: 6 or 12 would be." in said(
        buyer.get(f"{page}weigh/", typed | {"units": "7", "unit": ""})
    )
    buyer.post(f"{page}edit/", typed)
    proposal = Proposal.objects.get(pk=tea_shop["oolong"])
    assert (proposal.units, proposal.cost_minor) == (30, 5_000_00)
    too_many = buyer.get(f"{page}weigh/", typed | {"units": "999999999"})
    assert (too_many.status_code, "more than can be ordered" in said(too_many)) == (422, True)


def test_the_cut_off_and_closing_days_speak_against_a_day(buyer: Client, tea_shop: dict[str, int]) -> None:
    Supplier.objects.filter(code="ALISHAN").update(cut_off=dt.time(9), order_weekdays=[1, 3])
    page = f"/buying/proposals/{tea_shop['oolong']}/weigh/"
    typed = {"units": "6", "supplier": "ALISHAN", "order_by": "2026-11-23", "seen": "0"}
    answer = said(buyer.get(page, typed))  # 09:30 in Taipei
    assert "The supplier takes orders until 09:00: ordered now, it counts from 2026-11-25." in answer
    assert "2026-11-30 5 days, as the supplier says." in answer
    Supplier.objects.get(code="ALISHAN").closings.create(first_date=MONDAY, last_date=MONDAY, note="stocktaking")
    assert "The supplier is closed on that day (stocktaking); the next day is 2026-11-25." in said(
        buyer.get(page, typed)
    )


def product_page(tea_shop: dict[str, int]) -> str:
    return f"/products/{Proposal.objects.get(pk=tea_shop['oolong']).product_id}/keeping/"


def test_least_and_most_stock_are_laid_down_shown_and_taken_back(buyer: Client, tea_shop: dict[str, int]) -> None:
    page = product_page(tea_shop)
    given = {"place": "KEELUNG", "minimum": "20", "maximum": "60", "note": "trade fair"}
    assert buyer.post(f"{page}rule/", given).status_code == 302
    rule = find_stock_rule(subject="OOLONG-150", place_code="KEELUNG")
    assert rule is not None
    assert (rule.minimum_units, rule.maximum_units, rule.author) == (20.0, 60.0, "mei")
    assert "Rule: at least 20, at most 60 (mei)." in said(buyer.get("/buying/"))
    assert "trade fair" in said(buyer.get(f"/buying/proposals/{tea_shop['oolong']}/"))
    assert buyer.post(f"{page}clear/", {"place": "KEELUNG"}).status_code == 302
    assert find_stock_rule(subject="OOLONG-150", place_code="KEELUNG") is None
    buyer.post(f"{page}clear/", {"place": "KEELUNG"})
    assert "taken back already" in said(buyer.get(page))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"minimum": "70"}, "the least is more than the most"),
        ({"minimum": "-1"}, "greater than or equal to 0"),
        ({"maximum": "1e12"}, "digits"),
        ({"minimum": "NaN"}, "Enter a number"),
        ({"note": " "}, "required"),
        ({"minimum": "", "maximum": ""}, "lay down at least one thing"),
        ({"place": "NOWHERE"}, "NOWHERE is not one of the available choices"),
    ],
)
def test_a_bad_rule_is_answered(buyer: Client, tea_shop: dict[str, int], change: dict[str, str], fault: str) -> None:
    given = {"place": "*", "minimum": "20", "maximum": "60", "note": "trade fair"}
    answer = buyer.post(f"{product_page(tea_shop)}rule/", given | change)
    assert answer.status_code == 422
    assert fault in said(answer)  # type: ignore[arg-type]


def test_units_are_written_one_a_line_and_circles_named(buyer: Client, tea_shop: dict[str, int]) -> None:
    page = product_page(tea_shop)
    text = "case = 12\r\npallet = 40 case\n箱 = 6\n"
    assert buyer.post(f"{page}units/", {"units": text, "seen": seen_on(buyer, page)}).status_code == 302
    assert [(row.code, row.units) for row in list_units(sku="OOLONG-150")] == [("箱", 6), ("case", 12), ("pallet", 480)]
    for units, fault in (
        ("case = 2 inner\ninner = 3 case", "case → inner → case"),
        ("case", "Write a unit as case = 12"),
        ("case = 0", "more than zero"),
        ("case = 1000000000", "at most 1,000,000"),
        ("case = 12 inner", "no unit of this product"),
    ):
        answer = buyer.post(f"{page}units/", {"units": units, "seen": seen_on(buyer, page)})
        assert (answer.status_code, fault in said(answer)) == (422, True), units  # type: ignore[arg-type]
    assert buyer.post(f"{page}units/", {"units": "", "seen": "stale"}).status_code == 409


def test_what_changed_overnight_says_why(buyer: Client, tea_shop: dict[str, int]) -> None:
    day = dt.timedelta(days=1)
    for number, night in ((1, MONDAY - day), (2, MONDAY)):
        moment = MONDAY_MORNING - (2 - number) * day
        Run.objects.create(
            pk=number, kind="night", as_of_date=night, state="succeeded", started_at=moment, finished_at=moment
        )
    old = Proposal.objects.get(pk=tea_shop["oolong"])
    Proposal.objects.filter(pk=old.pk).update(state="superseded", basis={"daily_units": 2.0, "lead_days": 5.0})
    Proposal.objects.update(created_at=MONDAY_MORNING - 2 * day)
    new = Proposal.objects.get(pk=old.pk)
    new.pk, new.run_key, new.state, new.units, new.position_units = None, 2, "open", 30, 1.0
    new.basis = {"daily_units": 3.5, "lead_days": 9.0}
    new.save()
    Proposal.objects.filter(pk=new.pk).update(created_at=MONDAY_MORNING)

    for page in ("/buying/changes/?kind=changed", f"/buying/proposals/{new.pk}/"):
        text = said(buyer.get(page))
        assert "Stock and what is on the way fell from 3 to 1 units." in text
        assert "Expected demand rose from 2 to 3.5 units a day." in text
        assert "The lead time grew from 5 to 9 days." in text


def test_an_alert_or_a_lower_limit_is_no_way_around_the_page(buyer: Client, tea_shop: dict[str, int]) -> None:
    Alert.objects.create(
        kind="bad_data", key="k", severity=2, first_seen_at=MONDAY_MORNING, last_seen_at=MONDAY_MORNING
    )
    Supplier.objects.update(automatic_limit_minor=50_000_00)
    operations.switch_automatic(is_stopped=False, decided_by="mei")
    Run.objects.create(kind="night", as_of_date=MONDAY, state="succeeded", started_at=MONDAY_MORNING)
    restock.order_automatically(moment=MONDAY_MORNING)
    assert "An open alert says that its data are wrong." in said(buyer.get("/buying/rules/"))
    assert PurchaseOrder.objects.count() == 0
