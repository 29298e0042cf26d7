"""What a buyer sees in the morning: suppliers by money at risk, reasons, minimums, and what the night changed."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning import operations as planning
from reorder.domain.purchasing.models import Proposal
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import MONDAY, MONDAY_MORNING, make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def test_suppliers_stand_by_money_at_risk_with_everything_ticked(buyer: Client, tea_shop: dict[str, int]) -> None:
    page = buyer.get("/buying/").content.decode()

    assert "4 proposals, NT$8,400; NT$400 at risk." in page
    assert page.index("Alishan Tea Farm") < page.index("Uji Matcha")
    assert page.count('name="supplier"') == 2
    assert page.count("data-whole") == 2
    assert 'value="ALISHAN" id="whole-' in page
    assert "Stock position 3 is at or below the reorder point 10; 9 units lift it to 12." in page


def test_what_is_missing_to_the_suppliers_minimum_is_said_for_each_place(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    page = buyer.get("/buying/").content.decode()

    assert "Keelung warehouse: NT$4,000 more to the minimum of NT$10,000" in page
    assert "Tainan warehouse: NT$8,800 more to the minimum of NT$10,000" in page


def test_lines_of_the_first_supplier_are_there_and_others_come_when_asked_for(
    buyer: Client, tea_shop: dict[str, int]
) -> None:
    page = buyer.get("/buying/").content.decode()
    assert f'id="line-{tea_shop["oolong"]}"' in page
    assert f'id="line-{tea_shop["matcha"]}"' not in page

    part = buyer.get("/buying/lines/", {"supplier": "UJI"}).content.decode()

    assert f'id="line-{tea_shop["matcha"]}"' in part
    assert "<html" not in part


def test_lines_come_page_by_page_without_gap_or_repetition(buyer: Client) -> None:
    many_proposals(60)

    first = buyer.get("/buying/lines/", {"supplier": "ALISHAN"}).content.decode()
    seen = ids_of(first)
    while 'hx-get="' in first:
        address = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
        first = buyer.get(address).content.decode()
        seen += ids_of(first)

    assert len(seen) == 60
    assert len(set(seen)) == 60


def test_a_person_of_one_place_sees_only_its_proposals(client: Client, tea_shop: dict[str, int]) -> None:
    sign_in(client, role="buyer", name="kai", places=["TAINAN"])

    page = client.get("/buying/").content.decode()

    assert "1 proposal, NT$1,200" in page
    assert f'id="line-{tea_shop["oolong"]}"' not in page
    assert f'id="line-{tea_shop["oolong_tainan"]}"' in page


def test_a_viewer_sees_proposals_and_cannot_tick_or_decide(client: Client, tea_shop: dict[str, int]) -> None:
    sign_in(client, role="viewer")

    page = client.get("/buying/").content.decode()

    assert "Alishan Tea Farm" in page
    assert 'type="checkbox"' not in page
    assert client.post("/buying/approve/", {}).status_code == 403


def test_nothing_to_buy_is_good_news(buyer: Client) -> None:
    assert "Nothing needs to be bought." in buyer.get("/buying/").content.decode()


def test_the_page_takes_the_same_number_of_queries_for_two_and_thirty_lines(buyer: Client) -> None:
    many_proposals(2)
    buyer.get("/buying/")  # what is looked up once a process
    few = queries_of(buyer, "/buying/?supplier=ALISHAN")
    many_proposals(25, first=100)

    assert queries_of(buyer, "/buying/?supplier=ALISHAN") == few
    assert few <= 12


@pytest.mark.parametrize(
    "address",
    [
        "/buying/lines/?supplier=ALISHAN&risk=x&id=1",
        "/buying/lines/?supplier=ALISHAN&risk=99999999999999999999&id=1",
        "/buying/export/?format=exe",
    ],
)
def test_an_address_that_nobody_made_is_refused_clearly(buyer: Client, tea_shop: dict[str, int], address: str) -> None:
    answer = buyer.get(address)

    assert answer.status_code == 422
    assert "error-sentence" in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/buying/?supplier=%00", "/buying/lines/?supplier=NOBODY", "/buying/changes/?kind=%00"]
)
def test_an_unknown_supplier_has_no_lines(buyer: Client, tea_shop: dict[str, int], address: str) -> None:
    assert buyer.get(address).status_code == 200


def test_the_export_says_every_open_proposal_with_its_reason(buyer: Client, tea_shop: dict[str, int]) -> None:
    answer = buyer.get("/buying/export/?format=csv")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["SKU"], row["Units"], row["Cost"]) for row in rows if row["Place"] == "KEELUNG"] == [
        ("PUERH-357", "18.000", "3600.00"),
        ("OOLONG-150", "12.000", "2400.00"),
        ("MATCHA-30", "4.000", "1200.00"),
    ]
    assert rows[0]["Reason"].startswith("Stock position 3 is at or below the reorder point 10")


def test_without_an_earlier_night_nothing_is_compared(buyer: Client, tea_shop: dict[str, int]) -> None:
    assert "There is no earlier night to compare with yet." in buyer.get("/buying/").content.decode()


def test_what_the_night_changed_is_told_exactly(buyer: Client) -> None:
    from datetime import timedelta

    make_place()
    make_supplier()
    for sku in ("OOLONG-150", "PUERH-357", "MATCHA-30", "BANCHA-100", "SENCHA-100"):
        make_product(sku=sku)
        make_offer(sku=sku)
    yesterday = night(MONDAY - timedelta(days=1), MONDAY_MORNING - timedelta(days=1))
    propose(("OOLONG-150", 12), ("PUERH-357", 18), ("MATCHA-30", 4), ("BANCHA-100", 2), run_key=yesterday)
    Proposal.objects.update(created_at=MONDAY_MORNING - timedelta(days=1, minutes=1))
    Proposal.objects.filter(product__sku="BANCHA-100").update(state="dismissed", decided_by="mei")
    today = night(MONDAY, MONDAY_MORNING)
    propose(("OOLONG-150", 12), ("PUERH-357", 24), ("BANCHA-100", 2), ("SENCHA-100", 6), run_key=today)
    Proposal.objects.filter(product__sku="MATCHA-30").update(state="superseded")

    page = buyer.get("/buying/").content.decode()
    changed = buyer.get("/buying/changes/?kind=changed").content.decode()

    assert (
        "Since the night of 22 Nov: newly proposed 1 · changed units 1 · again after a decision 1 · no longer needed 1."
        in page
    )
    assert "was 18" in page
    assert "PUERH-357" in changed
    assert "OOLONG-150" not in changed
    assert "MATCHA-30" in buyer.get("/buying/changes/?kind=gone").content.decode()


def night(day, moment) -> int:
    run = planning.open_run(kind="night", as_of_date=day, moment=moment)
    planning.close_run(run_id=run.id, moment=moment)
    return run.id


def many_proposals(count: int, *, first: int = 0) -> None:
    make_place()
    make_supplier()
    skus = [f"TEA-{first + number:03}" for number in range(count)]
    for sku in skus:
        make_product(sku=sku)
        make_offer(sku=sku)
    propose(*[(sku, 6) for sku in skus])


def ids_of(part: str) -> list[str]:
    return [piece.split('"')[0] for piece in part.split('id="line-')[1:]]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)
