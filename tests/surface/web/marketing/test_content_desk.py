"""The desk of content and offers: written, looked at, let go by another, tried; codes made and loaded down."""

import dataclasses
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.marketing.cart_ways import find_target
from reorder.domain.marketing.content import get_version_by_number, list_versions
from reorder.domain.marketing.content_library import get_look, list_articles
from reorder.domain.marketing.offers import get_offer
from reorder.flows.content.carts import open_cart_ways
from tests.factories.catalog import make_product
from tests.factories.content import MAIL, NOON
from tests.factories.messaging import make_customer
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> Client:
    browser = Client()
    sign_in(browser, role="owner", name="Lin")
    return browser


def page(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def post(browser: Client, path: str, **fields: Any) -> str:
    answer = browser.post(path, fields, follow=True)
    assert answer.status_code in (200, 422, 409), (path, answer.status_code)
    return answer.content.decode()


def test_a_template_is_written_looked_at_and_let_go_by_another_person(lin: Client, settings: Any) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, message_approval=True, mail_url="folder:/tmp/f-trials")
    make_product()
    mei = make_customer(name="Mei Lin")
    base = "/marketing/content/"

    assert "18 templates that come with the program" in page(lin, base)
    assert "18 templates were made." in post(lin, f"{base}ready-made")
    assert "Time for a refill?" in page(lin, f"{base}t/replenishment/1/")
    with CaptureQueriesContext(connection) as asked:
        page(lin, base)
    assert len(asked) <= 12, [one["sql"][:90] for one in asked]

    assert "There is a template replenishment already" in post(
        lin, f"{base}create", code="replenishment", name="X", kind="due", purpose="marketing"
    )
    post(lin, f"{base}create", code="tea", name="Tea", kind="due", purpose="marketing")
    post(lin, f"{base}t/tea/begin", channel="email", language="en")
    wrong = post(lin, f"{base}t/tea/1/save", subject="Hi {{name}}", mjml=MAIL, language="en")
    assert "Line 1: Nobody knows this variable (name)" in wrong or "nobody knows this variable (name)" in wrong
    good = {"subject": "Hi {{customer.first_name|you}}", "mjml": MAIL, "language": "en"}
    assert "This must be mended" not in post(lin, f"{base}t/tea/1/save", **good)

    shown = lin.post(f"{base}t/tea/1/preview", {**good, "subject": "Never saved", "customer": mei.key})
    assert "Hello Mei," in shown.content.decode()
    assert "script-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert get_version_by_number(template_code="tea", number=1).content["subject"].startswith("Hi")
    assert "A trial is on its way" in post(lin, f"{base}t/tea/1/trial", address="lin@tea.example", customer=mei.key)
    assert "Say to which address" in post(lin, f"{base}t/tea/1/trial", address="lin")

    assert "It waits for another person." in post(lin, f"{base}t/tea/1/submit")
    assert "Another person than who wrote it" in post(lin, f"{base}t/tea/1/let-go")
    other = Client()
    sign_in(other, role="owner", name="Wu")
    assert "Messages say it from now on." in post(other, f"{base}t/tea/1/let-go")
    post(lin, f"{base}t/tea/1/save", **good)
    assert [one.state for one in list_versions(template_code="tea")] == ["draft", "live"]
    post(lin, f"{base}t/tea/1/weigh", weight="30")
    assert get_version_by_number(template_code="tea", number=1).weight == 30
    assert "a weight lies between" in post(lin, f"{base}t/tea/1/weigh", weight="x")
    file = SimpleUploadedFile("a.html", b"<p>Hi <script>x</script><a href='{{unsubscribe_url}}'>out</a></p>")
    post(lin, f"{base}t/tea/begin", channel="email", language="zh-hant", file=file)
    assert "script" not in get_version_by_number(template_code="tea", number=3).content["html"]
    assert "neither MJML nor HTML" in post(
        lin, f"{base}t/tea/begin", channel="email", language="en", file=SimpleUploadedFile("a.txt", b"hello")
    )
    post(lin, f"{base}t/tea/archive")
    assert "Take it out again" in page(lin, f"{base}t/tea/")
    for path in ("t/none/", "t/tea/99/", "library/none/en/"):
        page(lin, f"{base}{path}", 404)


