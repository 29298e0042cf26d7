"""How much of what was sold comes back, why, and what it costs."""

import re

import pytest
from django.test import Client

from reorder.domain.catalog.models import Product
from reorder.insights.intervals import wilson_interval
from reorder.insights.return_rates import find_return_rate, list_return_rates
from tests.factories.placing import stock_up
from tests.factories.returning import BACK, delivered, graded, received, settled
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_interval_is_that_of_the_textbook() -> None:
    # Brown, Cai and DasGupta (2001), and R's prop.test(correct=FALSE): 10 of 100 and 0 of 10.
    low, high = wilson_interval(successes=10, trials=100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    low, high = wilson_interval(successes=0, trials=10)
    assert (low, round(high, 4)) == (0.0, 0.2775)
    assert wilson_interval(successes=0, trials=0) == (0.0, 1.0)


def test_a_product_tells_its_rate_reasons_and_money() -> None:
    product_id = stock_up(units=50)
    stock_up(sku="MATCHA-30", units=50)
    delivered(("OOLONG-150", 6), external_id="A-1")
    order_id = delivered(("OOLONG-150", 4), external_id="A-2")
    for reason, grade in (("damaged", "D"), ("not wanted any more", "A")):
        return_id, piece = received(order_id, 1, reason=reason)
        graded(return_id, piece, grade)
        settled(return_id)

    rate = find_return_rate(product_id=product_id, moment=BACK)
    assert rate is not None
    assert (rate.sold_units, rate.returned_units, rate.share, rate.returns_count) == (10.0, 2.0, 0.2, 2)
    assert (round(rate.low_share, 3), round(rate.high_share, 3), rate.says_little) == (0.057, 0.51, True)
    assert sorted(rate.reasons) == [("damaged", 1.0), ("not wanted any more", 1.0)]
    assert (rate.value_minor, rate.scrapped_minor, rate.lost_minor) == (90_000, 20_000, 110_000)
    assert [one.sku for one in list_return_rates(moment=BACK)] == ["OOLONG-150"]
    matcha = Product.objects.get(sku="MATCHA-30")
    assert find_return_rate(product_id=matcha.pk, moment=BACK) is None


def test_the_page_of_a_product_and_the_report_say_it(client: Client) -> None:
    product_id = stock_up(units=50)
    received(delivered(("OOLONG-150", 4)), 1)
    sign_in(client, role="owner")
    text = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/products/{product_id}/").content.decode()).split())
    assert "25% of what was sold in a year came back: 1 of 4 units." in text
    page = client.get("/insights/reports/returns/").content.decode()
    assert "Oolong 150 g" in page
    assert "between 5% and 70%" in page
