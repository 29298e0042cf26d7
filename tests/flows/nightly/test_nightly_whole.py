"""One night on a small shop, from the merchant's files to tonight's decisions, on a real PostgreSQL."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from django.db import connection
from django.db.models import F

from reorder.domain.customers.models import Customer
from reorder.domain.inventory import queries as inventory
from reorder.domain.messaging.models import ConsentEntry, MessageDecision, OutboxItem, OutboxMessage
from reorder.domain.planning import queries as planning
from reorder.domain.planning.models import Alert, CustomerStatistic, CustomerValue, DueDate, PairStatistic
from reorder.domain.purchasing.models import Offer, Proposal
from reorder.flows.nightly import NightReport
from tests.factories.shop import AS_OF, NIGHT_AT, PACK_UNITS, PLANNED_TOGETHER, UNSUPPLIED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

HORIZON_DAYS = 28


def rows(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_steps_run_in_order_and_each_is_recorded(night: NightReport) -> None:
    assert (night.run.state, night.run.as_of_date, night.run.error) == ("succeeded", AS_OF, "")
    assert [(step.name, step.state, step.attempts_count, step.error) for step in night.steps] == [
        (name, "succeeded", 1, "")
        for name in (
            "import_files",
            "count_statistics",
            "value_customers",
            "predict_due_dates",
            "forecast_demand",
            "build_demand_plan",
            "set_stock_targets",
            "propose_purchases",
            "plan_reminders",
            "measure_effects",
            "note_facts",
            "recommend",
            "make_reports",
            "raise_alerts",
            "check_ledger",
        )
    ]
    assert all(step.finished_at == NIGHT_AT for step in night.steps)


def test_each_step_says_how_many_rows_it_read_and_wrote(night: NightReport) -> None:
    counts = {step.name: (step.rows_read, step.rows_written) for step in night.steps}
    pairs, customers = PairStatistic.objects.count(), CustomerStatistic.objects.count()

    assert counts["count_statistics"] == (customers, pairs + customers)
    assert counts["value_customers"] == (customers, CustomerValue.objects.count())
    assert counts["predict_due_dates"] == (pairs, DueDate.objects.count())
    assert counts["raise_alerts"] == (inventory.frame_position().height, Alert.objects.count())
    assert counts["forecast_demand"][1] == planning.frame_forecast().height
    assert counts["build_demand_plan"][1] == planning.frame_demand_plan().height
    assert counts["set_stock_targets"][1] == planning.frame_targets().height
    assert counts["propose_purchases"] == (planning.frame_targets().height, Proposal.objects.count())
    assert counts["plan_reminders"] == (MessageDecision.objects.count(), OutboxMessage.objects.count())
    assert min(counts["plan_reminders"]) > 10
    assert counts["propose_purchases"][1] > 3


def test_every_customer_has_a_value(night: NightReport) -> None:
    assert CustomerValue.objects.count() == Customer.objects.count() == 60
    details = next(step.details for step in night.steps if step.name == "value_customers")
    assert sum(details["segments"].values()) == 60


def test_every_pair_ever_bought_has_a_due_date_and_its_dates_are_in_order() -> None:
    pairs = rows(
        """SELECT count(DISTINCT (o.customer_id, CASE p.planned_by WHEN 'category' THEN 'category:' || c.code
                                                  ELSE p.sku END))
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           JOIN catalog_product p ON p.id = l.product_id LEFT JOIN catalog_category c ON c.id = p.category_id"""
    )
    assert pairs == [(DueDate.objects.count(),)]
    disordered = DueDate.objects.exclude(
        due_p10_date__lte=F("due_p25_date"),
        due_p25_date__lte=F("due_date"),
        due_date__lte=F("due_p75_date"),
        due_p75_date__lte=F("due_p90_date"),
        due_p10_date__gte=AS_OF,
        remind_date__gte=AS_OF,
        last_bought_date__lt=AS_OF,
        within_7_days__lte=F("within_14_days"),
        within_14_days__lte=F("within_30_days"),
    )
    assert list(disordered) == []


def test_the_plan_of_every_day_is_the_sum_of_its_parts() -> None:
    plan = planning.frame_demand_plan()
    sums = (pl.col("baseline_units") + pl.col("committed_units") + pl.col("adjustment_units")).clip(0)

    assert plan.filter((pl.col("mean_units") - sums).abs() > 1e-9).height == 0
    assert plan.filter(pl.col("known_customers_units") > pl.col("baseline_units") + 1e-9).height == 0
    assert plan.filter(pl.col("p50_units") > pl.col("p90_units")).height == 0
    assert plan.filter(pl.col("p95_units") > pl.col("p99_units")).height == 0
    assert plan["known_customers_units"].sum() > 0


def test_the_plan_covers_every_subject_that_sold_at_every_day_of_the_horizon() -> None:
    plan = planning.frame_demand_plan()

    sold = rows(
        """SELECT count(DISTINCT (CASE p.planned_by WHEN 'category' THEN 'category:' || c.code ELSE p.sku END,
                                  l.demand_place_code))
           FROM orders_orderline l JOIN catalog_product p ON p.id = l.product_id
           LEFT JOIN catalog_category c ON c.id = p.category_id"""
    )
    assert sold == [(plan.select("sku", "place").unique().height,)]
    days = plan.group_by("sku", "place").agg(pl.len(), pl.col("date").min().alias("first"))
    assert set(days["len"]) == {HORIZON_DAYS}
    assert set(days["first"]) == {AS_OF}


def test_slow_products_are_planned_by_their_category() -> None:
    subjects = set(planning.frame_demand_plan()["sku"])

    assert "category:teaware" in subjects
    assert subjects.isdisjoint(PLANNED_TOGETHER)
    assert not Proposal.objects.filter(product__sku__in=PLANNED_TOGETHER).exists()


def test_proposals_are_whole_packs_of_what_is_low_and_can_be_bought() -> None:
    targets = {(row["sku"], row["place"]): row for row in planning.frame_targets().to_dicts()}
    position = {(row["sku"], row["place"]): row for row in inventory.frame_position().to_dicts()}

    for proposal in Proposal.objects.select_related("product", "place", "supplier"):
        key = (proposal.product.sku, proposal.place.code)
        offer = Offer.objects.get(product=proposal.product)
        assert (proposal.state, proposal.supplier_id) == ("open", offer.supplier_id)
        assert proposal.units % PACK_UNITS == 0
        assert proposal.units >= offer.minimum_units
        on_hand = position[key]["on_hand"] if key in position else 0.0
        assert on_hand <= targets[key]["reorder_point_units"]
        assert Decimal(on_hand) + proposal.units >= Decimal(targets[key]["reorder_point_units"])
    assert UNSUPPLIED not in {sku for sku, _ in targets}


def test_only_those_who_agreed_are_reminded_and_each_at_most_once() -> None:
    agreed = set(ConsentEntry.objects.filter(is_granted=True).values_list("customer_id", flat=True))
    messages = OutboxMessage.objects.filter(purpose="marketing")

    customers = [message.customer_id for message in messages]
    assert len(customers) == len(set(customers)) > 10
    assert set(customers) <= agreed
    for message in messages.select_related("customer"):
        assert message.customer is not None
        assert message.address == f"{message.customer.key}@example.org"
        assert message.state in {"planned", "held_out"}


def test_every_due_pair_has_a_decision_and_those_without_consent_a_reason() -> None:
    decisions = MessageDecision.objects.all()

    assert set(decisions.filter(reason_code="reminder.no_consent").values_list("outcome", flat=True)) == {"suppressed"}
    silent = decisions.filter(reason_code="reminder.no_consent").values_list("customer_id", flat=True)
    assert all(int(Customer.objects.get(pk=pk).key.removeprefix("reader-")) % 3 == 0 for pk in silent)
    assert not OutboxMessage.objects.filter(customer_id__in=silent).exists()
    said = decisions.filter(outcome__in=["planned", "held_out"]).count()
    assert said == OutboxItem.objects.count() > 0


def test_messages_go_out_within_the_waking_hours_of_the_day() -> None:
    # From 8:00 to 20:00 in Taipei: each at its customer's usual hour, or at 10:00 where none stands out.
    moments = set(OutboxMessage.objects.values_list("send_after", flat=True))

    assert dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC) in moments
    assert min(moments) >= dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
    assert max(moments) < dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
