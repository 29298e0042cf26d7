"""The page behind a letter's link: how far parcels are, in both languages, and nothing about whose they are."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client

from reorder.domain.shipping.models import PublicLink
from reorder.domain.shipping.public_links import LINK_LASTS, give_token, read_token
from reorder.domain.shipping.tracking_errors import PublicLinkUseless
from tests.factories.order_life import LATER
from tests.factories.placing import stock_up
from tests.factories.tracked import DAY, HOUR, box, packed_order, scanned, told, word

pytestmark = pytest.mark.django_db
GONE = LATER + HOUR


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setenv("REORDER_CLOCK", (GONE + DAY).isoformat())


def page(token: str, *, language: str = "en") -> str:
    return Client().get(f"/t/{token}/?language={language}").content.decode()


def two_parcels() -> str:
    """An order whose one parcel comes today and whose other one waits at a store; the token of its link."""
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 2))
    one, two = box(order_id, carrier="UPS", promised_date=dt.date(2026, 11, 30)), box(order_id, "P-2")
    scanned("P-1", moment=GONE), scanned("P-2", moment=GONE)
    told(one, word("in_transit", GONE + HOUR, place_text="Taoyuan hub", carrier_words="signed by 林美玲"))
    told(two, word("ready_for_pickup", GONE + HOUR, place_text="松仁門市", collect_until_date=dt.date(2026, 12, 4)))
    return give_token(order_id=order_id, moment=GONE)


def test_each_parcel_says_how_far_it_is_and_when_it_comes() -> None:
    said = page(two_parcels())

    assert "Parcel 1 of 2" in said
    assert "It is on its way to you." in said
    assert "2026-11-30" in said
    assert 'href="https://www.ups.com/track?tracknum=TP-1"' in said
    assert "Taoyuan hub" in said
    assert "It waits for you to collect it." in said
    assert "松仁門市" in said
    assert "2026-12-04" in said


def test_it_says_neither_name_nor_address_nor_goods_nor_money() -> None:
    said = page(two_parcels())

    for secret in ("林美玲", "0912345678", "松仁路", "信義區", "OOLONG-150", "NT$", "A-1"):
        assert secret not in said


def test_where_a_parcel_was_handed_over_is_not_said() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    told(box(order_id), word("delivered", GONE, place_text="松仁路 1 號"))

    said = page(give_token(order_id=order_id, moment=GONE))

    assert "It was delivered." in said
    assert "松仁路" not in said


def test_search_engines_and_caches_keep_nothing_of_it() -> None:
    answer = Client().get(f"/t/{two_parcels()}/")

    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "set-cookie" not in {name.lower() for name in answer.headers}


def test_it_speaks_the_language_of_its_address() -> None:
    token = two_parcels()

    assert 'lang="zh-Hant-TW"' in page(token, language="zh-hant")
    assert 'lang="en"' in page(token, language="en")


def test_a_link_that_is_none_says_so_and_many_guesses_are_not_heard() -> None:
    client = Client()

    answers = [client.get(f"/t/guess-number-{guess:08d}/").status_code for guess in range(42)]

    assert answers == [404] * 40 + [429] * 2


def test_a_token_cannot_be_guessed_and_is_given_once_for_an_order() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))

    first, again = give_token(order_id=order_id, moment=GONE), give_token(order_id=order_id, moment=GONE + DAY)

    assert (first, len(first), PublicLink.objects.count()) == (again, 24, 1)
    assert read_token(token=first, moment=GONE + DAY) == order_id


def test_a_link_is_over_after_half_a_year_and_given_out_anew() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    first = give_token(order_id=order_id, moment=GONE)

    with pytest.raises(PublicLinkUseless):
        read_token(token=first, moment=GONE + LINK_LASTS)
    later = give_token(order_id=order_id, moment=GONE + LINK_LASTS)

    assert later != first
    assert read_token(token=later, moment=GONE + LINK_LASTS) == order_id


def test_an_order_without_parcels_has_nothing_to_follow_yet() -> None:
    stock_up(units=5)

    assert "Nothing has left yet." in page(give_token(order_id=packed_order(("OOLONG-150", 1)), moment=GONE))


@pytest.mark.parametrize(("state", "reached"), [("delivery_failed", 4), ("delivered", 5), ("in_transit", 3)])
def test_steps_stay_where_trouble_happened(state: str, reached: int) -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    parcel = box(order_id)
    scanned("P-1", moment=GONE)
    told(parcel, word("in_transit", GONE + HOUR))
    if state != "in_transit":
        told(parcel, word("out_for_delivery", GONE + 2 * HOUR), word(state, GONE + 3 * HOUR))

    assert page(give_token(order_id=order_id, moment=GONE)).count("is-reached") == reached
