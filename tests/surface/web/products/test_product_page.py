"""One product: when it runs out, why its safety stock is what it is, and who delivers it."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.catalog.models import Category, Product
from reorder.domain.inventory import operations as inventory
from reorder.domain.planning.models import DemandPlanDay, DemandWeek
from reorder.flows.restock import approve
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening, shipment
from tests.factories.planning import make_night
from tests.factories.purchasing import MONDAY_MORNING, make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
OOLONG_IN_KEELUNG = ("OOLONG-150", "KEELUNG")


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", MONDAY_MORNING.isoformat())


@pytest.fixture
def oolong() -> Product:
    make_place()
    product = make_product()
    make_supplier()
    make_offer()
    return product


def stock(product: Product, units: int, *, place: str = "KEELUNG") -> None:
    inventory.record_moves(moves=[opening(product_id=product.pk, units=units, place=place)])


def page_of(client: Client, product: Product, rest: str = "") -> str:
    sign_in(client, role="owner")
    answer = client.get(f"/products/{product.pk}/{rest}")
    assert answer.status_code == 200
    return answer.content.decode()


def finding(page: str) -> str:
    return page.split("<figcaption>")[1].split("</figcaption>", maxsplit=1)[0]


def test_the_title_says_when_stock_runs_out(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    # 22 units are wanted by the end of the eleventh day.
    assert finding(page_of(client, oolong)) == "Oolong 150 g will run out on 3 Dec"


def test_the_title_names_the_place_that_runs_out_first(client: Client, oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan store")
    stock(oolong, 21)
    stock(oolong, 5, place="TAINAN")
    make_night(daily={OOLONG_IN_KEELUNG: 2.0, ("OOLONG-150", "TAINAN"): 1.0})
    assert finding(page_of(client, oolong)) == "Oolong 150 g will run out in Tainan store on 27 Nov"
    assert finding(page_of(client, oolong, "?place=KEELUNG")) == "Oolong 150 g will run out on 3 Dec"


def test_goods_on_the_way_put_the_day_off(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    approve(proposal_ids=propose(("OOLONG-150", 10)), decided_by="mei", moment=MONDAY_MORNING)
    page = page_of(client, oolong)
    assert finding(page) == "Oolong 150 g will run out on 8 Dec"
    assert "10 arrive" in page


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (0, "Oolong 150 g is out of stock in Keelung warehouse, and none is on order"),
        (100, "Oolong 150 g lasts until about 2027-01-11, longer than the plan"),
        (900, "Oolong 150 g lasts for more than a year"),
    ],
)
def test_the_title_is_honest_about_too_little_and_about_plenty(
    client: Client, oolong: Product, units: int, said: str
) -> None:
    stock(oolong, units + 1)
    inventory.record_moves(moves=[shipment(product_id=oolong.pk, units=1, key="last")])
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    assert finding(page_of(client, oolong)) == said


def test_without_a_stock_count_nothing_is_claimed(client: Client, oolong: Product) -> None:
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    assert finding(page_of(client, oolong)) == "How long Oolong 150 g lasts is unknown: no place has a stock count"


def test_without_a_night_the_page_says_what_sold(client: Client, oolong: Product) -> None:
    stock(oolong, 5)
    page = page_of(client, oolong)
    assert finding(page) == "Oolong 150 g sold 0 in 28 days; nothing is planned yet"
    assert "It has not been forecast yet" in page
    assert "No target yet" in page


def test_a_product_planned_by_its_category_says_so(client: Client, oolong: Product) -> None:
    category = Category.objects.create(code="oolong", name="Oolong teas")
    Product.objects.filter(pk=oolong.pk).update(planned_by="category", category=category)
    make_night(daily={("category:oolong", "KEELUNG"): 5.0}, sold={OOLONG_IN_KEELUNG: 1.0})
    page = page_of(client, oolong)
    assert finding(page) == "Oolong 150 g sold 28 in 28 days; it is planned as a part of Oolong teas"
    assert 'href="/demand/?category=oolong"' in page


def test_safety_stock_is_explained_with_the_numbers_put_in(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    make_night(daily={OOLONG_IN_KEELUNG: 2.0}, targets={OOLONG_IN_KEELUNG: 19.0})
    page = page_of(client, oolong)
    assert "5 days of lead time + a review period of 1 = <b>6 days</b>" in page
    assert "in 6 days: <b>12 units</b>" in page
    assert "<b>Safety stock</b> = 19 − 12 = <b>7 units</b>" in page
    assert "<b>Order-up-to level</b> = 19 + 20 = <b>39 units</b>" in page
    assert "The mean of 4 receipts" in page
    # Nothing was sold, so the textbook sees no deviation at all.
    assert "1.64 × 0.00 × √6 = 0 units" in page or "1.65 × 0.00 × √6 = 0 units" in page


def test_methods_stand_with_their_errors_and_the_chosen_ones_first(client: Client, oolong: Product) -> None:
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    page = page_of(client, oolong)
    rows = page.split("Window 2")[1].split("<tbody>")[1].split("</tbody>")[0].split("</tr>")
    assert "chosen</span> theta" in rows[0]
    assert ">0.800</td>" in rows[0]
    assert "chosen</span> croston" in rows[1]
    assert "chosen" not in rows[2]
    assert "the best of 3 methods compared at 2 earlier dates" in page


def test_the_band_is_drawn_from_the_plans_quantiles(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    weeks = page_of(client, oolong)
    assert "7 – 21</td>" in weeks
    assert "10.5 – 17.5</td>" in weeks
    assert "1 – 3</td>" in page_of(client, oolong, "?by=day")


def test_a_night_of_an_earlier_version_has_no_band_and_says_so(client: Client, oolong: Product) -> None:
    make_night(daily={OOLONG_IN_KEELUNG: 2.0})
    DemandPlanDay.objects.update(p10_units=None)
    DemandWeek.objects.update(p10_units=None)
    for by in ("day", "week"):
        page = page_of(client, oolong, f"?by={by}")
        assert "80% band</th>" not in page
        assert "The last night kept no bands" in page


def test_another_places_stock_and_plan_are_not_there_for_who_may_not_see_it(client: Client, oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan store")
    stock(oolong, 21)
    stock(oolong, 777, place="TAINAN")
    make_night(daily={OOLONG_IN_KEELUNG: 2.0, ("OOLONG-150", "TAINAN"): 13.0})
    sign_in(client, role="warehouse", places=["KEELUNG"])
    for rest in ("", "?place=TAINAN", "?by=day", "supply/", "side/"):
        page = client.get(f"/products/{oolong.pk}/{rest}").content.decode()
        assert "Tainan" not in page
        assert "777" not in page


def test_supply_shows_offers_proposals_and_moves(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    propose(("OOLONG-150", 9))
    page = page_of(client, oolong, "supply/")
    assert "Alishan Tea Farm" in page
    assert "NT$1,800" in page
    assert "opening" in page
    assert "No purchase order is open for it." in page


def test_terms_of_suppliers_are_for_who_buys(client: Client, oolong: Product) -> None:
    propose(("OOLONG-150", 9))
    sign_in(client, role="support")
    page = client.get(f"/products/{oolong.pk}/supply/").content.decode()
    assert "Alishan" not in page
    assert "Latest moves of stock" in page


def test_expected_buyers_are_for_who_may_see_customers(client: Client, oolong: Product) -> None:
    sign_in(client, role="warehouse")
    assert client.get(f"/products/{oolong.pk}/buyers/").status_code == 403
    assert "Expected buyers" not in client.get(f"/products/{oolong.pk}/").content.decode()


@pytest.mark.parametrize(
    "address", ["/products/999999/", "/products/99999999999999999999999/", "/products/999999/side/"]
)
def test_a_product_that_does_not_exist_is_not_found(client: Client, address: str) -> None:
    sign_in(client)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("rest", ["?place=%00", "?by=%00&place=x%27--", "?place=" + "x" * 5000])
def test_nonsense_in_the_address_is_left_out(client: Client, oolong: Product, rest: str) -> None:
    assert page_of(client, oolong, rest)


def test_other_desks_find_the_page_by_sku(client: Client, oolong: Product) -> None:
    sign_in(client)
    assert client.get("/products/by-sku/?sku=OOLONG-150").headers["Location"] == f"/products/{oolong.pk}/"
    assert client.get("/products/by-sku/?sku=NONE").status_code == 404


def test_a_dozen_queries_are_enough(client: Client, oolong: Product) -> None:
    stock(oolong, 21)
    make_night(daily={OOLONG_IN_KEELUNG: 2.0}, targets={OOLONG_IN_KEELUNG: 19.0})
    for rest in ("", "?by=day", "supply/", "buyers/", "side/"):
        page_of(client, oolong, rest)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/products/{oolong.pk}/{rest}")
        assert len(queries) <= 12


def test_a_lot_shows_when_it_expires(client: Client, oolong: Product) -> None:
    move = opening(product_id=oolong.pk, units=6, lot="L-7")
    inventory.record_moves(moves=[replace(move, expires_date=dt.date(2027, 3, 1))])
    page = page_of(client, oolong)
    assert "Lot L-7" in page
    assert "expires 2027-03-01" in page
