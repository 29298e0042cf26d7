"""Buying a label so that it can never be bought twice: claim, commit, call, record.

A label is claimed in a transaction of its own; the unique key over live labels lets one buyer through a parcel. Then
one caller says that he calls, commits that, and only he asks the carrier. What the carrier answers is recorded in
another transaction. Whoever dies in between leaves a claim that `recovering` settles by asking the carrier.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import transaction

from reorder.domain.shipping import accounts, labels
from reorder.domain.shipping.accounts import AccountRow
from reorder.domain.shipping.carriers import Carrier
from reorder.domain.shipping.carriers.faults import CarrierUnsure
from reorder.domain.shipping.carriers.values import BoughtLabel, ParcelToSend
from reorder.domain.shipping.choosing import CarrierChoice, ServiceOffer
from reorder.domain.shipping.label_errors import (
    LateLabel,
    LateLabelKept,
    NoServiceFits,
    ParcelHasLabel,
    ParcelNotForLabel,
)
from reorder.domain.shipping.labels import LabelRow, NewLabel
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.labels.offering import account_for, choose_for_row, choose_from_table
from reorder.flows.labels.opening import SendOf, open_row
from reorder.flows.labels.shaping import parcel_to_send, require_labelable
from reorder.insights.parcel_facts import ParcelFactsRow, get_parcel_facts
from reorder.kernel.errors import PHRASES, ReorderError

log = logging.getLogger(__name__)
_SAID: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWish:
    """What is wanted for a parcel; no service: the best one. The same key is the same wish."""

    parcel_id: int
    key: str
    service_code: str = ""


def buy_label(*, wish: LabelWish, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """Claim a label, buy it, and say what became of it: `bought`, `failed` with its fault, or `unknown`.

    The same key again gives the same label; a claim of the same service that waits for its job is carried out now.
    Raises what `claim` raises; faults of the carrier are in the label.
    """
    try:
        claimed = claim(wish=wish, actor=actor, moment=moment, send_of=send_of)
    except ParcelHasLabel:
        waiting = _waiting_claim(wish)
        if waiting is None:
            raise
        claimed = waiting
    return carry_out(label_id=claimed.id, actor=actor, moment=moment, send_of=send_of)


def claim(*, wish: LabelWish, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """Put down the claim and nothing more; a job or `carry_out` goes on from it. Without a service carriers are asked.

    Raises NotAllowed, UnknownParcel, ParcelNotForLabel, NoServiceFits, ParcelHasLabel, LabelKeyUsed.
    """
    actor.require(Ability.FULFIL_ORDERS)
    if not wish.service_code and _find_known(wish) is None:
        row = get_parcel_facts(parcel_id=wish.parcel_id, actor=actor)
        require_labelable(row=row)
        choice = choose_for_row(row=row, moment=moment, send_of=send_of)
        wish = replace(wish, service_code=_best(row=row, choice=choice).service.code)
    with one_transaction():
        return claim_within(wish=wish, actor=actor, moment=moment)


def claim_within(*, wish: LabelWish, actor: Actor, moment: dt.datetime) -> LabelRow:
    """As `claim`, as a part of the caller's transaction: without a service the shop's own table chooses."""
    actor.require(Ability.FULFIL_ORDERS)
    row = get_parcel_facts(parcel_id=wish.parcel_id, actor=actor)
    known = _find_known(wish)
    if known:
        return known
    require_labelable(row=row)
    return _put_down(row=row, choice=choose_from_table(row=row, moment=moment), wish=wish, actor=actor, moment=moment)


def claim_chosen(
    *, row: ParcelFactsRow, choice: CarrierChoice, wish: LabelWish, actor: Actor, moment: dt.datetime
) -> LabelRow:
    """As `claim_within`, of a parcel that was read and whose services were judged already by the shop's table."""
    known = _find_known(wish)
    if known:
        return known
    require_labelable(row=row)
    return _put_down(row=row, choice=choice, wish=wish, actor=actor, moment=moment)


def _put_down(
    *, row: ParcelFactsRow, choice: CarrierChoice, wish: LabelWish, actor: Actor, moment: dt.datetime
) -> LabelRow:
    code = wish.service_code or _best(row=row, choice=choice).service.code
    account = account_for(service_code=code, place_code=row.place_code)
    if account is None:
        raise ParcelNotForLabel(parcel=row.number, reason="there is no account for this service and place")
    expected = next((one.offer.cost_minor for one in choice.offers if one.offer.service.code == code), None)
    wanted = NewLabel(
        parcel_id=row.id,
        account_id=account.id,
        reference_start=account.reference_start,
        service_code=code,
        idempotency_key=wish.key,
        expected_minor=expected,
        promised_date=row.promised_date,
    )
    made = labels.claim_label(wanted=wanted, claimed_by=actor.name, moment=moment)
    audit_label("labels.claim", made, actor.name)
    return made


