"""What became of labels whose buyer died or whose carrier did not answer: the carrier is asked by our reference.

Where the carrier cannot say, the label stays `unknown` and a person decides, who has looked at the carrier's own pages.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping import accounts, labels
from reorder.domain.shipping.carriers.faults import CarrierCannotSay
from reorder.domain.shipping.carriers.values import BoughtLabel
from reorder.domain.shipping.label_errors import (
    LabelGivenUp,
    LabelNotFound,
    LabelNotInState,
    LabelUnsettled,
    VoidNotDone,
)
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.labels.buying import audit_label, carry_out, fault_json, keep_bought, prepare
from reorder.flows.labels.opening import CALL_SECONDS, SendOf, open_row
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
# The longest purchase is a handful of requests; after so long its buyer is dead.
BUYER_IS_DEAD_AFTER: Final = dt.timedelta(seconds=6 * CALL_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """How many labels were looked at, and what became of them."""

    looked_at: int = 0
    bought: int = 0
    failed: int = 0
    voided: int = 0
    open: int = 0


def recover_labels(*, moment: dt.datetime, send_of: SendOf | None = None) -> Recovered:
    """Settle every label that nobody works at any more. Safe to run twice and beside buyers."""
    ends = []
    for row in labels.list_unsettled(before=moment - BUYER_IS_DEAD_AFTER):
        try:
            ends.append(settle(label_id=row.id, moment=moment, send_of=send_of).state)
        except ReorderError as fault:
            log.warning("label %s is not settled: %s", row.id, fault)
            ends.append("unknown")
    return Recovered(
        looked_at=len(ends),
        bought=ends.count("bought"),
        failed=ends.count("failed"),
        voided=ends.count("voided"),
        open=sum(1 for one in ends if one in {"claimed", "unknown", "voiding"}),
    )


def settle(*, label_id: int, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """Find out what became of one label, as far as its carrier says."""
    row = labels.get_label(label_id=label_id)
    if row.state == "claimed" and row.called_at is None:
        return carry_out(label_id=label_id, actor=SYSTEM, moment=moment, send_of=send_of)
    if row.state == "voiding":
        return _settle_void(row=row, moment=moment, send_of=send_of)
    if row.state not in {"claimed", "unknown"}:
        return row
    if row.state == "claimed":
        # From here a late answer of the dead buyer is still kept: `unknown` may become `bought`.
        labels.record_unknown(label_id=label_id, fault=fault_json(LabelUnsettled()))
    account = accounts.get_account(account_id=row.account_id)
    try:
        parcel, carrier = prepare(label=row, account=account, moment=moment, send_of=send_of)
        found = carrier.find(parcel=parcel, service_code=row.service_code)
    except CarrierCannotSay as fault:
        labels.record_unknown(label_id=label_id, fault=fault_json(fault))
        return labels.get_label(label_id=label_id)
    except ReorderError as fault:
        labels.note_fault(label_id=label_id, fault=fault_json(fault))
        return labels.get_label(label_id=label_id)
    if found is None:
        missing = LabelNotFound(carrier=account.name, reference=row.reference)
        labels.record_failed(label_id=label_id, fault=fault_json(missing), moment=moment)
    else:
        keep_bought(row=row, bought=found, carrier=carrier, actor_name=SYSTEM.name, moment=moment)
    return labels.get_label(label_id=label_id)


def ask_again(*, label_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """A person has the carrier asked now. Raises NotAllowed, UnknownLabel, UnknownParcel, LabelNotInState."""
    row = get_label_at(label_id=label_id, actor=actor)
    actor.require(Ability.FULFIL_ORDERS)
    is_old = moment - row.claimed_at >= BUYER_IS_DEAD_AFTER
    if row.state not in {"unknown", "voiding"} and not (row.state == "claimed" and is_old):
        raise LabelNotInState(label=row.id, state=row.state, wanted="unknown")
    return settle(label_id=label_id, moment=moment, send_of=send_of)


def decide_bought(*, label_id: int, tracking_number: str, actor: Actor, moment: dt.datetime) -> LabelRow:
    """A person found the label at the carrier: it is bought, with this number.

    Raises NotAllowed, UnknownLabel, UnknownParcel, BadTrackingNumber, LabelNotInState.
    """
    row = _to_decide(label_id=label_id, actor=actor)
    number = labels.require_number(number=tracking_number.strip())
    bought = BoughtLabel(carrier_reference=row.reference, tracking_number=number)
    with one_transaction():
        done = labels.record_bought(
            label_id=label_id, bought=bought, carrier=row.account_name, moment=moment, decided_by=actor.name
        )
        if done:
            audit_label("labels.settle_bought", row, actor.name, tracking_number=number)
    if not done:
        raise LabelNotInState(label=row.id, state=labels.get_label(label_id=label_id).state, wanted="unknown")
    return labels.get_label(label_id=label_id)


def decide_not_bought(*, label_id: int, actor: Actor, moment: dt.datetime) -> LabelRow:
    """A person saw at the carrier that nothing was bought: the parcel may have another label.

    Raises NotAllowed, UnknownLabel, UnknownParcel, LabelNotInState.
    """
    row = _to_decide(label_id=label_id, actor=actor)
    fault = fault_json(LabelGivenUp(actor=actor.name))
    with one_transaction():
        done = labels.record_failed(label_id=label_id, fault=fault, moment=moment, decided_by=actor.name)
        if done:
            audit_label("labels.settle_failed", row, actor.name)
    if not done:
        raise LabelNotInState(label=row.id, state=labels.get_label(label_id=label_id).state, wanted="unknown")
    return labels.get_label(label_id=label_id)


def get_label_at(*, label_id: int, actor: Actor) -> LabelRow:
    """A label of a parcel at one of the actor's places. Raises UnknownLabel, UnknownParcel."""
    row = labels.get_label(label_id=label_id)
    get_parcel_facts(parcel_id=row.parcel_id, actor=actor)
    return row


def _to_decide(*, label_id: int, actor: Actor) -> LabelRow:
    actor.require(Ability.FULFIL_ORDERS)
    row = get_label_at(label_id=label_id, actor=actor)
    if row.state != "unknown":
        raise LabelNotInState(label=row.id, state=row.state, wanted="unknown")
    return row


def _settle_void(*, row: LabelRow, moment: dt.datetime, send_of: SendOf | None) -> LabelRow:
    account = accounts.get_account(account_id=row.account_id)
    carrier = open_row(row=account, moment=moment, send_of=send_of)
    is_void = carrier.is_void(label=row.handle)
    if is_void:
        labels.record_voided(label_id=row.id, moment=moment, decided_by=SYSTEM.name)
    elif is_void is False:
        labels.record_void_refused(
            label_id=row.id, fault=fault_json(VoidNotDone(carrier=account.name, number=row.tracking_number))
        )
    return labels.get_label(label_id=row.id)
