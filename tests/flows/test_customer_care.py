"""A pause really stops marketing: at night, at the moment of sending, and for those who are held out."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.customers.errors import CustomerErased, UnknownCustomer
from reorder.domain.customers.models import Customer
from reorder.domain.messaging import operations
from reorder.domain.messaging.errors import AlreadyPaused, NotPaused
from reorder.domain.messaging.models import MarketingPause, MessageDecision, OutboxMessage
from reorder.flows.customer_care import pause_marketing, resume_marketing
from reorder.flows.outbox import send_due_messages
from reorder.flows.repeat_cycle import plan_reminders
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, NIGHT, SUNDAY, decision_codes, letter, make_due, make_reader, make_run

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def mail_into_a_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0, mail_from="hello@tea.example")
    settings.HOME = tmp_path


def pause(customer: Customer, *, until: dt.date | None = None, moment: dt.datetime = NIGHT - DAY) -> int:
    return pause_marketing(
        customer_id=customer.pk, reason="complaint open", resumes_date=until, decided_by="ann", moment=moment
    )


@pytest.mark.parametrize(
    ("until", "code", "parameters"),
    [
        (None, "reminder.paused", {}),
        (SUNDAY + DAY, "reminder.paused_until", {"resumes_date": "2026-11-23"}),
        (SUNDAY, "reminder.planned", None),
    ],
)
def test_the_night_plans_nothing_while_a_pause_holds_and_says_why(
    until: dt.date | None, code: str, parameters: dict[str, str] | None
) -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    pause(mei, until=until)

    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)

    assert decision_codes() == {("mei", "OOLONG-150"): code}
    assert OutboxMessage.objects.count() == (1 if parameters is None else 0)
    if parameters is not None:
        assert MessageDecision.objects.get().reason_parameters == parameters


def test_a_reminder_planned_while_somebody_paused_is_stopped_at_the_moment_of_sending() -> None:
    mei = make_reader()
    pause(mei)
    operations.plan_messages(drafts=[letter(customer=mei)])

    assert operations.claim_next_message(moment=MORNING) is None

    message = OutboxMessage.objects.get()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.paused")


def test_mail_about_an_order_goes_out_all_the_same() -> None:
    mei = make_reader()
    pause(mei)
    operations.plan_messages(drafts=[letter(customer=mei, purpose="transactional")])
    assert operations.claim_next_message(moment=MORNING) is not None


def test_a_held_out_reminder_does_not_count_while_a_pause_holds() -> None:
    mei = make_reader()
    pause(mei)
    operations.plan_messages(drafts=[letter(customer=mei, state="held_out")])

    send_due_messages(moment=MORNING)

    message = OutboxMessage.objects.get()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.paused")


def test_pausing_withdraws_waiting_marketing_of_this_customer_alone() -> None:
    mei, ann = make_reader(), make_reader(key="ann", name="Ann")
    operations.plan_messages(
        drafts=[
            letter(number=1, customer=mei),
            letter(number=2, customer=mei, state="held_out"),
            letter(number=3, customer=mei, purpose="transactional"),
            letter(number=4, customer=ann),
        ]
    )

    assert pause(mei) == 2

    states = dict(OutboxMessage.objects.values_list("subject", "state"))
    assert states == {"Letter 1": "stopped", "Letter 2": "stopped", "Letter 3": "planned", "Letter 4": "planned"}


def test_after_a_pause_has_run_out_a_new_one_may_begin_and_the_old_stays_on_record() -> None:
    mei = make_reader()
    pause(mei, until=SUNDAY, moment=NIGHT - 10 * DAY)
    with pytest.raises(AlreadyPaused):
        pause(mei, moment=NIGHT - 5 * DAY)
    pause(mei, moment=NIGHT + DAY)
    assert MarketingPause.objects.filter(customer=mei).count() == 2
    assert MarketingPause.objects.filter(customer=mei, resumed_at__isnull=True).count() == 1


def test_nobody_resumes_what_is_not_paused() -> None:
    mei = make_reader()
    with pytest.raises(NotPaused):
        resume_marketing(customer_id=mei.pk, decided_by="ann", moment=NIGHT)


def test_resuming_lets_the_next_night_plan_again() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    pause(mei)
    resume_marketing(customer_id=mei.pk, decided_by="ann", moment=NIGHT - dt.timedelta(hours=1))

    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)

    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.planned"}


def test_unknown_and_erased_customers_cannot_be_paused() -> None:
    mei = make_reader()
    Customer.objects.filter(pk=mei.pk).update(erased_at=NIGHT)
    with pytest.raises(CustomerErased):
        pause(mei)
    with pytest.raises(UnknownCustomer):
        pause_marketing(customer_id=999, reason="x", resumes_date=None, decided_by="ann", moment=NIGHT)
