"""The list of products: what needs somebody first, within the places one may see."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.catalog.models import Barcode, Category, Product
from reorder.domain.inventory import operations as inventory
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening, shipment
from tests.factories.planning import make_night
from tests.factories.purchasing import make_offer, make_supplier
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def stock(*units: tuple[Product, str, int]) -> None:
    inventory.record_moves(
        moves=[opening(product_id=product.pk, units=count, place=place) for product, place, count in units]
    )


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/products/{query}").content.decode()
    return re.findall(r'<th scope="row" class="row-name"><a href="/products/\d+/">([^<]+?) <span', page)


@pytest.fixture
def teas() -> dict[str, Product]:
    """Oolong runs out in Keelung, matcha lasts, pu-erh is stocked nowhere and sells."""
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    made = {sku: make_product(sku=sku) for sku in ("OOLONG-150", "MATCHA-30", "PUERH-357")}
    make_supplier()
    make_offer(sku="OOLONG-150")
    make_offer(sku="MATCHA-30")
    stock(
        (made["OOLONG-150"], "KEELUNG", 4),
        (made["OOLONG-150"], "TAINAN", 500),
        (made["MATCHA-30"], "KEELUNG", 300),
    )
    series = {("OOLONG-150", "KEELUNG"): 2.0, ("OOLONG-150", "TAINAN"): 1.0, ("MATCHA-30", "KEELUNG"): 1.0}
    make_night(
        daily=series,
        sold=series | {("PUERH-357", "KEELUNG"): 3.0},
        targets={("OOLONG-150", "KEELUNG"): 15.0, ("MATCHA-30", "KEELUNG"): 8.0},
    )
    return made


def test_what_runs_out_first_stands_first_and_what_nobody_stocks_last(client: Client, teas: object) -> None:
    sign_in(client, role="buyer")
    assert names(client) == ["Oolong 150 g", "Matcha 30 g", "Pu-erh cake 357 g"]


def test_cover_is_that_of_the_place_that_runs_out_first(client: Client, teas: object) -> None:
    sign_in(client, role="buyer")
    page = client.get("/products/?tab=soon").content.decode()
    assert '<span class="mark mark-soon">soon</span> 2</td>' in page
    assert ">504</td>" in page
    assert "Run out soon: 1. Out of stock: 0." in page


def test_a_product_without_stock_that_is_wanted_is_out_of_stock(client: Client, teas: dict[str, Product]) -> None:
    inventory.record_moves(moves=[shipment(product_id=teas["OOLONG-150"].pk, units=4, key="order-1")])
    sign_in(client, role="buyer")
    assert names(client, "?tab=out") == ["Oolong 150 g"]


def test_the_stock_of_other_places_is_not_shown(client: Client, teas: object) -> None:
    sign_in(client, role="warehouse", places=["KEELUNG"])
    page = client.get("/products/").content.decode()
    assert ">504</td>" not in page
    assert ">4</td>" in page
    assert "Tainan store" not in page


def test_a_place_that_one_may_not_see_cannot_be_asked_for(client: Client, teas: object) -> None:
    sign_in(client, role="warehouse", places=["KEELUNG"])
    page = client.get("/products/?place=TAINAN").content.decode()
    assert ">500</td>" not in page
    assert ">4</td>" in page


@pytest.mark.parametrize("query", ["?q=oolong", "?q=OOLONG-1", "?q=4710000000017", "?q=150+ool"])
def test_a_product_is_found_by_name_sku_and_barcode(client: Client, teas: dict[str, Product], query: str) -> None:
    Barcode.objects.create(product=teas["OOLONG-150"], code="4710000000017", kind="gtin")
    sign_in(client, role="support")
    assert names(client, query) == ["Oolong 150 g"]


def test_two_characters_of_a_chinese_name_are_enough(client: Client, teas: dict[str, Product]) -> None:
    Product.objects.filter(pk=teas["PUERH-357"].pk).update(name="陳年普洱茶餅")
    sign_in(client)
    assert names(client, "?q=普洱") == ["陳年普洱茶餅"]


def test_a_wildcard_stands_for_itself(client: Client, teas: object) -> None:
    sign_in(client)
    assert names(client, "?q=%25") == []


def test_what_sells_without_a_supplier_has_a_tab(client: Client, teas: object) -> None:
    sign_in(client, role="buyer")
    assert names(client, "?tab=unsupplied") == ["Pu-erh cake 357 g"]


def test_products_planned_by_category_and_discontinued_ones_have_tabs(client: Client, teas: dict[str, Product]) -> None:
    category = Category.objects.create(code="puerh", name="Pu-erh")
    Product.objects.filter(pk=teas["PUERH-357"].pk).update(planned_by="category", category=category)
    Product.objects.filter(pk=teas["MATCHA-30"].pk).update(state="discontinued")
    sign_in(client)
    assert names(client, "?tab=category") == ["Pu-erh cake 357 g"]
    assert names(client, "?tab=discontinued") == ["Matcha 30 g"]
    assert names(client, "?category=puerh") == ["Pu-erh cake 357 g"]


def test_pages_follow_each_other_without_gap_or_repetition(client: Client) -> None:
    make_place()
    products = [make_product(sku=f"TEA-{number:03d}") for number in range(130)]
    stock(*((product, "KEELUNG", 10 + place % 7) for place, product in enumerate(products[:70])))
    sign_in(client)
    seen: list[str] = []
    query = ""
    while query is not None:
        page = client.get(f"/products/{query}").content.decode()
        seen += re.findall(r'<span class="row-code">([^<]+)</span>', page)
        found = re.search(r'href="/products/(\?[^"]+)" rel="next"', page)
        query = found[1].replace("&amp;", "&") if found else None
    assert sorted(seen) == [f"TEA-{number:03d}" for number in range(130)]


@pytest.mark.parametrize("after", ["WyJ4Il0", "WzEsMl0", "WyJzIiwgIngiLCAxLCAxXQ", "WyJvIiwgMSwgMSwgMWUzMDBd", "bm8"])
def test_a_strange_cursor_is_no_fault_of_ours(client: Client, teas: object, after: str) -> None:
    sign_in(client)
    assert client.get(f"/products/?after={after}").status_code in {200, 422}


def test_the_export_holds_every_row_and_no_formula(client: Client, teas: dict[str, Product]) -> None:
    Product.objects.filter(pk=teas["PUERH-357"].pk).update(name='=HYPERLINK("x")')
    sign_in(client, role="buyer")
    answer = client.get("/products/export/?format=csv")
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(rows) == 4
    assert rows[1].startswith("Oolong 150 g,OOLONG-150,")
    assert "'=HYPERLINK" in rows[3]


def test_a_shop_without_products_says_what_to_do_next(client: Client) -> None:
    sign_in(client, role="buyer")
    page = client.get("/products/").content.decode()
    assert "No products yet." in page
    assert 'href="/imports/"' in page


def test_a_shop_without_a_night_shows_stock_and_says_that_a_night_is_missing(client: Client) -> None:
    make_place()
    stock((make_product(), "KEELUNG", 7))
    sign_in(client)
    page = client.get("/products/").content.decode()
    assert "No night has run yet" in page
    assert ">7</td>" in page


def test_thirty_products_ask_no_more_of_the_database_than_two(client: Client) -> None:
    make_place()
    sign_in(client)
    counts = []
    for number in range(30):
        stock((make_product(sku=f"TEA-{number}"), "KEELUNG", 5))
        if number in {1, 29}:
            client.get("/products/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/products/")
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