def test_library_look_and_carts_are_kept(lin: Client) -> None:
    make_product()
    base = "/marketing/content/"
    article = {
        "code": "Brew it",
        "language": "en",
        "kind": "how_to",
        "title": "Brewing",
        "text": "95 °C",
        "is_active": "on",
    }
    post(lin, f"{base}library/put", **article, skus="OOLONG-150\nMATCHA-30")
    assert [(one.code, one.skus) for one in list_articles()] == [("brew-it", ("OOLONG-150", "MATCHA-30"))]
    assert "begins with https" in post(lin, f"{base}library/put", **article, url="javascript:x")
    post(lin, f"{base}library/brew-it/en/remove")
    assert list_articles() == []

    post(lin, f"{base}look/change", logo_url="", accent="#123456", site_url="https://tea.example")
    assert get_look().accent == "#123456"
    assert "a colour is" in post(lin, f"{base}look/change", logo_url="", accent="red", site_url="")
    cards = b"sku,page_url,picture_url\nOOLONG-150,https://tea.example/o,\nNONE,,\n"
    said = post(lin, f"{base}look/products", file=SimpleUploadedFile("c.csv", cards))
    assert "1 products are known now." in said
    assert "NONE: There is no such product" in said or "NONE: there is no such product" in said
    assert "a column is missing" in post(lin, f"{base}look/products", file=SimpleUploadedFile("c.csv", b"a,b\n"))

    url = "https://tea.myshopify.com/cart/{lines}?discount={coupon}"
    cart = {"url_template": url, "line_pattern": "{variant}:{units}", "separator": ",", "is_active": "1"}
    post(lin, f"{base}look/cart", **cart)
    post(lin, f"{base}look/cart/products", file=SimpleUploadedFile("v.csv", b"sku,variant\nOOLONG-150,4455\n"))
    assert find_target(skus=["OOLONG-150"]).variants == {"OOLONG-150": "4455"}
    ways = open_cart_ways(skus=["OOLONG-150", "MATCHA-30"])
    wanted = {"customer_id": 1, "moment": NOON}
    assert ways.link(lines={"OOLONG-150": 2}, coupon_code="TEN", **wanted) == (
        "https://tea.myshopify.com/cart/4455:2?discount=TEN"
    )
    assert ways.link(lines={"OOLONG-150": 2}, **wanted) == "https://tea.myshopify.com/cart/4455:2"
    assert ways.link(lines={"MATCHA-30": 1}, **wanted) == ""
    assert "the address must have {lines}" in post(lin, f"{base}look/cart", **(cart | {"url_template": "https://a.b/"}))


def test_an_offer_is_laid_down_changed_and_given_in_lots(lin: Client) -> None:
    base = "/marketing/offers/"
    assert "No offers here." in page(lin, base)
    page(lin, f"{base}new/")
    page(lin, f"{base}new/nothing", 404)
    terms = {
        "name": "Ten off", "percent": "10", "margin_floor": "15", "valid_days": "7", "is_personal": "on",
        "is_combinable": "on", "priority": "100", "gift_units": "1", "words_zh": "九折",
    }  # fmt: skip
    page(lin, f"{base}new/percent")
    post(lin, f"{base}create/percent", code="ten", **terms)
    offer = get_offer(code="TEN")
    assert (str(offer.terms.share), str(offer.terms.margin_floor_share), offer.words) == (
        "0.10000", "0.15000", {"zh-hant": "九折"},
    )  # fmt: skip
    assert "There is an offer TEN already" in post(lin, f"{base}create/percent", code="ten", **terms)
    post(lin, f"{base}o/TEN/change", seen=offer.fingerprint, **(terms | {"percent": "20"}))
    assert str(get_offer(code="TEN").terms.share) == "0.20000"
    assert "was changed by somebody else" in post(lin, f"{base}o/TEN/change", seen=offer.fingerprint, **terms)
    assert "3 codes were made." in post(lin, f"{base}o/TEN/lot", lot="Cards", count="3")
    assert "1 to 100,000" in post(lin, f"{base}o/TEN/lot", lot="Cards", count="x")
    answer = lin.get(f"{base}o/TEN/codes.csv?lot=Cards")
    assert b"".join(answer.streaming_content).decode("utf-8-sig").count("\r\n") == 4
    assert "3 codes are useless now." in post(lin, f"{base}o/TEN/take-back", lot="Cards")
    assert "It is given no more" in post(lin, f"{base}o/TEN/switch")
    assert "Ten off" in page(lin, f"{base}?tab=ended")
