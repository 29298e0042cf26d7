"""Labels for all packed parcels of a place or of a wave: asked for here, bought by a job, parcel after parcel.

Each parcel's claim has the batch in its key: a job that dies and begins again buys nothing twice.
"""

import datetime as dt
from collections.abc import Sequence

from reorder.domain.shipping import label_batches, labels
from reorder.domain.shipping.label_batches import BatchRow
from reorder.domain.shipping.label_errors import NothingToLabel, ParcelHasLabel
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.labels.buying import LabelWish, buy_label, carry_out, fault_json
from reorder.flows.labels.opening import SendOf
from reorder.flows.labels.voiding import void_label
from reorder.insights.parcel_lists import list_waiting_parcel_ids
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job


def ask_for_labels(
    *, place_code: str, actor: Actor, moment: dt.datetime, wave_id: int | None = None, parcel_ids: Sequence[int] = ()
) -> BatchRow:
    """Have labels bought for packed parcels of a place that have none: of a wave, these ones, or all.

    Raises NotAllowed, NothingToLabel.
    """
    actor.require(Ability.FULFIL_ORDERS)
    wanted = list_waiting_parcel_ids(place_code=place_code, actor=actor, wave_id=wave_id, only_ids=parcel_ids)
    if not wanted:
        raise NothingToLabel
    with one_transaction():
        made = label_batches.create_batch(
            place_code=place_code, parcel_ids=wanted, started_by=actor.name, moment=moment
        )
        record_audit(
            actor=actor.name,
            action="labels.batch",
            subject_kind="label_batch",
            subject_key=str(made.id),
            details={"place": place_code, "parcels": len(wanted), "wave": wave_id},
        )
        defer_job(name=JobName.BUY_LABELS, arguments={"batch_id": made.id})
    return made


def run_batch(*, batch_id: int, moment: dt.datetime, send_of: SendOf | None = None) -> BatchRow:
    """Buy what is missing of a batch. Safe to run twice: what was claimed for it is not claimed again."""
    batch = label_batches.get_batch(batch_id=batch_id)
    if batch.finished_at is not None:
        return batch
    label_batches.restart_batch(batch_id=batch_id)
    actor = Actor(name=batch.started_by, abilities=SYSTEM.abilities)
    faults = {}
    for parcel_id in batch.parcel_ids:
        try:
            row = buy_label(
                wish=LabelWish(parcel_id=parcel_id, key=f"batch:{batch_id}:{parcel_id}"),
                actor=actor,
                moment=moment,
                send_of=send_of,
            )
            if row.state != "bought" and row.fault:
                faults[str(parcel_id)] = dict(row.fault)
        except ParcelHasLabel:
            # Somebody else was faster: the parcel has what it needs.
            pass
        except ReorderError as fault:
            faults[str(parcel_id)] = fault_json(fault)
        label_batches.note_done(batch_id=batch_id)
    label_batches.finish_batch(batch_id=batch_id, faults=faults, moment=moment)
    return label_batches.get_batch(batch_id=batch_id)


def void_asked(*, label_id: int, decided_by: str, moment: dt.datetime, send_of: SendOf | None = None) -> None:
    """The job behind a wish of the API to give a label back; a refusal is kept with the label."""
    actor = Actor(name=decided_by, abilities=SYSTEM.abilities)
    try:
        void_label(label_id=label_id, actor=actor, moment=moment, send_of=send_of)
    except ReorderError as fault:
        labels.note_fault(label_id=label_id, fault=fault_json(fault))


def buy_claimed(*, label_id: int, moment: dt.datetime, send_of: SendOf | None = None) -> None:
    """The job behind a claim that the API put down."""
    row = labels.get_label(label_id=label_id)
    carry_out(
        label_id=label_id,
        actor=Actor(name=row.claimed_by, abilities=SYSTEM.abilities),
        moment=moment,
        send_of=send_of,
    )
