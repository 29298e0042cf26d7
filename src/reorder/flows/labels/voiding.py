"""Giving labels back: claimed like buying, so that a carrier is asked once, and a crash between leaves `voiding`."""

import datetime as dt

from django.db import transaction

from reorder.domain.shipping import accounts, labels
from reorder.domain.shipping.carriers.faults import CarrierUnsure
from reorder.domain.shipping.label_errors import LabelNotInState, ParcelHasLeft
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.labels.buying import fault_json
from reorder.flows.labels.opening import SendOf, open_row
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel.errors import ReorderError


def void_label(*, label_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """Give a bought label back; it is then `voided`, or `voiding` while the carrier thinks about it.

    Raises NotAllowed, UnknownLabel, UnknownParcel, LabelNotInState, ParcelHasLeft, and the carrier's refusal.
    """
    actor.require(Ability.FULFIL_ORDERS)
    row = labels.get_label(label_id=label_id)
    facts = get_parcel_facts(parcel_id=row.parcel_id, actor=actor)
    if row.state != "bought":
        raise LabelNotInState(label=label_id, state=row.state, wanted="bought")
    if facts.shipped_at is not None:
        raise ParcelHasLeft(parcel=facts.number)
    account = accounts.get_account(account_id=row.account_id)
    carrier = open_row(row=account, moment=moment, send_of=send_of)
    with transaction.atomic(durable=True):
        is_ours = labels.begin_void(label_id=label_id)
    if not is_ours:
        raise LabelNotInState(label=label_id, state=labels.get_label(label_id=label_id).state, wanted="bought")
    try:
        state = carrier.void(label=row.handle)
    except CarrierUnsure as fault:
        labels.note_fault(label_id=label_id, fault=fault_json(fault))
        return labels.get_label(label_id=label_id)
    except ReorderError as fault:
        labels.record_void_refused(label_id=label_id, fault=fault_json(fault))
        raise
    with one_transaction():
        if state == "voided":
            labels.record_voided(label_id=label_id, moment=moment, decided_by=actor.name)
        record_audit(
            actor=actor.name,
            action="labels.void",
            subject_kind="label",
            subject_key=str(label_id),
            details={"parcel": facts.number, "tracking_number": row.tracking_number, "account": account.name},
        )
    return labels.get_label(label_id=label_id)
