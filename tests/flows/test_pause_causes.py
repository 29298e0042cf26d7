"""Open returns and orders that we gave up keep marketing away by themselves, beside what staff paused."""

import datetime as dt

import pytest

from reorder.domain.messaging.models import MarketingPause
from reorder.domain.messaging.of_customer import get_reach
from reorder.domain.orders.models import Order
from reorder.flows import fulfil, returns
from reorder.flows.customer_care import pausing
from reorder.flows.portal.confirming import actor_of
from reorder.flows.tracking.pausing import follow_pauses
from tests.factories.order_life import LATER, placed
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.returning import BACK, delivered, opened

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def held(customer_id: int) -> list[str]:
    found = MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True)
    return sorted(found.values_list("cause", flat=True))


def test_a_return_pauses_until_it_has_ended_and_staff_pauses_stand_beside_it() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2))
    mei = Order.objects.get(pk=order_id).customer_id
    return_id = opened(order_id, 1)
    assert follow_pauses(moment=BACK + HOUR) == (1, 0)
    assert follow_pauses(moment=BACK + HOUR) == (0, 0)
    pausing.pause_marketing(
        customer_id=mei, reason="moving house", resumes_date=None, decided_by="ann", moment=BACK + HOUR
    )
    assert held(mei) == ["", "return"]
    shown = get_reach(customer_id=mei).pause_on(day=BACK.date())
    assert shown is not None
    assert shown.reason == "moving house"

    returns.cancel(return_id=return_id, word="", actor=MERCHANT, moment=BACK + 2 * HOUR)
    assert follow_pauses(moment=BACK + 2 * HOUR) == (0, 1)
    assert held(mei) == [""]
    pausing.resume_marketing(customer_id=mei, decided_by="ann", moment=BACK + 3 * HOUR)
    assert held(mei) == []


def test_an_order_that_we_gave_up_pauses_for_a_week_but_not_one_that_the_customer_gave_up() -> None:
    stock_up(units=10)
    own, ours = placed(("OOLONG-150", 1), external_id="1"), placed(("OOLONG-150", 1), external_id="2")
    mei = Order.objects.get(pk=own).customer_id
    fulfil.cancel_order(order_id=own, reason="the customer", actor=actor_of(customer_id=mei), moment=LATER)
    assert held(mei) == []
    fulfil.cancel_order(order_id=ours, reason="out of stock", actor=MERCHANT, moment=LATER)
    assert held(mei) == ["order"]
    pause = MarketingPause.objects.get()
    assert (pause.resumes_date, pause.paused_by) == (LATER.date() + dt.timedelta(days=7), "system")
