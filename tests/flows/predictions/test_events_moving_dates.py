"""An event that comes in moves the dates of its customer within one drain, where events were learned to count."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from reorder.domain.planning.models import DueDate
from reorder.engine.repurchase.behaviour import SIGNALS, EventWeights
from reorder.flows import upkeep
from reorder.flows.event_intake import IncomingEvent, take_events
from reorder.flows.predictions import knowing
from tests.factories.shop import AS_OF, NIGHT_AT

pytestmark = pytest.mark.django_db(transaction=True)
NOON = NIGHT_AT + dt.timedelta(hours=9)


def let_events_count() -> None:
    """As if the weekly learning had found that a cart makes the next week twice to four times as likely."""
    learned = knowing.load_or_learn(as_of=AS_OF).learned
    assert learned is not None
    weights = np.zeros((2, len(SIGNALS)))
    weights[0, SIGNALS.index("product_carts_7")] = 2.0
    told = EventWeights(weights=weights, rest=np.ones(2), learned="told by the test")
    knowing.save(kind="repurchase", learned=dataclasses.replace(learned, event_weights=told), seconds=0.0)


def pick() -> DueDate:
    found = DueDate.objects.exclude(subject__startswith="category:").filter(last_bought_date__lt=AS_OF)
    row = found.select_related("customer").order_by("-within_30_days", "pk").first()
    assert row is not None
    return row


def put_into_cart(due: DueDate) -> str:
    event = IncomingEvent(
        message_id="cart-1", kind="cart", happened_at=NOON, customer_key=due.customer.key, sku=due.subject
    )
    return take_events(events=[event], channel="file", moment=NOON)[0].outcome


@pytest.mark.usefixtures("first_night")
def test_a_cart_moves_the_pair_by_the_next_drain_and_no_other_customer() -> None:
    let_events_count()
    picked = pick()
    others = DueDate.objects.exclude(customer=picked.customer).order_by("pk").values_list("pk", "within_7_days")
    before = list(others)

    assert put_into_cart(picked) == "added"
    assert upkeep.drain_dirty(as_of=AS_OF) >= 1

    after = DueDate.objects.get(customer=picked.customer, subject=picked.subject)
    assert after.within_7_days > picked.within_7_days
    assert after.due_date <= picked.due_date
    assert list(others) == before
    assert put_into_cart(picked) == "known"
    assert upkeep.drain_dirty(as_of=AS_OF) == 0


@pytest.mark.usefixtures("first_night")
def test_where_events_were_not_learned_to_count_they_move_nothing() -> None:
    picked = pick()
    before = list(DueDate.objects.order_by("customer", "subject").values_list("subject", "within_7_days", "due_date"))
    put_into_cart(picked)
    upkeep.drain_dirty(as_of=AS_OF)
    after = DueDate.objects.order_by("customer", "subject").values_list("subject", "within_7_days", "due_date")
    assert list(after) == before
