"""What happens to orders because a moment came: a wanted day is here, a parcel is late, a refund is to be made."""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.orders import steps
from reorder.domain.orders.life import lock_order
from reorder.domain.orders.steps import DueStep
from reorder.domain.orders.wanted import list_wanted_orders
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.domain.warehouse.life import LateFulfilment, count_late, list_late, list_untold_late, mark_told_late
from reorder.flows import alerting, paying
from reorder.flows.fulfil.following import SYSTEM, tell
from reorder.flows.fulfil.holding import change_holds
from reorder.flows.order_mail import mail_late
from reorder.flows.shop_day import shop_date
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
_LOT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """How many orders went on because their day came, and of how many late parcels somebody was told."""

    let_go_count: int
    late_count: int


def advance_orders(*, moment: dt.datetime) -> Advanced:
    """Let orders go whose wanted day has come, and tell of parcels that should have left; safe to run twice."""
    let_go = 0
    while wanted := list_wanted_orders(until_date=shop_date(moment=moment), limit=_LOT):
        done = sum(let_day_come(order_id=order_id, moment=moment) for order_id in wanted)
        let_go += done
        if done < len(wanted):
            break
    return Advanced(let_go_count=let_go, late_count=tell_late(moment=moment))


def let_day_come(*, order_id: int, moment: dt.datetime) -> bool:
    """The day that the customer asked for is here: the order waits for it no longer."""
    with one_transaction():
        order = lock_order(order_id=order_id)
        if order.not_before_date and order.not_before_date > shop_date(moment=moment):
            return False
        return change_holds(order=order, removed={"requested_date": {}}, actor=SYSTEM, moment=moment)


def tell_late(*, moment: dt.datetime) -> int:
    """Write on each order whose parcel should have left that it is late, once; and keep the alert about them true.

    Returns how many parcels are newly late.
    """
    told = sum(_tell_late(late=one, moment=moment) for one in list_untold_late(moment=moment, limit=_LOT))
    keep_late_alerts(moment=moment)
    return told


def keep_late_alerts(*, moment: dt.datetime) -> None:
    """The alerts about parcels that should have left, or are late on their way, say what is true now."""
    with one_transaction():
        first = next(iter(list_late(moment=moment, limit=1)), None)
        number = lock_order(order_id=first.order_id).external_id if first else ""
        alerting.raise_late_parcels(count=count_late(moment=moment), first=number, moment=moment)


def list_delayed_orders(*, moment: dt.datetime, limit: int = 500) -> list[LateFulfilment]:
    """Parcels that should have left by now, the most overdue first."""
    return list_late(moment=moment, limit=limit)


def take_order_steps(*, moment: dt.datetime) -> int:
    """Take the steps of orders whose moment has come, such as refunds; one that fails comes again. How many were done.

    A step is done once for its key, also when its taker dies between doing it and writing that down.
    """
    done = 0
    for step in _claim(moment=moment):
        try:
            _take(step=step, moment=moment)
        except ReorderError as fault:
            log.warning("step %s of order %s failed: %s", step.id, step.order_id, fault)
            _put_off(step=step, fault=str(fault), moment=moment)
        else:
            done += 1
    return done


def _claim(*, moment: dt.datetime) -> list[DueStep]:
    with one_transaction():
        return steps.claim_steps(moment=moment)


def _take(*, step: DueStep, moment: dt.datetime) -> None:
    if step.kind != "refund":
        raise RuntimeError(f"a step of the unknown kind {step.kind}")
    # Together, so that what is due is never counted as given back and as still to be given.
    with widened_transaction():
        paying.refund_order(
            order_id=step.order_id,
            key=step.key,
            actor=step.asked_by,
            moment=moment,
            reason=str(step.details.get("reason", "")),
            amount_minor=int(step.details["amount_minor"]),
        )
        steps.end_step(step_id=step.id, moment=moment)


def _put_off(*, step: DueStep, fault: str, moment: dt.datetime) -> None:
    with one_transaction():
        if steps.put_step_off(step=step, fault=fault, moment=moment):
            return
        order = lock_order(order_id=step.order_id)
        details = {"step": step.id, "kind": step.kind} | dict(step.details)
        tell(order=order, kind="step_failed", to_state=order.state, actor=SYSTEM, moment=moment, details=details)


def _tell_late(*, late: LateFulfilment, moment: dt.datetime) -> bool:
    with one_transaction():
        order = lock_order(order_id=late.order_id)
        if not mark_told_late(fulfilment_id=late.id, moment=moment):
            return False
        details = {"fulfilments": [late.id], "place": late.place_code, "ship_by_at": late.ship_by_at.isoformat()}
        tell(order=order, kind="delayed", to_state=order.state, actor=SYSTEM, moment=moment, details=details)
        if settings.REORDER.late_letters:
            mail_late(order_id=order.id, fulfilment_id=late.id, moment=moment)
    return True
