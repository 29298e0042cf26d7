"""Mei's tea comes due: the night hands it over, the journey writes, and what she buys ends it."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.marketing.models import Exposure, HandedCycle
from reorder.domain.messaging.models import MessageDecision, OutboxItem, OutboxMessage
from reorder.domain.staff.rules import Actor
from reorder.flows import effects
from reorder.flows.journeys import attach_handed_cycles, editing, switching, take_facts_and_step
from reorder.flows.order_intake import Buyer, NewLine, NewOrder, take_orders
from reorder.flows.repeat_cycle import plan_reminders
from tests.factories.catalog import make_product
from tests.factories.journeys import DAY, HOUR, where
from tests.factories.messaging import LAST_BOUGHT, MORNING, NIGHT, SUNDAY, make_due, make_reader, make_run

pytestmark = pytest.mark.django_db(transaction=True)
ANN = Actor(name="ann", abilities=frozenset())


def order(*, number: str, product: Product, ordered_at: dt.datetime) -> None:
    lines = (NewLine(sku=product.sku, units=Decimal(1), unit_price=Decimal(300)),)
    taken = NewOrder(external_id=number, ordered_at=ordered_at, currency="TWD", buyer=Buyer(key="mei"), lines=lines)
    take_orders(orders=[taken], channel="file", actor=ANN, moment=ordered_at)


def test_two_teas_that_are_due_are_one_message_of_the_journey_and_an_order_of_one_ends_it() -> None:
    oolong, sencha = make_product(), make_product(sku="SENCHA-100")
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    make_due(run=run, customer=mei, subject="SENCHA-100", hit_share=0.3)
    editing.switch_on_ready_made(code="replenishment", settings={"offset_days": 1}, decided_by="ann", moment=NIGHT)

    made = plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)

    assert (made.rows_written, made.details) == (2, {"reminder.planned": 2})
    assert OutboxMessage.objects.count() == 0
    take_facts_and_step(moment=NIGHT)
    assert where(mei) == [("active", "after", "")]
    message = OutboxMessage.objects.get()
    # The settings of the journey shift the hour that the night chose by a day.
    assert (message.state, message.source_key, message.send_after) == ("planned", "replenishment", MORNING + DAY)
    assert [one["subject"] for one in message.reason_parameters["items"]] == ["OOLONG-150", "SENCHA-100"]
    assert set(HandedCycle.objects.values_list("subject_key", "last_bought_date", "message_key")) == {
        ("OOLONG-150", LAST_BOUGHT, message.idempotency_key),
        ("SENCHA-100", LAST_BOUGHT, message.idempotency_key),
    }

    again = plan_reminders(run_id=make_run().pk, as_of=SUNDAY, moment=NIGHT + HOUR)
    assert (again.rows_written, again.details) == (0, {"reminder.already_reminded": 2})

    assert attach_handed_cycles(moment=NIGHT) == 2
    assert attach_handed_cycles(moment=NIGHT) == 0
    items = OutboxItem.objects.filter(message=message).exclude(cycle_key=None)
    assert set(items.values_list("product__sku", "subject_key")) == {
        (oolong.sku, "OOLONG-150"), (sencha.sku, "SENCHA-100"),
    }  # fmt: skip

    order(number="A-1", product=sencha, ordered_at=NIGHT + 2 * HOUR)
    take_facts_and_step(moment=NIGHT + 2 * HOUR)
    assert where(mei) == [("left", "after", "fact")]
    message.refresh_from_db()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.journey_left")

    # She was decided about in the night, not when the letter was to leave: what she bought since then counts.
    counted = effects.measure(as_of=SUNDAY + DAY, moment=NIGHT + DAY)
    assert (counted.exposed_count, counted.counted_count) == (3, 3)
    kept = Exposure.objects.get(source_kind="journey", source_key="replenishment", step_key="")
    assert (kept.customer_id, kept.arm, kept.exposed_at, kept.orders_count) == (mei.pk, "treated", NIGHT, 1)


def test_off_the_night_writes_plain_reminders_again_and_what_waits_is_taken_back() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    editing.switch_on_ready_made(code="replenishment", settings={}, decided_by="ann", moment=NIGHT)
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)
    take_facts_and_step(moment=NIGHT)

    yun = make_reader(key="yun", name="Yun")
    make_due(run=run, customer=yun)
    switching.pause(code="replenishment", decided_by="ann", moment=NIGHT)
    # While it is paused nobody writes, and nothing is lost.
    plan_reminders(run_id=make_run().pk, as_of=SUNDAY, moment=NIGHT)
    take_facts_and_step(moment=NIGHT)
    assert not OutboxMessage.objects.filter(customer=yun).exists()

    switching.switch_off(code="replenishment", decided_by="ann", moment=NIGHT + HOUR)

    assert where(mei) == [("left", "after", "switched_off")]
    assert OutboxMessage.objects.get().state == "stopped"
    plan_reminders(run_id=make_run().pk, as_of=SUNDAY, moment=NIGHT + HOUR)
    plain = OutboxMessage.objects.get(customer=yun)
    assert (plain.state, plain.source_kind) == ("planned", "reminder")
    assert MessageDecision.objects.filter(customer=mei, reason_code="reminder.already_reminded").count() == 2
    assert plain.send_after.astimezone(ZoneInfo("Asia/Taipei")).hour == 10
