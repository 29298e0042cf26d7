"""After the night: proposals of suppliers that order by themselves, within their limit and the ordinary."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.planning import queries as planning
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.automatic import AutomaticPlan, AutomaticTerms, LineSigns, plan_automatic
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.queries import ProposalRow, SupplierRow
from reorder.domain.storage import one_transaction
from reorder.flows.restock.approving import order_proposals
from reorder.flows.shop_day import shop_date, shop_time

# Who decides, in orders and in the audit trail; no person can be called so.
AUTOMATIC = "automatic"
# So long a person can take an order back before the supplier has it.
_LETTER_WAIT = dt.timedelta(hours=1)
_BEFORE_CUT_OFF = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AutomaticOrders:
    """What became of one supplier: the code of its outcome, numbers of orders, and how many lines were left."""

    supplier_code: str
    outcome_code: str
    numbers: tuple[str, ...]
    left_count: int


def order_automatically(*, moment: dt.datetime) -> list[AutomaticOrders]:
    """Order what suppliers with a limit are proposed by today's night; each supplier once a night, in one transaction.

    Nothing where the kill switch is set, no night of today has succeeded, or a supplier has nothing open. What is not
    ordered, and why, is kept (`list_automatic_checks`). Safe to run twice, and by two workers at once.
    """
    today = shop_date(moment=moment)
    run = planning.find_latest_run(kind="night", state="succeeded")
    if run is None or run.as_of_date != today or queries.get_buying_policy().is_automatic_stopped:
        return []
    checked = queries.list_checked_suppliers(run_key=run.id)
    waiting = [one.code for one in queries.list_automatic_suppliers() if one.code not in checked]
    done = [_order_of(supplier_code=code, run_key=run.id, moment=moment) for code in waiting]
    return [one for one in done if one is not None]


def _order_of(*, supplier_code: str, run_key: int, moment: dt.datetime) -> AutomaticOrders | None:
    with one_transaction():
        lock_deciding()
        # Read again under the lock: another worker may have been here, a person may have stopped it or changed terms.
        policy = queries.get_buying_policy()
        supplier = queries.get_supplier(code=supplier_code)
        is_done = supplier_code in queries.list_checked_suppliers(run_key=run_key)
        rows = queries.list_open_proposals(supplier_code=supplier_code)
        if is_done or policy.is_automatic_stopped or supplier.automatic_limit_minor is None or not rows:
            return None
        plan = _plan(supplier=supplier, limit_minor=supplier.automatic_limit_minor, rows=rows, moment=moment)
        chosen = [row for row in rows if row.id in plan.ordered]
        orders = (
            order_proposals(
                proposals=chosen, decided_by=AUTOMATIC, moment=moment, letter_wait=_wait(supplier=supplier, at=moment)
            )
            if chosen
            else []
        )
        numbers = tuple(order.number for order in orders)
        operations.record_automatic_check(
            run_key=run_key,
            supplier_id=supplier.id,
            checked_at=moment,
            outcome=plan.outcome,
            ordered_numbers=numbers,
            left=plan.left,
            proposals=rows,
        )
    return AutomaticOrders(supplier_code, plan.outcome.code, numbers, len(plan.left))


def _plan(
    *, supplier: SupplierRow, limit_minor: int, rows: Sequence[ProposalRow], moment: dt.datetime
) -> AutomaticPlan:
    policy, today = queries.get_buying_policy(), shop_date(moment=moment)
    return plan_automatic(
        lines=rows,
        terms=AutomaticTerms(
            calendar=supplier.calendar(today=today),
            today=today,
            time=shop_time(moment=moment),
            automatic_limit_minor=limit_minor,
            minimum_value_minor=supplier.minimum_value_minor,
            usual_ratio=policy.usual_ratio,
            second_limit_minor=policy.approval_limit_minor,
            shop_currency=settings.REORDER.currency,
            rate=queries.find_rate(currency=supplier.currency, on_date=today),
        ),
        signs=LineSigns(
            usual_units=queries.usual_units_of(proposals=rows), alerts=queries.alerts_against(proposals=rows)
        ),
    )


def _wait(*, supplier: SupplierRow, at: dt.datetime) -> dt.timedelta:
    """How long letters wait: an hour, less where the cut-off comes sooner, never below zero."""
    if supplier.cut_off is None:
        return _LETTER_WAIT
    left = dt.datetime.combine(dt.date.min, supplier.cut_off) - dt.datetime.combine(dt.date.min, shop_time(moment=at))
    return max(min(_LETTER_WAIT, left - _BEFORE_CUT_OFF), dt.timedelta(0))
