"""A reminder that waits is withdrawn, or loses a product, when there is nothing left to say."""

import dataclasses
import datetime as dt

import pytest
from django.conf import LazySettings

from reorder.domain.customers.models import Customer
from reorder.domain.messaging import operations
from reorder.domain.messaging.models import OutboxItem, OutboxMessage
from reorder.domain.planning.models import DueDate
from reorder.flows.outbox import send_due_messages
from reorder.flows.repeat_cycle import plan_reminders, withdraw_outdated
from tests.factories.catalog import make_product
from tests.factories.messaging import (
    MORNING,
    NIGHT,
    SUNDAY,
    buy,
    make_due,
    make_reader,
    make_run,
    only_message,
)
from tests.factories.smtp import smtp_peer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mei(settings: LazySettings) -> Customer:
    """Mei, with a reminder of Oolong and Matcha that waits for ten o'clock."""
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0, language="en")
    make_product(sku="OOLONG-150")
    make_product(sku="MATCHA-30")
    customer, run = make_reader(), make_run()
    make_due(run=run, customer=customer, subject="OOLONG-150", hit_share=0.5)
    make_due(run=run, customer=customer, subject="MATCHA-30", hit_share=0.3)
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)
    return customer


def buys(customer: Customer, sku: str) -> None:
    from reorder.domain.catalog.models import Product

    buy(
        customer=customer,
        product=Product.objects.get(sku=sku),
        ordered_at=NIGHT + dt.timedelta(hours=2),
        number=f"after-{sku}",
    )


def test_a_product_bought_meanwhile_leaves_the_message_and_the_words(mei: Customer) -> None:
    buys(mei, "OOLONG-150")

    changed = withdraw_outdated(customer_ids=[mei.pk])

    message = only_message()
    assert (changed, message.state) == (1, "planned")
    assert message.subject == "Running low on Matcha 30 g?"
    assert "Oolong" not in message.body_text + message.body_html
    assert message.reason_parameters["product"] == "Matcha 30 g"
    assert OutboxItem.objects.get().product.sku == "MATCHA-30"


def test_a_message_with_nothing_left_to_say_is_stopped(mei: Customer) -> None:
    buys(mei, "OOLONG-150")
    buys(mei, "MATCHA-30")

    withdraw_outdated(customer_ids=[mei.pk])

    message = only_message()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.bought_since")


def test_a_prediction_that_is_gone_takes_its_reminder_with_it(mei: Customer) -> None:
    DueDate.objects.all().delete()

    withdraw_outdated(customer_ids=[mei.pk])

    message = only_message()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.no_longer_due")


def test_a_waiting_reminder_that_is_still_true_stays_as_it_is(mei: Customer) -> None:
    before = only_message().body_text

    assert withdraw_outdated(customer_ids=[mei.pk]) == 0
    assert only_message().body_text == before


def test_a_message_that_is_being_sent_is_left_alone(mei: Customer) -> None:
    buys(mei, "OOLONG-150")
    operations.claim_next_message(moment=MORNING)

    assert withdraw_outdated(customer_ids=[mei.pk]) == 0
    assert only_message().state == "sending"


def test_a_purchase_before_its_moment_withdraws_a_held_out_message_a_later_one_counts_for_it(mei: Customer) -> None:
    OutboxMessage.objects.update(state="held_out")
    operations.close_held_out_messages(moment=MORNING)
    buys(mei, "OOLONG-150")

    assert withdraw_outdated(customer_ids=[mei.pk]) == 0
    assert only_message().state == "held_out"


def test_sending_itself_looks_once_more_whether_the_customer_has_bought(mei: Customer, settings: LazySettings) -> None:
    buys(mei, "OOLONG-150")
    buys(mei, "MATCHA-30")
    with smtp_peer() as peer:
        settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=peer.url)
        send_due_messages(moment=MORNING)

    assert peer.message_ids == []
    assert only_message().state == "stopped"
