"""Templates and offers for programs: drafts that people let go, previews, codes that are given once."""

import pytest

from reorder.domain.marketing.content_models import ProductCard
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.content import MAIL, make_offer
from tests.factories.messaging import make_customer

pytestmark = pytest.mark.django_db


def test_a_program_writes_drafts_looks_at_them_and_gives_codes() -> None:
    make_product()
    mei = make_customer(name="Mei Lin")
    make_offer()
    caller = call_as(scopes=["marketing:read", "marketing:write"])

    made = caller.post("/templates", {"code": "tea", "name": "Tea", "kind": "due"}, key="t-1")
    assert (made.status, made.body["code"]) == (201, "tea")
    draft = {"channel": "email", "language": "en", "content": {"subject": "Hi {{name}}", "mjml": MAIL}}
    wrong = caller.post("/templates/tea/versions", draft, key="v-1")
    assert (wrong.status, wrong.body["state"]) == (201, "draft")
    assert wrong.body["faults"] == [
        {"field": "subject", "line": 1, "reason": "nobody knows this variable", "value": "name"}
    ]
    assert caller.post("/templates/tea/versions", draft, key="v-1").body["number"] == 1
    draft["content"]["subject"] = "Hi {{customer.first_name|you}}"
    assert caller.post("/templates/tea/versions", draft, key="v-2").body["faults"] == []
    shown = caller.get("/templates/tea/versions/2/preview", customer_id=mei.pk)
    assert (shown.status, shown.body["subject"]) == (200, "Hi Mei")
    assert [one["number"] for one in caller.get("/templates/tea").body["versions"]] == [2, 1]
    assert [one["code"] for one in caller.get("/templates").body["items"]] == ["tea"]

    assert [one["code"] for one in caller.get("/offers").body["items"]] == ["TEN"]
    first = caller.post("/offers/TEN/coupons", {"customer_id": mei.pk, "key": "poster"}, key="c-1")
    again = caller.post("/offers/TEN/coupons", {"customer_id": mei.pk, "key": "poster"}, key="c-2")
    assert first.status == again.status == 200
    assert first.body["code"] == again.body["code"]
    cards = [{"sku": "OOLONG-150", "page_url": "https://tea.example/o"}, {"sku": "NONE"}]
    kept = caller.send("PUT", "/product-cards", body={"cards": cards}, key="p-1")
    assert kept.body == {"kept": 1, "refused": [{"sku": "NONE", "reason": "there is no such product"}]}
    assert ProductCard.objects.get().page_url == "https://tea.example/o"
    for path, status in (("/templates/none", 404), ("/templates/tea/versions/9/preview", 404)):
        assert caller.get(path).status == status
    assert caller.post("/offers/NONE/coupons", {"customer_id": mei.pk, "key": "x"}, key="c-3").status == 404
