"""The steps of a night in their order; each loads, decides and saves in one transaction of its own."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from django.conf import settings

from reorder.domain.channels import operations as channels
from reorder.domain.orders import queries as orders
from reorder.domain.storage import AlreadyRunning, one_transaction, widened_transaction
from reorder.flows import (
    alerting,
    demand_plan,
    effects,
    journeys,
    recommending,
    repeat_cycle,
    reports,
    restock,
    webhooks,
)
from reorder.flows.file_import import import_folder
from reorder.flows.file_import.uploads import expire_uploads
from reorder.flows.nightly.customers import count_statistics, predict_due_dates, value_customers
from reorder.flows.stepping import Done, Step
from reorder.insights.promise_proof import prove_ledger
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job

# Staged rows of an import that nobody carried on hold personal facts; they are not kept longer than this.
IMPORT_KEPT_DAYS = 30


class LedgerDiffers(ReorderError):
    """Levels and ledger disagree: somebody wrote to the database around the ledger."""

    code = "nightly.ledger_differs"
    template = "{count} stock levels differ from the ledger, first: {first}. Run: reorder doctor"


class PromisesDiffer(ReorderError):
    """Stock is promised otherwise than orders say: goods stand there for nobody, or an order counts on none."""

    code = "nightly.promises_differ"
    template = "{count} promises of stock are not as their orders say, first: {first}. Run: reorder doctor --ledger"


@dataclass
class Night:
    """What the steps of one night share; frames are loaded when first asked for and kept until the night ends."""

    run_id: int
    as_of: dt.date
    moment: dt.datetime
    today: dt.date

    @property
    def is_past(self) -> bool:
        """Whether the day has gone by: statistics hold what came after it, so the night counts for itself."""
        return self.as_of < self.today

    @cached_property
    def order_lines(self) -> pl.DataFrame:
        """Every order line before the night's day."""
        return orders.frame_order_lines(before_date=self.as_of, time_zone=settings.REORDER.time_zone)

    @cached_property
    def history(self) -> pl.DataFrame:
        """Daily units before the night's day."""
        return demand_plan.load_history(as_of=self.as_of)


def _take_in_files(night: Night) -> Done:
    expired = channels.expire_imports(started_before=night.moment - dt.timedelta(days=IMPORT_KEPT_DAYS))
    expire_uploads(moment=night.moment)
    reports = import_folder(folder=settings.IMPORT_FOLDER)
    return Done(
        rows_read=sum(r.rows_read for r in reports),
        rows_written=sum(r.rows_imported for r in reports),
        details={
            "files": [r.name for r in reports],
            "rows_rejected": sum(r.rows_rejected for r in reports),
            "failed": [r.error for r in reports if r.error],
            "expired": expired,
        },
    )


def _count_statistics(night: Night) -> Done:
    return count_statistics(today=night.today)


def _value_customers(night: Night) -> Done:
    lines = night.order_lines if night.is_past else None
    return value_customers(run_id=night.run_id, as_of=night.as_of, order_lines=lines)


def _predict_due_dates(night: Night) -> Done:
    lines = night.order_lines if night.is_past else None
    return predict_due_dates(run_id=night.run_id, as_of=night.as_of, order_lines=lines)


def _forecast(night: Night) -> Done:
    made = demand_plan.forecast_baseline(
        run_id=night.run_id,
        as_of=night.as_of,
        history=night.history,
        known_before=None if night.is_past else night.moment,
    )
    return Done(night.history.height, made.rows_written, dict(made.details))


def _plan(night: Night) -> Done:
    written, parts = demand_plan.build_demand_plan(run_id=night.run_id, as_of=night.as_of)
    return Done(written, written, parts)


def _set_targets(night: Night) -> Done:
    written = demand_plan.set_stock_targets(run_id=night.run_id, as_of=night.as_of, history=night.history)
    return Done(night.history.height, written)


def _propose(night: Night) -> Done:
    made = restock.propose_purchases(run_id=night.run_id, as_of=night.as_of)
    return Done(made.rows_read, made.rows_written, made.details)


def _remind(night: Night) -> Done:
    if not night.is_past:
        with one_transaction():
            journeys.attach_handed_cycles(moment=night.moment)
    made = repeat_cycle.plan_reminders(run_id=night.run_id, as_of=night.as_of, moment=night.moment)
    return Done(made.rows_read, made.rows_written, made.details)


def _measure_effects(night: Night) -> Done:
    if night.is_past:
        return Done(details={"effects": "effects follow the present, not a day gone by"})
    try:
        made = effects.measure(as_of=night.as_of, moment=night.moment)
    except AlreadyRunning:
        return Done(details={"effects": "a person had them measured at the same moment"})
    details = {"exposed": made.exposed_count, "counted": made.counted_count, "responses": made.responses_count}
    return Done(made.counted_count, made.figures_count, details)


def _note_facts(night: Night) -> Done:
    if night.is_past:
        return Done(details={"facts": "journeys follow the present, not a day gone by"})
    found = journeys.look_daily(as_of=night.as_of, moment=night.moment)
    return Done(rows_written=sum(found.counts.values()), details=found.counts)


def _recommend(night: Night) -> Done:
    if night.is_past:
        return Done(details={"model": "lists follow the present, not a day gone by"})
    made = recommending.rank_waiting(as_of=night.as_of)
    return Done(made.customers, made.customers, {"model": made.model})


def _raise_alerts(night: Night) -> Done:
    if night.is_past:
        return Done(details={"open": "alerts follow the present, not a day gone by"})
    with widened_transaction():
        looked_at, figures = alerting.raise_alerts(
            run_id=night.run_id, as_of=night.as_of, moment=night.moment, history=night.history
        )
        webhooks.announce_low_stock(moment=night.moment)
    return Done(looked_at, figures["opened_count"] + figures["reopened_count"], figures)


def _report(night: Night) -> Done:
    if night.is_past:
        return Done(details={"stock": "reports follow the present, not a day gone by"})
    written, stock = reports.make_reports(run_id=night.run_id, as_of=night.as_of, moment=night.moment)
    defer_job(name=JobName.CHECK_SERVICE, once_key="check_service")
    return Done(written, written, stock)


def _check_ledger(night: Night) -> Done:
    proof = prove_ledger()
    alerting.raise_ledger_fault(
        differences=proof.levels, promises=proof.promises, moment=night.moment, run_id=night.run_id
    )
    if proof.levels:
        raise LedgerDiffers(count=len(proof.levels), first=proof.levels[0])
    if proof.promises:
        raise PromisesDiffer(count=len(proof.promises), first=proof.promises[0])
    return Done()


STEPS = (
    Step("import_files", _take_in_files),
    Step("count_statistics", _count_statistics),
    Step("value_customers", _value_customers),
    Step("predict_due_dates", _predict_due_dates),
    Step("forecast_demand", _forecast),
    Step("build_demand_plan", _plan),
    Step("set_stock_targets", _set_targets),
    Step("propose_purchases", _propose),
    Step("plan_reminders", _remind),
    Step("measure_effects", _measure_effects),
    Step("note_facts", _note_facts),
    Step("recommend", _recommend),
    Step("make_reports", _report),
    Step("raise_alerts", _raise_alerts),
    Step("check_ledger", _check_ledger),
)
