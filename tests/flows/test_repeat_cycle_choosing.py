"""Which of the likely pairs are worth a message tonight, at which hour, and what each budget would bring."""

import dataclasses
import datetime as dt
import json

import polars as pl
import pytest
from django.conf import LazySettings

from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import MessageDecision, OutboxItem, OutboxMessage
from reorder.domain.orders.models import Order
from reorder.domain.planning import learned as store
from reorder.domain.planning.models import ReminderPolicy
from reorder.domain.staff.models import AuditEntry
from reorder.flows.repeat_cycle import BadBudget, choose_budget, plan_reminders
from reorder.flows.repeat_cycle.budgeting import size_budget
from reorder.flows.repeat_cycle.contacting import margins_of
from reorder.flows.repeat_cycle.learning import learn_reminder_uplift
from reorder.insights.reminder_plan import CURVE_KIND, load_plan, load_uplift
from tests.factories.catalog import make_product
from tests.factories.messaging import (
    MORNING,
    NIGHT,
    SUNDAY,
    buy,
    decision_codes,
    make_customer,
    make_due,
    make_reader,
    make_run,
    only_message,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_is_held_out(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)


def want(settings: LazySettings, **changes: object) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, **changes)


def remind(*, as_of: dt.date = SUNDAY, moment: dt.datetime = NIGHT) -> dict[str, int]:
    return plan_reminders(run_id=make_run().pk, as_of=as_of, moment=moment).details


def only_parameters(code: str) -> dict[str, object]:
    return MessageDecision.objects.get(reason_code=code).reason_parameters


def readers(count: int, *, hit_shares: list[float]) -> list[Customer]:
    made = []
    run = make_run()
    for number in range(count):
        reader = make_reader(key=f"reader-{number}")
        make_due(run=run, customer=reader, hit_share=hit_shares[number])
        made.append(reader)
    return made


def test_who_orders_in_the_evening_is_written_to_in_the_evening() -> None:
    oolong = make_product()
    mei = make_reader()
    make_due(run=make_run(), customer=mei)
    for week in range(1, 9):
        evening = dt.datetime(2026, 8, 1, 11, 30, tzinfo=dt.UTC) + dt.timedelta(days=7 * week)
        buy(customer=mei, product=oolong, ordered_at=evening, number=f"1{week:03}")

    remind()

    message = only_message()
    assert message.send_after == MORNING + dt.timedelta(hours=9)
    assert message.reason_parameters["contact"]["code"] == "contact.own_hour"
    assert message.reason_parameters["contact"]["hour"] == 19


def test_the_hour_is_that_of_the_customer_s_own_clock() -> None:
    oolong = make_product()
    anna = make_reader(key="anna", time_zone="Europe/Berlin")
    make_due(run=make_run(), customer=anna)
    for week in range(1, 9):
        evening = dt.datetime(2026, 8, 1, 16, 30, tzinfo=dt.UTC) + dt.timedelta(days=7 * week)
        buy(customer=anna, product=oolong, ordered_at=evening, number=f"1{week:03}")

    remind()

    # 18:30 in summer; 18:00 in winter is 17:00 UTC.
    assert only_message().send_after == dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC)


def test_a_parcel_that_takes_longer_is_reminded_of_earlier(settings: LazySettings) -> None:
    make_product()
    mei = make_reader()
    make_due(run=make_run(), customer=mei, remind_date=SUNDAY + dt.timedelta(days=5))

    assert remind() == {"reminder.better_day": 1}
    assert only_parameters("reminder.better_day") == {"product": "Oolong 150 g", "contact_date": "2026-11-25"}

    want(settings, delivery_days=5)
    assert remind() == {"reminder.planned": 1}


def test_a_product_that_is_due_soon_joins_the_message_of_today() -> None:
    make_product()
    make_product(sku="MATCHA-30")
    run, mei, hui = make_run(), make_reader(), make_reader(key="hui")
    make_due(run=run, customer=mei)
    for person in (mei, hui):
        make_due(run=run, customer=person, subject="MATCHA-30", remind_date=SUNDAY + dt.timedelta(days=4))

    remind()

    assert decision_codes() == {
        ("mei", "OOLONG-150"): "reminder.planned",
        ("mei", "MATCHA-30"): "reminder.planned",
        ("hui", "MATCHA-30"): "reminder.better_day",
    }
    assert OutboxMessage.objects.count() == 1


