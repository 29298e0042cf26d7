"""Labels as one document: what was kept, loaded again where it is missing, each print counted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reorder.domain.shipping import accounts, labels
from reorder.domain.shipping.carriers.faults import CarrierFault
from reorder.domain.shipping.carriers.values import CarrierForm, LabelDocument
from reorder.domain.shipping.label_errors import LabelNotInState, NothingToPrint
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.labels.buying import prepare
from reorder.flows.labels.opening import SendOf, open_row
from reorder.flows.labels.recovering import get_label_at
from reorder.insights.parcel_facts import list_parcel_facts

_PRINTABLE = frozenset({"bought", "voiding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabels:
    """One PDF of all labels, or one text of ZPL; `missing` are parcels whose label could not be printed."""

    content: bytes
    count: int
    missing: tuple[str, ...]


def print_labels_pdf(
    *, parcel_ids: Sequence[int], actor: Actor, moment: dt.datetime, send_of: SendOf | None = None
) -> PrintedLabels:
    """The labels of these parcels as one PDF, in their order. Raises NotAllowed, NothingToPrint."""
    import pypdfium2

    found, missing = _documents(parcel_ids=parcel_ids, actor=actor, moment=moment, send_of=send_of)
    whole, printed = pypdfium2.PdfDocument.new(), []
    for row, document in found:
        if not document.pdf:
            missing.append(row.parcel_number)
            continue
        part = pypdfium2.PdfDocument(document.pdf)
        whole.import_pages(part)
        printed.append(row.id)
    if not printed:
        raise NothingToPrint
    labels.note_prints(label_ids=printed, moment=moment)
    out = BytesIO()
    whole.save(out)
    return PrintedLabels(content=out.getvalue(), count=len(printed), missing=tuple(missing))


def print_labels_zpl(
    *, parcel_ids: Sequence[int], actor: Actor, moment: dt.datetime, send_of: SendOf | None = None
) -> PrintedLabels:
    """The labels of these parcels for a label printer, one after the other. Raises NotAllowed, NothingToPrint."""
    found, missing = _documents(parcel_ids=parcel_ids, actor=actor, moment=moment, send_of=send_of)
    printed = [(row, document) for row, document in found if document.zpl]
    missing += [row.parcel_number for row, document in found if not document.zpl]
    if not printed:
        raise NothingToPrint
    labels.note_prints(label_ids=[row.id for row, _document in printed], moment=moment)
    text = "\n".join(document.zpl for _row, document in printed)
    return PrintedLabels(content=text.encode(), count=len(printed), missing=tuple(missing))


def carrier_form(*, label_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> CarrierForm:
    """The carrier's own page that prints a label, to be opened by posting its fields.

    Raises NotAllowed, UnknownLabel, UnknownParcel, LabelNotInState, CarrierCannot.
    """
    actor.require(Ability.FULFIL_ORDERS)
    row = get_label_at(label_id=label_id, actor=actor)
    if row.state not in _PRINTABLE:
        raise LabelNotInState(label=row.id, state=row.state, wanted="bought")
    account = accounts.get_account(account_id=row.account_id)
    form = open_row(row=account, moment=moment, send_of=send_of).label_form(labels=[row.handle])
    labels.note_prints(label_ids=[row.id], moment=moment)
    return form


def _documents(
    *, parcel_ids: Sequence[int], actor: Actor, moment: dt.datetime, send_of: SendOf | None
) -> tuple[list[tuple[LabelRow, LabelDocument]], list[str]]:
    """Documents in the order of the parcels, and parcels that have no label to print."""
    actor.require(Ability.FULFIL_ORDERS)
    facts = {one.id: one for one in list_parcel_facts(parcel_ids=parcel_ids, actor=actor)}
    live = {one.parcel_id: one for one in labels.list_live_labels(parcel_ids=list(facts))}
    found, missing = [], []
    for parcel_id in parcel_ids:
        row = live.get(parcel_id)
        if parcel_id not in facts:
            continue
        if row is None or row.state not in _PRINTABLE:
            missing.append(facts[parcel_id].number)
            continue
        document = labels.read_document(label_id=row.id)
        found.append((row, _load(row=row, moment=moment, send_of=send_of) if document.is_empty else document))
    return found, missing


def _load(*, row: LabelRow, moment: dt.datetime, send_of: SendOf | None) -> LabelDocument:
    """Ask for a label that was bought without its picture; empty where the carrier gives none."""
    account = accounts.get_account(account_id=row.account_id)
    try:
        parcel, carrier = prepare(label=row, account=account, moment=moment, send_of=send_of)
        document = carrier.label(label=row.handle, parcel=parcel)
    except CarrierFault:
        return LabelDocument()
    if not document.is_empty:
        labels.keep_document(label_id=row.id, document=document)
    return document