def carry_out(*, label_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> LabelRow:
    """Ask the carrier for a claimed label, unless somebody else does or did; what became of it.

    Not within a transaction: the claim must be committed before the carrier hears of it.
    """
    row = labels.get_label(label_id=label_id)
    if row.state != "claimed":
        return row
    account = accounts.get_account(account_id=row.account_id)
    try:
        facts = get_parcel_facts(parcel_id=row.parcel_id, actor=SYSTEM)
        require_labelable(row=facts)
        parcel = _shaped(facts=facts, label=row, account=account)
        carrier = open_row(row=account, moment=moment, send_of=send_of)
    except ReorderError as fault:
        # Nothing was sent.
        labels.record_failed(label_id=label_id, fault=fault_json(fault), moment=moment)
        return labels.get_label(label_id=label_id)
    # Durable whatever is around: within another transaction this raises, and nothing is bought.
    with transaction.atomic(durable=True):
        is_ours = labels.begin_call(label_id=label_id, moment=moment)
    if not is_ours:
        return labels.get_label(label_id=label_id)
    _call(row=row, account=account, parcel=parcel, carrier=carrier, actor=actor, moment=moment)
    return labels.get_label(label_id=label_id)


def prepare(
    *, label: LabelRow, account: AccountRow, moment: dt.datetime, send_of: SendOf | None = None
) -> tuple[ParcelToSend, Carrier]:
    """The parcel of a label as its carrier must know it, and the carrier."""
    facts = get_parcel_facts(parcel_id=label.parcel_id, actor=SYSTEM)
    parcel = _shaped(facts=facts, label=label, account=account)
    return parcel, open_row(row=account, moment=moment, send_of=send_of)


def keep_bought(*, row: LabelRow, bought: BoughtLabel, carrier: Carrier, actor_name: str, moment: dt.datetime) -> bool:
    """Record what the carrier sold; a label that was settled otherwise meanwhile is given back at once."""
    with one_transaction():
        is_kept = labels.record_bought(label_id=row.id, bought=bought, carrier=row.account_name, moment=moment)
        if is_kept:
            audit_label(
                "labels.buy",
                row,
                actor_name,
                tracking_number=bought.tracking_number,
                cost_minor=bought.cost_minor,
            )
    if not is_kept and labels.get_label(label_id=row.id).state != "bought":
        _give_back(row=row, bought=bought, carrier=carrier)
    return is_kept


def _waiting_claim(wish: LabelWish) -> LabelRow | None:
    """A claim that was put down for a job and that nobody has begun: the same wish by another door."""
    live = labels.list_live_labels(parcel_ids=[wish.parcel_id])
    is_same = bool(live) and wish.service_code in {"", live[0].service_code}
    return live[0] if is_same and live[0].state == "claimed" and live[0].called_at is None else None


def fault_json(fault: ReorderError) -> dict[str, Any]:
    """An error as it is kept with a label, to be said in any language."""
    parameters = {name: str(value)[:_SAID] for name, value in fault.parameters.items()}
    return {"code": fault.code, "template": fault.template, "parameters": parameters}


def say_fault(*, fault: Mapping[str, Any] | None, translate: Callable[[str], str]) -> str:
    """What went wrong with a label, in the language that `translate` gives; empty for nothing."""
    if not fault:
        return ""
    template = str(fault.get("template") or fault.get("code") or "")
    given = fault.get("parameters") or {}
    parameters = {name: translate(value) if name in PHRASES and value else value for name, value in dict(given).items()}
    try:
        return translate(template).format(**parameters) if template else ""
    except (KeyError, IndexError, ValueError):
        return template


def _call(
    *, row: LabelRow, account: AccountRow, parcel: ParcelToSend, carrier: Carrier, actor: Actor, moment: dt.datetime
) -> None:
    try:
        bought = carrier.buy(parcel=parcel, service_code=row.service_code)
        keep_bought(row=row, bought=bought, carrier=carrier, actor_name=actor.name, moment=moment)
    except CarrierUnsure as fault:
        labels.record_unknown(label_id=row.id, fault=fault_json(fault))
    except ReorderError as fault:
        labels.record_failed(label_id=row.id, fault=fault_json(fault), moment=moment)
    except Exception as fault:
        # An adapter that breaks has perhaps bought before it broke.
        log.exception("label %s: the adapter %s broke", row.id, account.adapter)
        broken = CarrierUnsure(carrier=account.name, cause=f"{type(fault).__name__}")
        labels.record_unknown(label_id=row.id, fault=fault_json(broken))


def _give_back(*, row: LabelRow, bought: BoughtLabel, carrier: Carrier) -> None:
    """An answer that came after the label was given up: what it sold is given back, and that is noted either way."""
    handle = replace(
        row.handle,
        carrier_reference=bought.carrier_reference,
        tracking_number=bought.tracking_number,
        details=bought.details,
    )
    fault: ReorderError = LateLabel(number=bought.tracking_number)
    try:
        carrier.void(label=handle)
    except ReorderError as refusal:
        log.warning("label %s came late and could not be given back: %s", row.id, refusal)
        fault = LateLabelKept(number=bought.tracking_number)
    labels.note_fault(label_id=row.id, fault=fault_json(fault))


def _shaped(*, facts: ParcelFactsRow, label: LabelRow, account: AccountRow) -> ParcelToSend:
    return parcel_to_send(
        row=facts, account_settings=account.settings, reference=label.reference, series_number=label.id
    )


def _find_known(wish: LabelWish) -> LabelRow | None:
    return next((one for one in labels.list_labels_of_parcel(parcel_id=wish.parcel_id) if one.key == wish.key), None)


def _best(*, row: ParcelFactsRow, choice: CarrierChoice) -> ServiceOffer:
    if choice.chosen is None or choice.chosen.offer.account_id is None:
        raise NoServiceFits(parcel=row.number, why=say_rejected(choice=choice) or "–")
    return choice.chosen.offer


def say_rejected(*, choice: CarrierChoice) -> str:
    """Each service with its reason, in English, for errors; pages say it in their language."""
    said = [
        f"{one.offer.service.name}: {one.reason.format(**(one.details or {}))}" for one in choice.rejected if one.reason
    ]
    return "; ".join(said)[:_SAID]


def audit_label(action: str, row: LabelRow, actor_name: str, **details: object) -> None:
    """What happened to a label, as an audit entry."""
    known = {"parcel": row.parcel_number, "service": row.service_code, "account": row.account_name}
    record_audit(
        actor=actor_name, action=action, subject_kind="label", subject_key=str(row.id), details=known | details
    )