def test_a_message_that_wins_less_than_it_costs_is_not_sent(settings: LazySettings) -> None:
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    mei = make_reader()
    make_due(run=make_run(), customer=mei)
    want(settings, message_cost="20")

    assert remind() == {"reminder.not_worth_its_cost": 1}
    assert only_parameters("reminder.not_worth_its_cost") == {
        "product": "Oolong 150 g",
        "extra_margin": "NT$11.30",
        "cost": "NT$20",
    }
    assert OutboxMessage.objects.count() == 0


def test_two_products_pay_for_one_message_together(settings: LazySettings) -> None:
    run, mei = make_run(), make_reader()
    for sku in ("OOLONG-150", "MATCHA-30"):
        make_product(sku=sku, price_minor=45_000, unit_cost_minor=20_000)
        make_due(run=run, customer=mei, subject=sku)
    want(settings, message_cost="20")

    assert remind() == {"reminder.planned": 2}


def test_what_is_sold_below_its_cost_is_not_reminded_of() -> None:
    make_product(price_minor=10_000, unit_cost_minor=20_000)
    make_due(run=make_run(), customer=make_reader())

    assert remind() == {"reminder.not_worth_its_cost": 1}


def test_a_dearer_message_never_goes_out_more_often(settings: LazySettings) -> None:
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    make_product(sku="MATCHA-30", price_minor=90_000, unit_cost_minor=20_000)
    run = make_run()
    for number in range(6):
        reader = make_reader(key=f"reader-{number}")
        make_due(run=run, customer=reader, subject=("OOLONG-150", "MATCHA-30")[number % 2], hit_share=0.3 + number / 20)
    sent = []
    for cost in ("0", "10", "20", "40", "80"):
        OutboxItem.objects.all().delete()
        OutboxMessage.objects.all().delete()
        want(settings, message_cost=cost)
        remind()
        sent.append(OutboxMessage.objects.count())

    assert sent == sorted(sent, reverse=True)
    assert (sent[0], sent[-1]) == (6, 0)


def test_only_the_best_share_of_all_pairs_is_reminded() -> None:
    make_product()
    readers(10, hit_shares=[0.3 + number / 100 for number in range(10)])
    choose_budget(share=0.2, decided_by="mei", moment=NIGHT)

    assert remind() == {"reminder.beyond_budget": 8, "reminder.planned": 2}
    assert {row.customer.key for row in OutboxMessage.objects.select_related("customer") if row.customer} == {
        "reader-8",
        "reader-9",
    }
    parameters = MessageDecision.objects.filter(reason_code="reminder.beyond_budget").first()
    assert parameters is not None
    assert parameters.reason_parameters["budget_percent"] == "20"
    assert parameters.reason_parameters["least_percent"] == 38


def test_equally_likely_pairs_do_not_burst_the_budget() -> None:
    make_product()
    readers(10, hit_shares=[0.4] * 10)
    choose_budget(share=0.3, decided_by="mei", moment=NIGHT)

    assert remind()["reminder.planned"] == 3


def test_a_budget_of_nothing_reminds_nobody() -> None:
    make_product()
    readers(3, hit_shares=[0.9, 0.5, 0.4])
    choose_budget(share=0.0, decided_by="mei", moment=NIGHT)

    assert remind() == {"reminder.beyond_budget": 3}
    assert OutboxMessage.objects.count() == 0


def test_a_choice_is_kept_with_who_made_it_and_undone_by_another() -> None:
    choose_budget(share=0.05, decided_by="mei", moment=NIGHT)
    choose_budget(share=0.05, decided_by="hui", moment=NIGHT)
    choose_budget(share=1.0, decided_by="hui", moment=MORNING)

    assert [(row.budget_share, row.decided_by) for row in ReminderPolicy.objects.order_by("pk")] == [
        (0.05, "mei"),
        (1.0, "hui"),
    ]
    assert [entry.details for entry in AuditEntry.objects.filter(action="reminders.choose_budget").order_by("pk")] == [
        {"budget_percent": 5.0, "before_percent": None},
        {"budget_percent": 100.0, "before_percent": 5.0},
    ]
    assert load_plan().share == 1.0


