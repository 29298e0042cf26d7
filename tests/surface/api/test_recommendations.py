"""Recommendations, companions and sensitive categories through the API."""

import pytest

from reorder.domain.catalog.models import Category, Product
from reorder.domain.staff.models import AuditEntry
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.messaging import make_customer
from tests.factories.recommending import companions, recommended

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_customers_next_basket_comes_with_reasons() -> None:
    mei = recommended(skus=["OOLONG-150", "MATCHA-30"], codes=["recommend.rhythm", "recommend.with"])

    body = call_as(scopes=["customers:read"]).get(f"/customers/{mei.pk}/recommendations").body

    assert (body["customer_id"], body["as_of_date"], body["method"]) == (mei.pk, "2026-11-22", "learned")
    assert [(one["rank"], one["sku"], one["reason_code"]) for one in body["items"]] == [
        (1, "OOLONG-150", "recommend.rhythm"),
        (2, "MATCHA-30", "recommend.with"),
    ]
    assert body["items"][0]["reason"] == "Bought 6 times, usually every 24 days, last on 2026-10-26."
    assert body["items"][1]["reason"] == "Often bought together with Oolong 150 g, which this customer buys."
    assert (body["items"][0]["price"], body["items"][0]["currency"]) == ("450", "TWD")
    assert body["items"][0]["available_units"] is None


def test_who_was_never_ranked_has_an_empty_list_without_a_day() -> None:
    nobody = make_customer(key="new")

    body = call_as(scopes=["customers:read"]).get(f"/customers/{nobody.pk}/recommendations").body

    assert body == {"customer_id": nobody.pk, "as_of_date": None, "method": None, "items": []}


def test_sizes_and_customers_that_cannot_be_are_refused() -> None:
    shop = call_as(scopes=["customers:read"])
    mei = recommended(skus=["OOLONG-150", "MATCHA-30"])

    assert shop.get("/customers/999999/recommendations").code == "customers.unknown_customer"
    for size in (0, 31, "many"):
        assert shop.get(f"/customers/{mei.pk}/recommendations", size=size).status == 422
    assert len(shop.get(f"/customers/{mei.pk}/recommendations", size=1).body["items"]) == 1


def test_companions_of_a_product_whose_sku_holds_a_slash() -> None:
    companions(sku="tea/oolong 150", others=["MATCHA-30", "PUERH-357"])
    shop = call_as(scopes=["products:read"])

    body = shop.get("/products/tea/oolong 150/also-bought").body

    assert body["sku"] == "tea/oolong 150"
    assert [(one["rank"], one["sku"], one["lift"], one["baskets_together"]) for one in body["items"]] == [
        (1, "MATCHA-30", 4.0, 19),
        (2, "PUERH-357", 2.0, 18),
    ]
    assert shop.get("/products/tea/oolong 150").body["sku"] == "tea/oolong 150"
    assert shop.get("/products/no such thing/also-bought").status == 404


def test_a_category_is_marked_as_sensitive_and_its_products_vanish_from_lists() -> None:
    mei = recommended(skus=["OOLONG-150", "MATCHA-30"], codes=["recommend.own", "recommend.popular"])
    wine = Category.objects.create(code="wine/red", name="Red wine")
    Product.objects.filter(sku="MATCHA-30").update(category=wine)
    shop = call_as()

    changed = shop.put("/categories/wine/red", {"is_sensitive": True})
    items = shop.get(f"/customers/{mei.pk}/recommendations").body["items"]

    assert changed.body == {"code": "wine/red", "name": "Red wine", "is_sensitive": True}
    assert [one["sku"] for one in items] == ["OOLONG-150"]
    assert AuditEntry.objects.filter(action="catalog.set_sensitive", subject_key="wine/red").count() == 1


def test_categories_are_listed_page_by_page_and_unknown_ones_refused() -> None:
    for code in ("a", "b", "c"):
        Category.objects.create(code=code, name=code.upper())
    make_product()
    shop = call_as()

    first = shop.get("/categories", limit=2).body
    second = shop.get("/categories", limit=2, cursor=first["next_cursor"]).body

    assert [one["code"] for one in first["items"]] == ["a", "b"]
    assert ([one["code"] for one in second["items"]], second["next_cursor"]) == (["c"], None)
    assert shop.put("/categories/none", {"is_sensitive": True}).code == "catalog.unknown_category"
    assert shop.put("/categories/a", {"is_sensitive": "perhaps"}).status == 422
