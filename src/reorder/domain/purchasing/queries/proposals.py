"""What the plan would buy, until a buyer decides."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from reorder.domain.purchasing.errors import ProposalDecided, UnknownProposal
from reorder.domain.purchasing.models import Proposal


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

    @property
    def cost_minor(self) -> int:
        """What the goods cost, rounded to a whole minor unit."""
        return round(self.units * self.unit_cost_minor)

    @property
    def position_key(self) -> str:
        """The key by which planning marks this product at this place."""
        return f"{self.sku}|{self.place_code}"


def list_open_proposals(*, supplier_code: str | None = None) -> list[ProposalRow]:
    """Open proposals, the most money at risk first; of one supplier when its code is given."""
    found = _with_names().filter(state=Proposal.State.OPEN)
    if supplier_code is not None:
        found = found.filter(supplier__code=supplier_code)
    return [_row(proposal) for proposal in found.order_by("-risk_minor", "order_by_date", "pk")]


def get_open_proposals(*, ids: Sequence[int]) -> list[ProposalRow]:
    """These proposals in the order of their ids; raises UnknownProposal, and ProposalDecided for one not open."""
    found = {proposal.pk: proposal for proposal in _with_names().filter(pk__in=list(ids))}
    for proposal_id in ids:
        if proposal_id not in found:
            raise UnknownProposal(proposal_id=proposal_id)
    refuse_decided(proposals=found.values())
    return [_row(found[proposal_id]) for proposal_id in sorted(found)]


def refuse_decided(*, proposals: Iterable[Proposal]) -> None:
    """Raises ProposalDecided for the first that is not open."""
    for proposal in proposals:
        if proposal.state != Proposal.State.OPEN:
            by = f" by {proposal.decided_by}" if proposal.decided_by else ""
            raise ProposalDecided(proposal_id=proposal.pk, state=proposal.state, by=by)


def _with_names() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("product", "place", "supplier")


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
    )
