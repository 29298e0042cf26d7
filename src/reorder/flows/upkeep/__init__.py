"""Upkeep between nights: conclusions for what changed, the check that ledger and levels agree, and forgetting."""

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction

from reorder.domain.behaviour import months
from reorder.domain.behaviour import operations as behaviour
from reorder.domain.planning import operations as planning
from reorder.domain.planning import queries
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.staff import operations as staff
from reorder.domain.storage import sweep_counters
from reorder.flows import alerting, predictions, promising, restock, webhooks
from reorder.insights.api_metrics import note_ledger
from reorder.insights.promise_proof import prove_ledger
from reorder.kernel.clock import current_moment

log = logging.getLogger(__name__)
LOT = 1000
_MONTHS_AHEAD = dt.timedelta(days=62)
# A client that has not asked again within a week has given up; answers may hold the key of a person.
ANSWERS_KEPT_DAYS = 7


def drain_dirty(*, as_of: dt.date, moment: dt.datetime | None = None) -> int:
    """Draw conclusions again for what was marked: customers whose facts changed, proposals and alerts of changed stock.

    A customer is counted again and its outdated reminders stop; then its due dates are made again with the effects of
    the last night. Works in lots of up to 1,000, each in one transaction with the removal of its marks; returns the
    marks drained.
    """
    moment = moment or current_moment()
    positions = _drain_positions(as_of=as_of, moment=moment)
    if positions:
        # Goods may have come for which orders wait.
        promising.fill_backorders(moment=moment)
    return _drain_customers(as_of=as_of) + positions


def _drain_customers(*, as_of: dt.date) -> int:
    drained, predictor = 0, None
    while queries.has_dirty(kinds=("customer", "rescore")):
        done, _ = predictions.recount_marked(today=as_of)
        drained += done
        # After each lot, not after all of them: while orders keep coming there is no end to lots.
        if predictor is None:
            known = predictions.load_learned(as_of=as_of)
            predictor = predictions.load_predictor(as_of=as_of, run_id=None, known=known)
        if predictor is not None:
            predictions.predict_marked(predictor=predictor)
        if done < predictions.LOT:
            break
    return drained


def _drain_positions(*, as_of: dt.date, moment: dt.datetime) -> int:
    drained = 0
    while True:
        with transaction.atomic():
            # Before the marks, as an approval does: it marks what it ordered while it holds this lock.
            lock_deciding()
            keys = planning.drain_dirty(kind="position", limit=LOT)
            if not keys:
                return drained
            pairs = [(sku, place) for sku, _, place in (key.rpartition("|") for key in keys)]
            restock.propose_for(keys=pairs, as_of=as_of)
            alerting.raise_for(keys=pairs, as_of=as_of, moment=moment)
            webhooks.announce_low_stock(moment=moment)
        drained += len(keys)


def check_ledger(*, moment: dt.datetime) -> int:
    """Compare ledger, levels and promises; logs every difference, notes their number for watchers and returns it."""
    proof = prove_ledger()
    for difference in proof.levels:
        log.error("stock level differs from the ledger: %s", difference)
    for promise in proof.promises:
        log.error("a promise of stock is not as its order says: %s", promise)
    count = len(proof.levels) + len(proof.promises)
    note_ledger(count=count, moment=moment)
    alerting.raise_ledger_fault(differences=proof.levels, promises=proof.promises, moment=moment)
    return count


def forget_events(*, moment: dt.datetime) -> int:
    """Have the coming months ready, and delete events that happened longer ago than they are kept; returns how many."""
    months.open_months(first_at=moment, last_at=moment + _MONTHS_AHEAD)
    return behaviour.expire_events(before=moment - dt.timedelta(days=settings.REORDER.events_kept_days))


def forget_answers(*, moment: dt.datetime) -> int:
    """Delete stored answers of the API after their days, and counters that have ended; returns the answers deleted."""
    sweep_counters(moment=moment)
    return staff.forget_answers(before=moment - dt.timedelta(days=ANSWERS_KEPT_DAYS))