@pytest.mark.parametrize("share", [0.04, -0.01, 1.5, float("nan"), float("inf")])
def test_a_share_that_is_no_step_is_refused_with_those_that_are(share: float) -> None:
    with pytest.raises(BadBudget, match=r"Choose one of these shares of all pairs, in percent: 0, 0\.5, 1, 2, 3, 5"):
        choose_budget(share=share, decided_by="mei", moment=NIGHT)


def test_the_night_keeps_what_every_budget_would_have_brought() -> None:
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    readers(8, hit_shares=[0.30, 0.32, 0.34, 0.36, 0.38, 0.40, 0.42, 0.44])
    make_due(run=make_run(), customer=make_customer(key="silent"), hit_share=0.5)
    make_due(run=make_run(), customer=make_reader(key="unlikely"), hit_share=0.1)
    choose_budget(share=0.5, decided_by="mei", moment=NIGHT)

    remind()

    plan = load_plan()
    assert (plan.share, plan.as_of_date, plan.floor_share) == (0.5, SUNDAY, 0.25)
    assert plan.curve is not None
    assert (plan.curve.pairs_count, plan.curve.floor_pairs_count) == (10, 9)
    nothing, half, everything = (plan.step_at(share=share) for share in (0.0, 0.5, 1.0))
    assert nothing is not None
    assert half is not None
    assert everything is not None
    assert (nothing.pairs_count, nothing.messages_count, nothing.hits) == (0, 0, 0.0)
    assert (half.pairs_count, half.due_count, half.no_consent_count, half.messages_count) == (5, 5, 1, 4)
    assert half.hits == pytest.approx(0.5 + 0.44 + 0.42 + 0.40 + 0.38)
    assert half.named_hits == pytest.approx(0.44 + 0.42 + 0.40 + 0.38)
    assert half.extra_margin_minor == pytest.approx(half.extra_orders * 25_000)
    assert (everything.pairs_count, everything.messages_count) == (10, 8)
    # What the night did is what the curve promised of its budget.
    assert OutboxMessage.objects.count() == half.messages_count


def test_a_night_that_is_repeated_keeps_the_curve_of_the_first() -> None:
    make_product()
    readers(2, hit_shares=[0.4, 0.5])
    remind()
    first = store.find_learned(kind=CURVE_KIND)

    assert remind() == {"reminder.already_reminded": 2}

    again = store.find_learned(kind=CURVE_KIND)
    assert first is not None
    assert again is not None
    assert first.id == again.id


def test_a_shop_in_which_nothing_is_due_can_still_be_looked_at() -> None:
    make_product()
    readers(2, hit_shares=[0.1, 0.2])

    assert remind() == {}

    plan = load_plan()
    assert plan.curve is not None
    assert (plan.curve.pairs_count, plan.curve.floor_pairs_count) == (2, 0)
    best = plan.step_at(share=0.5)
    assert best is not None
    assert (best.pairs_count, best.messages_count, best.hit_share) == (1, 0, 0.2)


def test_a_shop_without_any_pair_has_an_empty_curve() -> None:
    assert remind() == {}

    plan = load_plan()
    assert plan.curve is not None
    assert plan.curve.pairs_count == 0


def test_of_a_few_pairs_the_smallest_budget_is_one() -> None:
    hit_shares = pl.DataFrame({"least_share": [0.5, 0.3], "pairs_count": [1, 9], "hits": [0.5, 2.7]})

    assert size_budget(share=0.005, hit_shares=hit_shares).pairs_count == 1
    assert size_budget(share=0.1, hit_shares=hit_shares).least_share == 0.5
    assert size_budget(share=0.2, hit_shares=hit_shares).least_share == 0.3
    assert size_budget(share=0.0, hit_shares=hit_shares).pairs_count == 0


def test_an_unknown_cost_leaves_the_usual_share_of_the_price() -> None:
    products = pl.DataFrame(
        {
            "sku": ["OOLONG-150", "MATCHA-30", "PUERH-357", "SENCHA-50"],
            "price_minor": [40_000, 20_000, 10_000, 10_000],
            "unit_cost_minor": [10_000, 5_000, None, 2_000],
            "currency": ["TWD", "TWD", "TWD", "USD"],
        }
    )

    margins = dict(margins_of(products=products, currency="TWD").iter_rows())

    assert margins == {"OOLONG-150": 30_000.0, "MATCHA-30": 15_000.0, "PUERH-357": 7_500.0}


def told(*, evidence: str = "pair", segment: str = "loyal", subject: str = "OOLONG-150") -> dict[str, object]:
    return {"items": [{"subject": subject, "evidence": evidence, "segment": segment}]}


