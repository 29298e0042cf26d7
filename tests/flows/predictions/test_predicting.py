"""Due dates after news: the drain predicts who has some, a night predicts also whose days come near, and nobody else."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.db import connection

from reorder.domain.customers.models import Customer
from reorder.domain.orders.models import Order
from reorder.domain.planning import counted, queries
from reorder.domain.planning.models import DueDate, NextDue
from reorder.flows import order_intake, predictions, upkeep
from reorder.flows.customer_care import merge_customers
from reorder.flows.nightly import NightReport, run_night
from reorder.flows.order_intake import Buyer, NewLine, NewOrder
from tests.factories.shop import AS_OF, NIGHT_AT
from tests.factories.statistics import CUSTOMER_STEPS, SHOP, read_tables

pytestmark = pytest.mark.django_db(transaction=True)

NOON = NIGHT_AT + dt.timedelta(hours=9)
TOMORROW = AS_OF + dt.timedelta(days=1)
DUE = """SELECT customer_id, subject, due_date, due_p10_date, due_p90_date, remind_date,
         round(remind_hit_share::numeric, 9), round(active_share::numeric, 9), last_bought_date, as_of_date
         FROM planning_duedate {where} ORDER BY 1, 2"""


def due_rows(*, where: str = "") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(where=where))
        return list(cursor.fetchall())


def order_again(*, due: DueDate, number: str = "N-1", moment: dt.datetime = NOON) -> int:
    """The customer of a due date buys its product now; returns the order."""
    order = NewOrder(
        external_id=number,
        ordered_at=moment,
        currency="TWD",
        buyer=Buyer(key=due.customer.key),
        lines=(NewLine(sku=due.subject, units=Decimal(2)),),
    )
    (taken,) = order_intake.take_orders(orders=[order], channel="file", actor=SHOP, moment=moment)
    assert taken.order_id is not None
    assert Order.objects.get(pk=taken.order_id).customer_id == due.customer_id
    return taken.order_id


def pick_due() -> DueDate:
    found = DueDate.objects.exclude(subject__startswith="category:").select_related("customer")
    row = found.order_by("-remind_hit_share").first()
    assert row is not None
    return row


@pytest.mark.usefixtures("first_night")
def test_a_new_order_is_counted_and_predicted_by_the_drain_and_a_cancellation_takes_it_back() -> None:
    picked, others = pick_due(), "WHERE customer_id <> {0}"
    before, untouched = due_rows(), due_rows(where=others.format(picked.customer_id))

    order_id = order_again(due=picked)
    assert upkeep.drain_dirty(as_of=AS_OF) >= 1

    after = DueDate.objects.get(customer=picked.customer, subject=picked.subject)
    assert (after.last_bought_date, after.as_of_date, after.orders_count) == (AS_OF, AS_OF, picked.orders_count + 1)
    assert after.run_id == picked.run_id
    assert due_rows(where=others.format(picked.customer_id)) == untouched
    assert queries.count_dirty(kind="customer") == queries.count_dirty(kind="rescore") == 0

    order_intake.cancel_order(order_id=order_id, actor=SHOP)
    upkeep.drain_dirty(as_of=AS_OF)
    assert due_rows() == before


@pytest.mark.usefixtures("first_night")
def test_what_the_drain_predicts_is_what_predicting_everybody_gives() -> None:
    order_again(due=pick_due())
    upkeep.drain_dirty(as_of=AS_OF)
    drained = due_rows()

    known = predictions.load_learned(as_of=AS_OF)
    predictor = predictions.load_predictor(as_of=AS_OF, run_id=None, known=known)
    assert predictor is not None
    assert predictions.predict_everybody(predictor=predictor) == len(drained)

    assert due_rows() == drained


@pytest.mark.usefixtures("first_night")
def test_a_drain_that_died_between_counting_and_predicting_is_finished_by_the_next_one() -> None:
    picked = pick_due()
    order_again(due=picked)
    predictions.recount_marked(today=AS_OF)
    assert queries.count_dirty(kind="rescore") == 1

    upkeep.drain_dirty(as_of=AS_OF)

    assert queries.count_dirty(kind="rescore") == 0
    assert DueDate.objects.get(customer=picked.customer, subject=picked.subject).last_bought_date == AS_OF


@pytest.mark.usefixtures("first_night")
def test_two_drains_and_orders_at_the_same_time_lose_nothing() -> None:
    picked = list(DueDate.objects.exclude(subject__startswith="category:").select_related("customer")[:40])

    def drain() -> None:
        try:
            for _ in range(5):
                upkeep.drain_dirty(as_of=AS_OF)
        finally:
            connection.close()

    def buy(number: int) -> None:
        try:
            order_again(due=picked[number], number=f"N-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(drain), *(pool.submit(buy, number) for number in range(40)), pool.submit(drain)]
        for one in work:
            one.result(timeout=120)
    upkeep.drain_dirty(as_of=AS_OF)
    predictions.bring_up_to_date(today=AS_OF)

    found, due = read_tables(), {(row.customer_id, row.subject) for row in DueDate.objects.filter(as_of_date=AS_OF)}
    assert {(one.customer_id, one.subject) for one in picked} <= due
    bought = DueDate.objects.filter(last_bought_date=AS_OF).values_list("customer_id", "subject")
    assert set(bought) == {(one.customer_id, one.subject) for one in picked}
    predictions.rebuild_statistics(today=AS_OF)
    assert read_tables() == found


@pytest.mark.usefixtures("first_night")
def test_a_merged_record_keeps_no_due_dates_and_the_other_has_those_of_both() -> None:
    first, second = Customer.objects.filter(next_due__isnull=False).order_by("pk")[:2]
    subjects = set(DueDate.objects.filter(customer__in=[first, second]).values_list("subject", flat=True))

    merge_customers(keep_id=first.pk, absorb_id=second.pk, decided_by="ann", moment=NOON)
    upkeep.drain_dirty(as_of=AS_OF)

    assert set(DueDate.objects.filter(customer=first).values_list("subject", flat=True)) == subjects
    assert not DueDate.objects.filter(customer=second).exists()
    assert not NextDue.objects.filter(customer=second).exists()


def test_the_next_night_predicts_touched_and_near_pairs_and_leaves_the_others(
    first_night: NightReport, settings: LazySettings
) -> None:
    settings.REORDER = replace(settings.REORDER, reminder_minimum_share=0.9)
    near = TOMORROW + dt.timedelta(days=7)
    far = DueDate.objects.filter(due_date__gt=near).exclude(remind_date__lte=near, remind_hit_share__gte=0.45)
    touched = pick_due()
    alone = set(far.exclude(customer=touched.customer).values_list("pk", flat=True))
    order_again(due=touched)

    report = run_night(as_of=TOMORROW, now=lambda: NIGHT_AT + dt.timedelta(days=1), steps=CUSTOMER_STEPS)

    details = next(step.details for step in report.steps if step.name == "predict_due_dates")
    of_touched = DueDate.objects.filter(customer=touched.customer)
    assert details["touched"] == of_touched.count() > 0
    assert set(of_touched.values_list("as_of_date", flat=True)) == {TOMORROW}
    assert set(DueDate.objects.filter(pk__in=alone).values_list("as_of_date", flat=True)) == {AS_OF}
    assert DueDate.objects.filter(pk__in=alone).count() == len(alone) > 0
    assert not DueDate.objects.filter(due_date__lt=TOMORROW).exists()
    assert details["near"] == DueDate.objects.filter(as_of_date=TOMORROW).exclude(customer=touched.customer).count()


def test_a_day_gone_by_is_planned_from_the_lines_before_it_and_tonight_predicts_everybody_again(
    first_night: NightReport,
) -> None:
    before, past = due_rows(), AS_OF - dt.timedelta(days=20)

    run_night(as_of=past, now=lambda: NIGHT_AT, steps=CUSTOMER_STEPS)

    assert DueDate.objects.exists()
    assert not DueDate.objects.filter(last_bought_date__gte=past).exists()
    assert set(DueDate.objects.values_list("as_of_date", flat=True)) == {past}

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=CUSTOMER_STEPS)

    details = next(step.details for step in report.steps if step.name == "predict_due_dates")
    assert details["everybody"] == len(before)
    assert due_rows() == before
    state = counted.find_state()
    assert state is not None
    assert not state.is_refresh_needed
