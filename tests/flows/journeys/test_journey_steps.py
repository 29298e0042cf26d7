"""Mei on her way through journeys, with PostgreSQL: facts let her in, steps go on, facts take her out."""

import datetime as dt

import pytest

from reorder.domain.marketing.models import Fact, WantedFact
from reorder.domain.messaging.models import OutboxMessage
from reorder.flows.journeys import editing, take_facts_and_step
from tests.factories.catalog import make_product
from tests.factories.journeys import DAY, HOUR, happen, log_of, where
from tests.factories.messaging import NIGHT, make_reader

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cart_that_was_left_is_written_about_twice_until_mei_orders() -> None:
    mei, yun = make_reader(), make_reader(key="yun", name="Yun")
    make_product(sku="OOLONG-150")
    editing.switch_on_ready_made(code="cart-left", settings={}, decided_by="ann", moment=NIGHT)

    happen(mei, "cart_left", subject="W-8K3MQ2XT", skus=["OOLONG-150"], since=(NIGHT - HOUR).isoformat())
    happen(yun, "viewed", subject="OOLONG-150")

    assert where(mei) == [("active", "day", "")]
    assert where(yun) == []
    assert Fact.objects.count() == 0
    assert set(WantedFact.objects.values_list("kind", flat=True)) == {"cart_left", "ordered"}
    first = OutboxMessage.objects.get()
    assert (first.customer_id, first.state, first.source_kind, first.source_key, first.step_key) == (
        mei.pk, "planned", "journey", "cart-left", "ask",
    )  # fmt: skip
    assert first.reason_code == "journey.cart_left"

    take_facts_and_step(moment=NIGHT + DAY - dt.timedelta(seconds=1))
    assert where(mei) == [("active", "day", "")]
    take_facts_and_step(moment=NIGHT + DAY)
    assert where(mei) == [("active", "after", "")]

    happen(mei, "ordered", subject="A-1", at=NIGHT + DAY + HOUR, skus=["OOLONG-150"])
    assert where(mei) == [("left", "after", "fact")]
    stopped = OutboxMessage.objects.values_list("step_key", "state", "outcome_code").order_by("pk")
    assert list(stopped) == [
        ("ask", "stopped", "outbox.stopped.journey_left"), ("again", "stopped", "outbox.stopped.journey_left"),
    ]  # fmt: skip
    assert log_of(mei) == [
        ("ask", "entered"), ("ask", "planned"), ("day", "waiting"), ("day", "went_on"), ("again", "planned"),
        ("after", "waiting"), ("after", "left"),
    ]  # fmt: skip
