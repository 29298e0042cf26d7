"""Who is reminded tonight, who is not, and the reason that is written down for each."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.inventory.operations import record_moves
from reorder.domain.marketing.proof import record_holdout
from reorder.domain.messaging import operations
from reorder.domain.messaging.models import MessageDecision, OutboxItem, OutboxMessage
from reorder.flows import restock
from reorder.flows.repeat_cycle import plan_reminders
from reorder.flows.repeat_cycle.learning import learn_reminder_uplift
from reorder.flows.repeat_cycle.planning import PlannedReminders
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening, shipment
from tests.factories.messaging import (
    LAST_BOUGHT,
    MORNING,
    NIGHT,
    SUNDAY,
    buy,
    decision_codes,
    declare,
    give_address,
    letter,
    make_customer,
    make_due,
    make_reader,
    make_run,
    only_message,
)
from tests.factories.purchasing import make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_is_held_out(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0, mail_from="hello@tea.example")


def remind(*, run_id: int, moment: dt.datetime = NIGHT) -> PlannedReminders:
    return plan_reminders(run_id=run_id, as_of=SUNDAY, moment=moment)


def test_mei_is_reminded_of_oolong_at_ten_o_clock_with_the_evidence() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)

    made = remind(run_id=run.pk)

    message = only_message()
    assert made == PlannedReminders(1, 1, {"reminder.planned": 1})
    assert (message.state, message.address, message.send_after) == ("planned", "mei@example.org", MORNING)
    assert message.subject == "Running low on Oolong 150 g?"
    assert "Oolong 150 g: you buy it about every 24 days, last on 2026-10-30." in message.body_text
    assert message.message_id == f"<{message.idempotency_key}@tea.example>"
    assert message.reason_parameters["hit_percent"] == 40
    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.planned"}


def test_the_same_night_twice_plans_nothing_new() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    remind(run_id=run.pk)

    again = remind(run_id=run.pk)

    assert again.rows_written == 0
    assert OutboxMessage.objects.count() == 1
    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.planned"}


def test_a_purchase_cycle_is_reminded_once_even_after_its_message_was_stopped() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    remind(run_id=run.pk)
    operations.stop_message(message_id=only_message().pk, moment=NIGHT)
    next_run = make_run()

    remind(run_id=next_run.pk)

    decision = MessageDecision.objects.get(run_key=next_run.pk)
    assert (decision.outcome, decision.reason_code) == ("suppressed", "reminder.already_reminded")
    assert decision.reason_parameters == {"last_bought_date": "2026-10-30"}
    assert OutboxMessage.objects.count() == 1


def test_without_address_or_consent_nobody_is_written_to() -> None:
    make_product()
    run = make_run()
    ann, bo, cho, dai = (make_customer(key=key) for key in ("ann", "bo", "cho", "dai"))
    for customer in (ann, bo, cho, dai):
        make_due(run=run, customer=customer)
    for customer in (bo, cho, dai):
        give_address(customer=customer)
    declare(customer=cho, is_granted=True)
    declare(customer=cho, is_granted=False, declared_at=NIGHT)
    declare(customer=dai, is_granted=False, declared_at=NIGHT - dt.timedelta(days=300))
    declare(customer=dai, is_granted=True)

    remind(run_id=run.pk)

    assert decision_codes() == {
        ("ann", "OOLONG-150"): "reminder.no_address",
        ("bo", "OOLONG-150"): "reminder.no_consent",
        ("cho", "OOLONG-150"): "reminder.consent_withdrawn",
        ("dai", "OOLONG-150"): "reminder.planned",
    }
    assert only_message().customer == dai


def test_an_address_without_mailbox_counts_as_none() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    operations.mark_unreachable(customer_id=mei.pk, address="mei@example.org", moment=NIGHT)

    remind(run_id=run.pk)

    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.no_address"}


def test_who_bought_on_the_night_itself_is_not_reminded() -> None:
    oolong = make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    buy(customer=mei, product=oolong, ordered_at=NIGHT - dt.timedelta(hours=1), number="1001")

    remind(run_id=run.pk)

    decision = MessageDecision.objects.get()
    assert (decision.reason_code, decision.reason_parameters) == (
        "reminder.bought_since",
        {"bought_date": "2026-11-22"},
    )


def test_a_reminder_waits_for_stock() -> None:
    make_place()
    oolong, matcha, puerh = make_product(), make_product(sku="MATCHA-30"), make_product(sku="PUERH-357")
    mei, run = make_reader(), make_run()
    for product in (oolong, matcha, puerh):
        make_due(run=run, customer=mei, subject=product.sku)
    record_moves(
        moves=[
            opening(product_id=oolong.pk, units=5),
            shipment(product_id=oolong.pk, units=5, key="sold-out"),
            opening(product_id=matcha.pk, units=1),
        ]
    )

    remind(run_id=run.pk)

    assert decision_codes() == {
        ("mei", "OOLONG-150"): "reminder.held_for_stock",
        ("mei", "MATCHA-30"): "reminder.planned",
        ("mei", "PUERH-357"): "reminder.planned",
    }
    assert OutboxItem.objects.count() == 2


def test_a_reminder_of_goods_on_order_waits_and_says_until_when(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    make_place()
    make_product()
    make_supplier(lead_days=5)
    make_offer()
    [proposal] = propose(("OOLONG-150", 12))
    restock.approve(proposal_ids=[proposal], decided_by="mei", moment=NIGHT)
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)

    remind(run_id=run.pk)

    decision = MessageDecision.objects.get()
    assert (decision.outcome, decision.reason_code) == ("held_for_stock", "reminder.held_for_delivery")
    assert decision.reason_parameters == {
        "product": "Oolong 150 g",
        "incoming_units": 12,
        "expected_date": "2026-11-27",
    }


def test_the_weekly_cap_puts_a_reminder_off_and_says_until_when() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    sent_on_tuesday = dt.datetime(2026, 11, 17, 2, 0, tzinfo=dt.UTC)
    operations.plan_messages(
        drafts=[
            letter(number=1, customer=mei, send_after=sent_on_tuesday),
            letter(number=2, customer=mei, send_after=sent_on_tuesday + dt.timedelta(days=2)),
            letter(number=3, customer=mei, send_after=NIGHT - dt.timedelta(days=8)),
        ]
    )

    remind(run_id=run.pk)

    decision = MessageDecision.objects.get()
    assert (decision.outcome, decision.reason_code) == ("rescheduled", "reminder.weekly_cap")
    assert decision.reason_parameters == {"messages_count": 2, "limit": 2, "again_date": "2026-11-24"}


def test_several_due_products_share_one_message_the_likeliest_margin_first() -> None:
    make_product(sku="OOLONG-150", price_minor=45_000, unit_cost_minor=20_000)
    make_product(sku="MATCHA-30", price_minor=90_000, unit_cost_minor=20_000)
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei, subject="OOLONG-150", hit_share=0.5)
    make_due(run=run, customer=mei, subject="MATCHA-30", hit_share=0.3)

    remind(run_id=run.pk)

    message = only_message()
    assert message.subject == "Matcha 30 g and 1 more you may need"
    assert [item["sku"] for item in message.reason_parameters["items"]] == ["MATCHA-30", "OOLONG-150"]


def test_a_message_names_five_products_and_the_sixth_waits() -> None:
    mei, run = make_reader(), make_run()
    for number in range(6):
        make_product(sku=f"TEA-{number}")
        make_due(run=run, customer=mei, subject=f"TEA-{number}", hit_share=0.9 - number / 10)

    remind(run_id=run.pk)

    codes = decision_codes()
    assert codes.pop(("mei", "TEA-5")) == "reminder.message_full"
    assert set(codes.values()) == {"reminder.planned"}
    assert OutboxItem.objects.count() == 5


def test_a_held_out_customer_is_decided_alike_but_nothing_is_to_be_sent(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.999999)
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)

    remind(run_id=run.pk)

    message = only_message()
    assert (message.state, message.holdout) == ("held_out", "source")
    assert (message.source_kind, message.source_key) == ("reminder", "due")
    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.held_out"}


def test_whom_all_marketing_keeps_back_gets_no_reminder_either_and_is_no_comparison_for_reminders() -> None:
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)
    record_holdout(source_kind="global", source_key="", share=1.0, note="", decided_by="Mei", decided_at=NIGHT)
    record_holdout(source_kind="reminder", source_key="due", share=1.0, note="", decided_by="Mei", decided_at=NIGHT)

    remind(run_id=run.pk)

    assert (only_message().state, only_message().holdout) == ("held_out", "global")
    only_message().__class__.objects.update(finished_at=MORNING - dt.timedelta(days=30))
    assert learn_reminder_uplift(as_of=SUNDAY).overall.held_out_customers == 0


def test_only_likely_pairs_whose_days_have_come_near_are_candidates() -> None:
    make_product()
    run = make_run()
    make_due(run=run, customer=make_reader(key="unlikely"), hit_share=0.24)
    for days in (-4, -3, 0, 3, 6, 7):
        make_due(run=run, customer=make_reader(key=f"{days:+}"), remind_date=SUNDAY + dt.timedelta(days=days))

    made = remind(run_id=run.pk)

    assert made.rows_read == 4
    assert {key: code for (key, _), code in decision_codes().items()} == {
        "-3": "reminder.planned",
        "+0": "reminder.planned",
        "+3": "reminder.better_day",
        "+6": "reminder.better_day",
    }


def test_a_category_planned_as_a_whole_is_reminded_by_the_product_the_customer_buys_most() -> None:
    from reorder.domain.catalog.models import Category

    tea = Category.objects.create(code="tea", name="Tea")
    oolong, matcha = make_product(planned_by="category"), make_product(sku="MATCHA-30", planned_by="category")
    for product in (oolong, matcha):
        type(product).objects.filter(pk=product.pk).update(category=tea)
    mei, run = make_reader(), make_run()
    for number, product in enumerate((matcha, matcha, oolong)):
        buy(customer=mei, product=product, ordered_at=NIGHT - dt.timedelta(days=60 - number), number=str(number))
    make_due(run=run, customer=mei, subject="category:tea")

    remind(run_id=run.pk)

    message = only_message()
    assert message.subject == "Running low on Matcha 30 g?"
    assert "it usually lasts about 24 days, you last bought it on 2026-10-30." in message.body_text


def test_a_product_no_longer_sold_is_not_offered() -> None:
    oolong = make_product()
    type(oolong).objects.filter(pk=oolong.pk).update(state="discontinued")
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)

    remind(run_id=run.pk)

    assert decision_codes() == {("mei", "OOLONG-150"): "reminder.no_product"}


def test_a_customer_elsewhere_is_written_to_at_ten_on_their_own_clock() -> None:
    make_product()
    run = make_run()
    make_due(run=run, customer=make_reader(key="anna", time_zone="Europe/Berlin"))

    remind(run_id=run.pk)

    assert only_message().send_after == dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


def test_the_database_itself_refuses_a_second_reminder_of_one_cycle() -> None:
    from django.db import IntegrityError

    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei, last_bought_date=LAST_BOUGHT)
    remind(run_id=run.pk)
    item = OutboxItem.objects.get()
    operations.plan_messages(drafts=[letter(number=9, customer=mei)])
    other = OutboxMessage.objects.get(idempotency_key="letter-9")

    with pytest.raises(IntegrityError, match="outbox_item_cycle_once"):
        OutboxItem.objects.create(message=other, product=item.product, cycle_key=item.cycle_key)


def test_a_limit_of_no_messages_a_week_sends_none(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, messages_per_week=0)
    make_product()
    mei, run = make_reader(), make_run()
    make_due(run=run, customer=mei)

    made = remind(run_id=run.pk)

    assert made == PlannedReminders(1, 0, {"reminder.weekly_cap": 1})
    assert OutboxMessage.objects.count() == 0


def test_decisions_are_forgotten_after_their_time() -> None:
    run = make_run()
    make_due(run=run, customer=make_reader())
    make_product()
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)
    assert MessageDecision.objects.count() == 1

    MessageDecision.objects.update(decided_at=NIGHT - dt.timedelta(days=179))
    assert operations.forget_decisions(decided_before=NIGHT - dt.timedelta(days=180)) == 0
    MessageDecision.objects.update(decided_at=NIGHT - dt.timedelta(days=181))
    assert operations.forget_decisions(decided_before=NIGHT - dt.timedelta(days=180)) == 1


def test_nobody_is_reminded_before_half_of_the_usual_gap_has_passed() -> None:
    make_product()
    run = make_run()
    make_due(run=run, customer=make_reader(), last_bought_date=SUNDAY - dt.timedelta(days=11), gap_days=24.0)

    assert remind(run_id=run.pk).details == {"reminder.too_soon": 1}
    assert MessageDecision.objects.get().reason_parameters == {"elapsed_days": 11, "gap_days": 24}

    run.delete()
    later = make_run()
    make_due(run=later, customer=make_reader(key="an"), last_bought_date=SUNDAY - dt.timedelta(days=12), gap_days=24.0)
    assert remind(run_id=later.pk).details["reminder.planned"] == 1
