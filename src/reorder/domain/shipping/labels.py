"""Labels and their claims: every change of state is one guarded UPDATE, and what a parcel says of itself goes with it.

The order of things: `claim_label` (committed) → `begin_call` (committed; one caller wins) → the carrier is asked →
`record_bought` or `record_failed`, or, when nobody knows, `record_unknown` → later the carrier or a person settles it.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from reorder.domain.shipping.carriers.values import BoughtLabel, LabelDocument, LabelHandle
from reorder.domain.shipping.label_errors import BadTrackingNumber, LabelKeyUsed, ParcelHasLabel, UnknownLabel
from reorder.domain.shipping.label_models import LIVE_LABEL_STATES, Label
from reorder.domain.shipping.parcel_models import Parcel

Fault = Mapping[str, Any]
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")
_PRICELESS: Final = ("pdf", "zpl")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One label without its documents."""

    id: int
    parcel_id: int
    parcel_number: str
    account_id: int
    account_name: str
    adapter: str
    is_test: bool
    service_code: str
    state: str
    key: str
    reference: str
    claimed_at: dt.datetime
    claimed_by: str
    called_at: dt.datetime | None
    settled_at: dt.datetime | None
    tracking_number: str
    expected_minor: int | None
    cost_minor: int | None
    currency: str
    carrier_reference: str
    details: Mapping[str, str]
    fault: Fault | None
    decided_by: str
    prints_count: int
    last_printed_at: dt.datetime | None
    voided_at: dt.datetime | None

    @property
    def handle(self) -> LabelHandle:
        """The label as the carrier knows it."""
        return LabelHandle(
            reference=self.reference,
            series_number=self.id,
            service=self.service_code,
            carrier_reference=self.carrier_reference,
            tracking_number=self.tracking_number,
            details=self.details,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLabel:
    """What is claimed: which parcel, from which account, with which service, and what we think it costs."""

    parcel_id: int
    account_id: int
    reference_start: str
    service_code: str
    idempotency_key: str
    expected_minor: int | None = None
    promised_date: dt.date | None = None


def claim_label(*, wanted: NewLabel, claimed_by: str, moment: dt.datetime) -> LabelRow:
    """Put down the claim, to be committed before the carrier is asked; the same key gives the same label.

    A label that an earlier attempt surely did not buy is wanted under the same reference again, so that also a carrier
    who wakes up late sees one wish. Raises ParcelHasLabel, LabelKeyUsed.
    """
    known = Label.objects.filter(idempotency_key=wanted.idempotency_key).values_list("id", "parcel_id").first()
    if known:
        return _same(label_id=known[0], parcel_id=known[1], wanted=wanted)
    try:
        with transaction.atomic():
            made = Label.objects.create(
                parcel_id=wanted.parcel_id,
                account_id=wanted.account_id,
                service_code=wanted.service_code,
                idempotency_key=wanted.idempotency_key,
                reference=_unused_reference(wanted) or "-",
                expected_minor=wanted.expected_minor,
                promised_date=wanted.promised_date,
                claimed_at=moment,
                claimed_by=claimed_by,
            )
            if made.reference == "-":
                Label.objects.filter(pk=made.pk).update(reference=f"{wanted.reference_start}{made.pk:010d}")
    except IntegrityError:
        return _taken(wanted)
    return get_label(label_id=made.pk)


def begin_call(*, label_id: int, moment: dt.datetime) -> bool:
    """Say that the carrier is asked now; False when somebody else did. Commit it before the call."""
    return bool(Label.objects.filter(pk=label_id, state="claimed", called_at=None).update(called_at=moment))


def record_bought(
    *, label_id: int, bought: BoughtLabel, carrier: str, moment: dt.datetime, decided_by: str = ""
) -> bool:
    """The carrier sold it: number, cost and documents, and the parcel's tracking number. False when it was settled."""
    require_number(number=bought.tracking_number)
    with transaction.atomic():
        done = Label.objects.filter(pk=label_id, state__in=("claimed", "unknown")).update(
            state="bought",
            settled_at=moment,
            tracking_number=bought.tracking_number,
            cost_minor=bought.cost_minor,
            currency=bought.currency,
            pdf=bought.document.pdf or None,
            zpl=bought.document.zpl,
            carrier_reference=bought.carrier_reference,
            details=dict(bought.details),
            fault=None,
            decided_by=decided_by,
        )
        if done:
            found = Label.objects.values("parcel_id", "service_code", "promised_date").get(pk=label_id)
            told = {"promised_date": found["promised_date"]} if found["promised_date"] else {}
            Parcel.objects.filter(pk=found["parcel_id"]).update(
                tracking_number=bought.tracking_number, carrier=carrier, service_code=found["service_code"], **told
            )
    return bool(done)


def record_failed(*, label_id: int, fault: Fault, moment: dt.datetime, decided_by: str = "") -> bool:
    """It was surely not bought; the parcel may have another. False when it was settled otherwise."""
    return bool(
        Label.objects.filter(pk=label_id, state__in=("claimed", "unknown")).update(
            state="failed", settled_at=moment, fault=dict(fault), decided_by=decided_by
        )
    )


def record_unknown(*, label_id: int, fault: Fault) -> bool:
    """Nobody knows whether it was bought: the parcel gets no other until that is settled."""
    return bool(
        Label.objects.filter(pk=label_id, state__in=("claimed", "unknown")).update(state="unknown", fault=dict(fault))
    )


def begin_void(*, label_id: int) -> bool:
    """Claim the giving back; False when it is not bought, or its parcel has left."""
    free = Label.objects.filter(pk=label_id, state="bought", parcel__shipped_at=None).values("pk")
    return bool(Label.objects.filter(pk__in=free, state="bought").update(state="voiding", fault=None))


def record_voided(*, label_id: int, moment: dt.datetime, decided_by: str) -> bool:
    """It is given back: the parcel loses its number and may have another label."""
    with transaction.atomic():
        done = Label.objects.filter(pk=label_id, state="voiding").update(
            state="voided", voided_at=moment, voided_by=decided_by, fault=None
        )
        if done:
            found = Label.objects.values("parcel_id", "tracking_number").get(pk=label_id)
            Parcel.objects.filter(pk=found["parcel_id"], tracking_number=found["tracking_number"]).update(
                tracking_number=""
            )
    return bool(done)


def record_void_refused(*, label_id: int, fault: Fault) -> bool:
    """The carrier does not take it back: it stays bought."""
    return bool(Label.objects.filter(pk=label_id, state="voiding").update(state="bought", fault=dict(fault)))


def note_choice(*, parcel_id: int, service_code: str) -> None:
    """The best service of a parcel that has no label yet."""
    Parcel.objects.filter(pk=parcel_id, tracking_number="").update(service_code=service_code)


def note_fault(*, label_id: int, fault: Fault) -> None:
    """Remember what went wrong last, without a change of state."""
    Label.objects.filter(pk=label_id).update(fault=dict(fault))


def keep_document(*, label_id: int, document: LabelDocument) -> None:
    """Keep a document that was loaded after the label was bought."""
    Label.objects.filter(pk=label_id).update(pdf=document.pdf or None, zpl=document.zpl)


def note_prints(*, label_ids: Sequence[int], moment: dt.datetime) -> None:
    """Count that these were printed."""
    Label.objects.filter(pk__in=list(label_ids)).update(prints_count=F("prints_count") + 1, last_printed_at=moment)


def get_label(*, label_id: int) -> LabelRow:
    """One label; raises UnknownLabel."""
    found = _rows().filter(pk=label_id).first()
    if found is None:
        raise UnknownLabel(label=label_id)
    return _row(found)


def list_labels_of_parcel(*, parcel_id: int) -> list[LabelRow]:
    """Every label a parcel had, the newest first."""
    return [_row(one) for one in _rows().filter(parcel_id=parcel_id).order_by("-pk")]


def list_live_labels(*, parcel_ids: Sequence[int]) -> list[LabelRow]:
    """The label that each of these parcels has, or may have; at most one a parcel."""
    found = _rows().filter(parcel_id__in=list(parcel_ids), state__in=LIVE_LABEL_STATES)
    return [_row(one) for one in found.order_by("parcel_id")]


def list_bought(*, account_id: int, tracking_numbers: Sequence[str]) -> list[LabelRow]:
    """Labels of an account that are paid, by their numbers."""
    found = _rows().filter(account_id=account_id, tracking_number__in=list(tracking_numbers), state="bought")
    return [_row(one) for one in found.order_by("pk")]


def list_unsettled(*, before: dt.datetime, limit: int = 200) -> list[LabelRow]:
    """Labels claimed before a moment whose end nobody knows, the oldest first."""
    found = _rows().filter(state__in=("claimed", "unknown", "voiding"), claimed_at__lt=before)
    return [_row(one) for one in found.order_by("claimed_at", "pk")[:limit]]


def read_document(*, label_id: int) -> LabelDocument:
    """What was kept of a label to print; empty when nothing was. Raises UnknownLabel."""
    found = Label.objects.filter(pk=label_id).values("pdf", "zpl").first()
    if found is None:
        raise UnknownLabel(label=label_id)
    return LabelDocument(pdf=bytes(found["pdf"] or b""), zpl=found["zpl"])


def require_number(*, number: str) -> str:
    """A number that can be printed and scanned; raises BadTrackingNumber."""
    if not _NUMBER.fullmatch(number):
        raise BadTrackingNumber(
            number=number[:60], reason="the tracking number has 4 to 40 letters, digits and hyphens"
        )
    return number


def _unused_reference(wanted: NewLabel) -> str:
    """The reference of the last label of this parcel at this account, when the carrier did not know it."""
    last = Label.objects.filter(parcel_id=wanted.parcel_id).order_by("-pk").first()
    is_free = last is not None and last.state == "failed" and last.account_id == wanted.account_id
    if not is_free or last is None or (last.fault or {}).get("code") != "shipping.label_not_found":
        return ""
    return last.reference


def _same(*, label_id: int, parcel_id: int, wanted: NewLabel) -> LabelRow:
    if parcel_id != wanted.parcel_id:
        raise LabelKeyUsed
    return get_label(label_id=label_id)


def _taken(wanted: NewLabel) -> LabelRow:
    """Somebody was faster: with the same key it is the same wish, with another the parcel has its label."""
    known = Label.objects.filter(idempotency_key=wanted.idempotency_key).values_list("id", "parcel_id").first()
    if known:
        return _same(label_id=known[0], parcel_id=known[1], wanted=wanted)
    live = _rows().filter(parcel_id=wanted.parcel_id, state__in=LIVE_LABEL_STATES).first()
    if live is None:
        # Settled between the refusal and the look: the same wish again succeeds.
        raise ParcelHasLabel(parcel=wanted.parcel_id, label="-", state="failed")
    raise ParcelHasLabel(parcel=live.parcel.number, label=live.pk, state=live.state)


def _rows() -> Any:
    return Label.objects.select_related("parcel", "account").defer(
        *_PRICELESS, "parcel__contents", "parcel__placements"
    )


def _row(found: Label) -> LabelRow:
    return LabelRow(
        id=found.pk,
        parcel_id=found.parcel_id,
        parcel_number=found.parcel.number,
        account_id=found.account_id,
        account_name=found.account.name,
        adapter=found.account.adapter,
        is_test=found.account.is_test,
        service_code=found.service_code,
        state=found.state,
        key=found.idempotency_key,
        reference=found.reference,
        claimed_at=found.claimed_at,
        claimed_by=found.claimed_by,
        called_at=found.called_at,
        settled_at=found.settled_at,
        tracking_number=found.tracking_number,
        expected_minor=found.expected_minor,
        cost_minor=found.cost_minor,
        currency=found.currency,
        carrier_reference=found.carrier_reference,
        details=found.details,
        fault=found.fault,
        decided_by=found.decided_by,
        prints_count=found.prints_count,
        last_printed_at=found.last_printed_at,
        voided_at=found.voided_at,
    )
