"""What the plan would buy, until a buyer decides."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from reorder.domain.purchasing.errors import ProposalDecided, UnknownProposal
from reorder.domain.purchasing.models import Proposal
from reorder.domain.purchasing.rules import line_cost


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal; money in minor units, `currency` is that of the cost, `risk_currency` that of the risk."""

    id: int
    run_key: int
    product_id: int
    sku: str
    product_name: str
    place_id: int
    place_code: str
    supplier_id: int
    supplier_code: str
    supplier_name: str
    units: Decimal
    unit_cost_minor: int
    currency: str
    order_by_date: dt.date
    position_units: float
    reorder_point_units: float
    daily_units: float
    risk_minor: int
    risk_currency: str
    reason_code: str
    reason_parameters: dict[str, Any]
    edits_count: int = 0
    edited_by: str = ""
    edited_at: dt.datetime | None = None
    edit_reason: str = ""
    planned_units: Decimal | None = None
    planned_supplier_code: str = ""
    planned_order_by_date: dt.date | None = None
    order_unit: str = ""
    order_unit_units: Decimal = Decimal(1)
    order_unit_cost_minor: int | None = None

    @property
    def is_edited(self) -> bool:
        """Whether a person asks for something else than the plan."""
        planned = (self.planned_units, self.planned_supplier_code, self.planned_order_by_date)
        return self.edits_count > 0 and planned != (self.units, self.supplier_code, self.order_by_date)

    @property
    def cost_minor(self) -> int:
        """What the goods cost, rounded to a whole minor unit."""
        return line_cost(
            units=self.units,
            unit_cost_minor=self.unit_cost_minor,
            order_unit_units=self.order_unit_units,
            order_unit_cost_minor=self.order_unit_cost_minor,
        )

    @property
    def position_key(self) -> str:
        """The key by which planning marks this product at this place."""
        return f"{self.sku}|{self.place_code}"


def list_open_proposals(*, supplier_code: str | None = None, place_codes: Collection[str] = ()) -> list[ProposalRow]:
    """Open proposals, the most money at risk first; of one supplier, and of some places, when they are named."""
    found = _with_names().filter(state=Proposal.State.OPEN)
    if supplier_code is not None:
        found = found.filter(supplier__code=supplier_code)
    if place_codes:
        found = found.filter(place__code__in=sorted(place_codes))
    return [_row(proposal) for proposal in found.order_by("-risk_minor", "order_by_date", "pk")]


def get_open_proposals(*, ids: Sequence[int]) -> list[ProposalRow]:
    """These proposals in the order of their ids; raises UnknownProposal, and ProposalDecided for one not open."""
    found = {proposal.pk: proposal for proposal in _with_names().filter(pk__in=list(ids))}
    for proposal_id in ids:
        if proposal_id not in found:
            raise UnknownProposal(proposal_id=proposal_id)
    refuse_decided(proposals=found.values())
    return [_row(found[proposal_id]) for proposal_id in sorted(found)]


def list_open_page(
    *, supplier_code: str, place_codes: Collection[str], after: tuple[int, int] | None, size: int
) -> list[ProposalRow]:
    """`size` open proposals of a supplier after (risk_minor, id), the most money at risk first."""
    found = _with_names().filter(state=Proposal.State.OPEN, supplier__code=supplier_code)
    if place_codes:
        found = found.filter(place__code__in=sorted(place_codes))
    if after is not None:
        risk_minor, proposal_id = after
        found = found.filter(Q(risk_minor__lt=risk_minor) | Q(risk_minor=risk_minor, pk__gt=proposal_id))
    return [_row(proposal) for proposal in found.order_by("-risk_minor", "pk")[:size]]


def find_proposal(*, proposal_id: int) -> tuple[ProposalRow, str] | None:
    """A proposal in any state, and that state."""
    found = _with_names().filter(pk=proposal_id).first()
    return (_row(found), found.state) if found else None


def find_open_proposal(*, product_id: int, place_id: int) -> ProposalRow | None:
    """The one open proposal for a product and place."""
    found = _with_names().filter(product_id=product_id, place_id=place_id, state=Proposal.State.OPEN).first()
    return _row(found) if found else None


def list_proposals_of_order(*, order_id: int) -> list[ProposalRow]:
    """What an order was made of, by SKU; with what the plan had asked for where a person changed it."""
    return [_row(one) for one in _with_names().filter(purchase_order_id=order_id).order_by("product__sku")]


def find_proposal_places(*, ids: Collection[int]) -> dict[int, str]:
    """The code of the place of each of these proposals, in any state; unknown ids are left out."""
    return dict(Proposal.objects.filter(pk__in=list(ids)).values_list("pk", "place__code"))


def list_decisions_of(*, ids: Collection[int]) -> list[tuple[int, str, str, str]]:
    """Id, state, who decided, and the number of the order, for each of these proposals that is no longer open."""
    found = Proposal.objects.filter(pk__in=list(ids)).exclude(state=Proposal.State.OPEN)
    return list(found.values_list("pk", "state", "decided_by", "purchase_order__number").order_by("pk"))


def refuse_decided(*, proposals: Iterable[Proposal]) -> None:
    """Raises ProposalDecided for the first that is not open."""
    for proposal in proposals:
        if proposal.state != Proposal.State.OPEN:
            by = f" by {proposal.decided_by}" if proposal.decided_by else ""
            raise ProposalDecided(proposal_id=proposal.pk, state=proposal.state, by=by)


def _with_names() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("product", "place", "supplier", "planned_supplier")


def _row(proposal: Proposal) -> ProposalRow:
    return ProposalRow(
        id=proposal.pk,
        run_key=proposal.run_key,
        product_id=proposal.product_id,
        sku=proposal.product.sku,
        product_name=proposal.product.name,
        place_id=proposal.place_id,
        place_code=proposal.place.code,
        supplier_id=proposal.supplier_id,
        supplier_code=proposal.supplier.code,
        supplier_name=proposal.supplier.name,
        units=proposal.units,
        unit_cost_minor=proposal.unit_cost_minor,
        currency=proposal.currency,
        order_by_date=proposal.order_by_date,
        position_units=proposal.position_units,
        reorder_point_units=proposal.reorder_point_units,
        daily_units=proposal.daily_units,
        risk_minor=proposal.risk_minor,
        risk_currency=proposal.product.currency,
        reason_code=proposal.reason_code,
        reason_parameters=proposal.reason_parameters,
        edits_count=proposal.edits_count,
        edited_by=proposal.edited_by,
        edited_at=proposal.edited_at,
        edit_reason=proposal.edit_reason,
        planned_units=proposal.planned_units,
        planned_supplier_code=proposal.planned_supplier.code if proposal.planned_supplier else "",
        planned_order_by_date=proposal.planned_order_by_date,
        order_unit=proposal.order_unit,
        order_unit_units=proposal.order_unit_units,
        order_unit_cost_minor=proposal.order_unit_cost_minor,
    )
