"""How far a product is promised is laid down on its page; what cannot be meant is refused beside the form."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from reorder.domain.inventory.promise_models import FreshnessRule, Reserve, SellingTerm
from reorder.kernel.clock import current_moment
from tests.factories.inventory import KEELUNG
from tests.factories.placing import stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def day(number: int) -> str:
    return (current_moment().date() + dt.timedelta(days=number)).isoformat()


def send(client: Client, name: str, product_id: int, **given: object) -> tuple[int, str]:
    answer = client.post(reverse(f"products:{name}", args=[product_id]), given, follow=True)
    return answer.status_code, answer.content.decode()


def test_backorders_and_preorders_are_laid_down_and_taken_back(client: Client) -> None:
    oolong = stock_up()
    sign_in(client)

    status, page = send(
        client, "save_terms", oolong, allows_backorder="on", backorder_limit_units="30", wait_days="9",
        release_date=day(20), preorder_from_date=day(0),
    )  # fmt: skip

    terms = SellingTerm.objects.get()
    assert (status, terms.backorder_limit_units, terms.wait_days) == (200, 30, 9)
    assert str(terms.release_date) == day(20)
    assert 'value="30"' in page
    assert send(client, "save_terms", oolong, wait_days="9")[0] == 200
    assert not SellingTerm.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"backorder_limit_units": "0"}, "a limit is more than zero units"),
        ({"backorder_limit_units": "many"}, "Enter a number"),
        ({"preorder_from_date": 1}, "a pre-order needs the day of the release"),
        ({"preorder_from_date": 5, "preorder_until_date": 2, "release_date": 9}, "end before they begin"),
        ({"preorder_from_date": 9, "release_date": 3}, "begin before the release"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(client: Client, given: dict[str, object], said: str) -> None:
    oolong = stock_up()
    sign_in(client)
    days = {name: day(value) if isinstance(value, int) else value for name, value in given.items()}

    status, page = send(client, "save_terms", oolong, allows_backorder="on", wait_days="9", **days)

    assert status == 422
    assert said in page
    assert not SellingTerm.objects.exists()


def test_the_last_units_are_kept_for_a_segment_and_given_free_again(client: Client) -> None:
    oolong = stock_up()
    sign_in(client)
    given = {"place": KEELUNG, "units": "4", "segments": ["champions", "loyal"], "until": day(3)}

    send(client, "save_reserve", oolong, **given)
    assert send(client, "save_reserve", oolong, **given | {"until": day(-3)})[0] == 422
    assert send(client, "save_reserve", oolong, **given | {"until": "9999-12-31"})[0] == 422
    assert send(client, "save_reserve", oolong, **given | {"place": "MOON"})[0] == 422

    kept = Reserve.objects.get()
    assert (kept.units, kept.segments) == (Decimal(4), ["champions", "loyal"])
    send(client, "drop_reserve", oolong, place=KEELUNG)
    assert not Reserve.objects.exists()


def test_a_channel_is_promised_fresh_goods_only(client: Client) -> None:
    oolong = stock_up()
    sign_in(client)

    send(client, "save_fresh", oolong, channel="shop", minimum_days="30")
    assert send(client, "save_fresh", oolong, channel="shop", minimum_days="-1")[0] == 422
    send(client, "save_fresh", oolong, channel="shop", minimum_days="40")

    rule = FreshnessRule.objects.get()
    assert (rule.channel, rule.minimum_days, rule.product_id) == ("shop", 40, oolong)
    send(client, "drop_fresh", oolong, rule=rule.pk)
    assert not FreshnessRule.objects.exists()