def reminded(*, key: str, state: str, contacted_at: dt.datetime, due_date: dt.date) -> Customer:
    """Somebody who got a reminder of Oolong at a moment, or would have."""
    customer = make_customer(key=key)
    message = OutboxMessage.objects.create(
        idempotency_key=key,
        message_id=f"<{key}@example.org>",
        customer=customer,
        channel="email",
        purpose="marketing",
        address=f"{key}@example.org",
        subject="Oolong",
        body_text="Oolong",
        state=state,
        reason_code="reminder.planned",
        reason_parameters=told(),
        send_after=contacted_at,
        finished_at=contacted_at,
    )
    product = Product.objects.filter(sku="OOLONG-150").first() or make_product()
    OutboxItem.objects.create(
        message=message, product=product, subject_key="OOLONG-150", due_date=due_date, cycle_key=f"cycle {key}"
    )
    return customer


def test_what_reminders_add_is_learned_from_who_bought_in_the_window() -> None:
    contacted_at = MORNING - dt.timedelta(days=20)
    contact_date = SUNDAY - dt.timedelta(days=20)
    due_date = contact_date + dt.timedelta(days=2)
    people = {
        key: reminded(key=key, state=state, contacted_at=contacted_at, due_date=due_date)
        for key, state in (
            ("in", "sent"),
            ("late", "sent"),
            ("before", "sent"),
            ("other", "held_out"),
            ("kept", "held_out"),
        )
    }
    oolong, matcha = OutboxItem.objects.all()[0].product, make_product(sku="MATCHA-30")
    last_moment = dt.datetime.combine(contact_date + dt.timedelta(days=6), dt.time(), dt.UTC) - dt.timedelta(
        hours=8, seconds=1
    )
    buy(customer=people["in"], product=oolong, ordered_at=last_moment, number="1")
    buy(customer=people["late"], product=oolong, ordered_at=last_moment + dt.timedelta(seconds=1), number="2")
    buy(customer=people["before"], product=oolong, ordered_at=contacted_at - dt.timedelta(seconds=1), number="3")
    buy(customer=people["other"], product=matcha, ordered_at=contacted_at + dt.timedelta(days=1), number="4")
    buy(customer=people["kept"], product=oolong, ordered_at=contacted_at + dt.timedelta(days=1), number="5")
    # One of our own that has arrived is as much of an order as one that was just placed.
    Order.objects.filter(external_id="1").update(fulfilment="reorder", state="delivered")

    uplift = learn_reminder_uplift(as_of=SUNDAY)

    overall = uplift.overall
    assert (overall.treated_customers, overall.held_out_customers) == (3, 2)
    assert overall.treated_share == pytest.approx(1 / 3)
    assert overall.held_out_share == pytest.approx(1 / 2)
    assert {(one.lateness, one.evidence, one.segment) for one in uplift.lifts} == {
        ("", "", ""),
        ("on_time", "", ""),
        ("on_time", "pair", ""),
        ("on_time", "pair", "loyal"),
    }
    assert load_uplift() == uplift


def test_a_message_whose_window_is_not_over_teaches_nothing_yet() -> None:
    reminded(key="recent", state="sent", contacted_at=MORNING - dt.timedelta(days=5), due_date=SUNDAY)
    reminded(key="over", state="sent", contacted_at=MORNING - dt.timedelta(days=6), due_date=SUNDAY)

    assert learn_reminder_uplift(as_of=SUNDAY).overall.treated_customers == 1


def test_reminders_that_were_learned_to_do_harm_are_no_longer_sent() -> None:
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    mei = make_reader()
    make_due(run=make_run(), customer=mei)
    moment = MORNING - dt.timedelta(days=20)
    for number in range(400):
        state = ("sent", "held_out")[number % 2]
        customer = reminded(key=f"n{number}", state=state, contacted_at=moment, due_date=SUNDAY - dt.timedelta(days=18))
        if state == "held_out":
            product = OutboxItem.objects.all()[0].product
            buy(customer=customer, product=product, ordered_at=moment + dt.timedelta(days=1), number=str(number))

    assert remind() == {"reminder.not_worth_its_cost": 1}
    assert json.dumps(only_parameters("reminder.not_worth_its_cost")["extra_margin"]).startswith('"-NT$')
