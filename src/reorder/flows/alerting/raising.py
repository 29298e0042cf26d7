"""From facts to open alerts: everything at night, what urgently concerns changed stock between nights.

Loads after the lock, decides purely, saves in the same transaction.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.planning import alert_list, alerting
from reorder.domain.planning import queries as planning
from reorder.domain.planning.alerting import Recorded
from reorder.domain.shipping.under_way import count_late_under_way
from reorder.domain.storage import one_transaction
from reorder.flows.alerting.drift import judge_drift
from reorder.flows.alerting.judging import Thresholds, judge_expiry, judge_shortage, judge_surplus
from reorder.flows.alerting.judging_marketing import UNWELCOME, BrokenGuard, judge_unwelcome
from reorder.flows.alerting.judging_orders import (
    LATE_PARCELS,
    PRIVACY_REQUESTS,
    WEBHOOK_KEY,
    judge_data,
    judge_late_parcels,
    judge_ledger,
    judge_orders,
    judge_privacy,
    judge_under_way,
    judge_webhooks,
)
from reorder.insights import alert_facts
from reorder.insights.alerts import forget_known
from reorder.kernel.jobs import JobName, defer_job

SHORTAGE_KINDS: Final = ("below_safety_stock", "runs_out")
ORDER_KINDS: Final = ("late_order", "unconfirmed_order")
NIGHT_KINDS: Final = (*SHORTAGE_KINDS, *ORDER_KINDS, "excess", "dead_stock", "expiring", "forecast_drift")
_FILES_NAMED: Final = 3
_LEDGER_KEY: Final = "ledger"


def raise_alerts(
    *, run_id: int, as_of: dt.date, moment: dt.datetime, history: pl.DataFrame
) -> tuple[int, dict[str, Any]]:
    """Look at all stock, orders and plans, and make what calls for somebody the open alerts; safe to run twice.

    `history` are the daily sales before `as_of` (sku, place, date, units). Returns positions looked at and figures.
    """
    thresholds = read_thresholds()
    with one_transaction():
        alerting.hold_alerts()
        alerting.forget_resolved(moment=moment)
        alerting.keep_planned_week(as_of=as_of)
        positions = alert_facts.frame_positions(as_of=as_of, review_days=settings.REORDER.review_days)
        found = _judge_all(positions=positions, history=history, as_of=as_of, thresholds=thresholds)
        recorded = alerting.record_alerts(found=found, kinds=NIGHT_KINDS, moment=moment, run_key=run_id)
        faults = _judge_night(run_id=run_id, thresholds=thresholds)
        _record_faults(found=faults, moment=moment, run_id=run_id)
        _tell_if_urgent(recorded)
    counts = dict(pl.concat([found, faults])["kind"].value_counts().sort("kind").iter_rows())
    return positions.height, asdict(recorded) | {"open": counts}


def raise_for(*, keys: Sequence[tuple[str, str]], as_of: dt.date, moment: dt.datetime) -> Recorded:
    """Look again at the stock of these (SKU, place code) pairs and at all open orders, as a change of stock asks for.

    Part of the caller's transaction. Sees what is committed, not what the open transaction wrote.
    """
    thresholds = read_thresholds()
    with transaction.atomic():
        alerting.hold_alerts()
        positions = alert_facts.frame_positions(
            as_of=as_of, review_days=settings.REORDER.review_days, skus={sku for sku, _ in keys}
        )
        wanted = pl.DataFrame(sorted(set(keys)), schema={"sku": pl.String, "place": pl.String}, orient="row")
        positions = positions.join(wanted, on=["sku", "place"], how="semi")
        short = judge_shortage(positions=positions, thresholds=thresholds)
        recorded = alerting.record_alerts(found=short, kinds=SHORTAGE_KINDS, moment=moment, pairs=keys)
        orders = alert_facts.frame_open_orders(time_zone=settings.REORDER.time_zone)
        late = judge_orders(orders=orders, as_of=as_of, thresholds=thresholds)
        alerting.record_alerts(found=late, kinds=ORDER_KINDS, moment=moment)
        _tell_if_urgent(recorded)
    return recorded


def raise_ledger_fault(
    *,
    differences: Sequence[object],
    promises: Sequence[object] = (),
    moment: dt.datetime,
    run_id: int | None = None,
) -> None:
    """Open, keep or resolve the alert about stock that differs from its ledger, or from what orders were promised."""
    found = judge_ledger(differences=differences, promises=promises, currency=settings.REORDER.currency)
    with transaction.atomic():
        alerting.hold_alerts()
        recorded = alerting.record_faults(
            found=found, moment=moment, run_key=run_id, looked_at=lambda key: key == _LEDGER_KEY
        )
        _tell_if_urgent(recorded)


def raise_webhook_faults(*, disabled: Sequence[tuple[int, str, str]], moment: dt.datetime) -> None:
    """Open, keep or resolve the alerts about webhook endpoints that we had to disable: (number, host, reason)."""
    found = judge_webhooks(disabled=disabled, currency=settings.REORDER.currency)
    with transaction.atomic():
        alerting.hold_alerts()
        recorded = alerting.record_faults(
            found=found, moment=moment, run_key=None, looked_at=lambda key: key.startswith(WEBHOOK_KEY)
        )
        _tell_if_urgent(recorded)


def raise_late_parcels(*, count: int, first: str, moment: dt.datetime) -> None:
    """Open, keep or resolve the alerts about parcels that should have left, and those that carriers are late with.

    Part of the caller's transaction.
    """
    currency = settings.REORDER.currency
    late = count_late_under_way()
    found = pl.concat(
        [
            judge_late_parcels(count=count, first=first, currency=currency),
            judge_under_way(count=late.count, first=late.first_order, currency=currency),
        ]
    )
    with transaction.atomic():
        alerting.hold_alerts()
        alerting.record_alerts(found=found, kinds=(LATE_PARCELS,), moment=moment)


def raise_privacy_requests(
    *, overdue: tuple[int, dt.date | None], soon: tuple[int, dt.date | None], moment: dt.datetime
) -> None:
    """Open, keep or resolve the alerts about people who wait for an answer: how many, and the first day of them."""
    found = judge_privacy(overdue=overdue, soon=soon, currency=settings.REORDER.currency)
    with transaction.atomic():
        alerting.hold_alerts()
        _tell_if_urgent(alerting.record_alerts(found=found, kinds=(PRIVACY_REQUESTS,), moment=moment))


def raise_unwelcome(*, broken: Sequence[BrokenGuard], moment: dt.datetime) -> None:
    """Open, keep or resolve the alerts about marketing that people refuse or complain of."""
    found = judge_unwelcome(broken=broken, currency=settings.REORDER.currency)
    with transaction.atomic():
        alerting.hold_alerts()
        _tell_if_urgent(alerting.record_alerts(found=found, kinds=(UNWELCOME,), moment=moment))


def read_thresholds() -> Thresholds:
    """When a condition becomes an alert, by the settings."""
    options = settings.REORDER
    return Thresholds(
        run_out_share=options.alert_run_out_share,
        excess_days=options.alert_excess_days,
        dead_days=options.alert_dead_days,
        expiry_days=options.alert_expiry_days,
        confirm_days=options.alert_confirm_days,
        currency=options.currency,
    )


def _judge_all(
    *, positions: pl.DataFrame, history: pl.DataFrame, as_of: dt.date, thresholds: Thresholds
) -> pl.DataFrame:
    zone = settings.REORDER.time_zone
    silent = positions.filter(pl.col("on_hand_units") > 0, pl.col("sold_28") <= 0)
    last_sales = alert_facts.frame_last_sales(skus=set(silent["sku"]), time_zone=zone)
    lots = alert_facts.frame_lots(before_date=as_of + dt.timedelta(days=thresholds.expiry_days))
    orders = alert_facts.frame_open_orders(time_zone=zone)
    return pl.concat(
        [
            judge_shortage(positions=positions, thresholds=thresholds),
            judge_surplus(positions=positions, last_sales=last_sales, as_of=as_of, thresholds=thresholds),
            judge_expiry(lots=lots, positions=positions, as_of=as_of),
            judge_orders(orders=orders, as_of=as_of, thresholds=thresholds),
            judge_drift(
                weeks=alert_list.frame_planned_weeks(),
                history=history,
                costs=positions.select("sku", "place", "unit_cost_minor", "lost_unit_cost"),
                as_of=as_of,
                thresholds=thresholds,
            ),
        ]
    )


def _judge_night(*, run_id: int, thresholds: Thresholds) -> pl.DataFrame:
    steps = {step.name: step.details for step in planning.list_steps(run_id=run_id)}
    imported = steps.get("import_files") or {}
    names = [str(name) for name in imported.get("files", [])]
    more = ", …" if len(names) > _FILES_NAMED else ""
    return judge_data(
        failed_series=alert_facts.frame_failed_series(),
        missing_rates=alert_facts.frame_missing_rates(currency=thresholds.currency),
        refused_rows=int(imported.get("rows_rejected", 0)),
        refused_files=", ".join(names[:_FILES_NAMED]) + more,
        currency=thresholds.currency,
    )


def _record_faults(*, found: pl.DataFrame, moment: dt.datetime, run_id: int) -> None:
    alerting.record_faults(
        found=found,
        moment=moment,
        run_key=run_id,
        looked_at=lambda key: key != _LEDGER_KEY and not key.startswith(WEBHOOK_KEY),
    )


def _tell_if_urgent(recorded: Recorded) -> None:
    """Whoever asked to hear at once hears within seconds, not with the next period of the job."""
    transaction.on_commit(forget_known)
    if recorded.critical_count:
        defer_job(name=JobName.SEND_ALERTS, once_key="alerts")
