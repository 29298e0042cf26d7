"""What people do with proposals: change, dismiss, take back. Each write names the state that it starts from."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Coalesce

from reorder.domain.purchasing.errors import BadProposalEdit, NotOffered, ProposalChanged
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrder
from reorder.domain.purchasing.queries import ProposalRow, get_open_proposals
from reorder.domain.purchasing.rules import is_quantity, line_cost
from reorder.kernel.quantity import plain_decimal

_LONGEST_REASON = 500
_LATEST_ORDER_DAYS = 366
# A slip of the finger; sums of several such lines would overflow.
_MOST_COST_MINOR = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalEdit:
    """What somebody wants instead of the plan; `seen_edits` is the `edits_count` of the page that they looked at."""

    proposal_id: int
    seen_edits: int
    units: Decimal
    supplier_code: str
    order_by_date: dt.date
    reason: str = ""


def edit_proposal(*, edit: ProposalEdit, edited_by: str, edited_at: dt.datetime, today: dt.date) -> ProposalRow:
    """Ask for something else than the plan, and remember what the plan asked for; returns the proposal as it is now.

    Cost and currency are those of the supplier's offer today. Raises UnknownProposal, ProposalDecided,
    ProposalChanged, BadProposalEdit, NotOffered. Call after `lock_deciding`.
    """
    (row,) = get_open_proposals(ids=[edit.proposal_id])
    refuse_changed(rows=[row], seen_edits={row.id: edit.seen_edits})
    _refuse_bad(edit=edit, today=today)
    offer = (
        Offer.objects.select_related("supplier")
        .filter(supplier__code=edit.supplier_code, product_id=row.product_id, is_active=True, supplier__is_active=True)
        .first()
    )
    if offer is None:
        raise NotOffered(supplier=edit.supplier_code, sku=row.sku)
    cost = line_cost(
        units=edit.units,
        unit_cost_minor=offer.unit_cost_minor,
        order_unit_units=offer.order_unit_units,
        order_unit_cost_minor=offer.order_unit_cost_minor,
    )
    if cost > _MOST_COST_MINOR:
        raise BadProposalEdit(proposal_id=edit.proposal_id, reason="so many units cost more than any order can")
    changed = Proposal.objects.filter(pk=row.id, state=Proposal.State.OPEN, edits_count=edit.seen_edits).update(
        planned_units=Coalesce("planned_units", "units"),
        planned_supplier=Coalesce("planned_supplier_id", "supplier_id"),
        planned_order_by_date=Coalesce("planned_order_by_date", "order_by_date"),
        units=edit.units,
        supplier_id=offer.supplier_id,
        unit_cost_minor=offer.unit_cost_minor,
        currency=offer.supplier.currency,
        order_unit=offer.order_unit,
        order_unit_units=offer.order_unit_units,
        order_unit_cost_minor=offer.order_unit_cost_minor,
        order_by_date=edit.order_by_date,
        edits_count=F("edits_count") + 1,
        edited_at=edited_at,
        edited_by=edited_by,
        edit_reason=" ".join(edit.reason.split())[:_LONGEST_REASON],
    )
    if changed != 1:
        raise _changed(row)
    return get_open_proposals(ids=[row.id])[0]


def dismiss_proposals(
    *, proposal_ids: Sequence[int], decided_by: str, decided_at: dt.datetime, reason: str = ""
) -> list[ProposalRow]:
    """Turn open proposals down, all or none; returns them.

    Raises UnknownProposal, ProposalDecided. Call after `lock_deciding`.
    """
    rows = get_open_proposals(ids=proposal_ids)
    Proposal.objects.filter(pk__in=[row.id for row in rows], state=Proposal.State.OPEN).update(
        state=Proposal.State.DISMISSED,
        decided_by=decided_by,
        decided_at=decided_at,
        decision_reason=" ".join(reason.split())[:_LONGEST_REASON],
    )
    return rows


def reopen_dismissed(*, proposal_ids: Collection[int]) -> list[int]:
    """Take a dismissal back; returns the ids that are open again.

    Within its run only, because a later plan knows better; and not where another is open for the product and place.
    Call after `lock_deciding`.
    """
    latest = Proposal.objects.aggregate(latest=Max("run_key"))["latest"]
    return _reopen(proposal_ids=proposal_ids, state=Proposal.State.DISMISSED, run_key=latest)


def reopen_of_cancelled(*, order_ids: Collection[int]) -> list[int]:
    """Open again what cancelled or refused orders were made of; returns the ids. Not where another is open meanwhile.

    Call after `lock_deciding`.
    """
    ids = Proposal.objects.filter(
        purchase_order__in=list(order_ids),
        purchase_order__state__in=[PurchaseOrder.State.CANCELLED, PurchaseOrder.State.REFUSED],
        state=Proposal.State.APPROVED,
    ).values_list("pk", flat=True)
    return _reopen(proposal_ids=list(ids), state=Proposal.State.APPROVED, run_key=None)


def refuse_changed(*, rows: Sequence[ProposalRow], seen_edits: dict[int, int]) -> None:
    """Raises ProposalChanged for the first that was edited since its page was made."""
    for row in rows:
        if row.edits_count != seen_edits.get(row.id, row.edits_count):
            raise _changed(row)


def _reopen(*, proposal_ids: Collection[int], state: Proposal.State, run_key: int | None) -> list[int]:
    rival = Proposal.objects.filter(product=OuterRef("product"), place=OuterRef("place"), state=Proposal.State.OPEN)
    found = Proposal.objects.filter(~Exists(rival), pk__in=list(proposal_ids), state=state)
    found = found.filter(run_key=run_key) if run_key is not None else found
    # Of several decided ones for a product and place only the newest can be open again.
    newest = {(one.product_id, one.place_id): one.pk for one in found.order_by("pk")}
    ids = sorted(newest.values())
    Proposal.objects.filter(pk__in=ids, state=state).update(
        state=Proposal.State.OPEN, decided_by="", decided_at=None, decision_reason="", purchase_order=None
    )
    return ids


def _refuse_bad(*, edit: ProposalEdit, today: dt.date) -> None:
    days = (edit.order_by_date - today).days
    faults = {
        "units must be above zero, with at most three decimals": not is_quantity(edit.units) or edit.units <= 0,
        "the day to order by must not lie in the past": days < 0,
        "the day to order by must lie within a year": days > _LATEST_ORDER_DAYS,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadProposalEdit(proposal_id=edit.proposal_id, reason=reason)


def _changed(row: ProposalRow) -> ProposalChanged:
    units = plain_decimal(number=row.units)
    return ProposalChanged(
        proposal_id=row.id, sku=row.sku, by=row.edited_by or "-", units=units, supplier=row.supplier_code
    )
