"""Objects for an actor: each function finds one thing and checks that this actor may see it.

What an actor may not see is not there: an unknown number and a forbidden one raise the same error.
"""

from collections.abc import Sequence

from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.errors import UnknownProposal, UnknownPurchaseOrder
from reorder.domain.purchasing.queries import ProposalRow, PurchaseOrderRow
from reorder.domain.staff.rules import Ability, Actor


def get_purchase_order(*, actor: Actor, number: str, ability: Ability = Ability.VIEW_BUYING) -> PurchaseOrderRow:
    """One purchase order of a place of the actor's; raises NotAllowed, UnknownPurchaseOrder."""
    actor.require(ability)
    order = purchasing.get_purchase_order(number=number)
    if not actor.may_at(order.place_code):
        raise UnknownPurchaseOrder(number=number)
    return order


def get_purchase_orders(
    *, actor: Actor, numbers: Sequence[str], ability: Ability = Ability.VIEW_BUYING
) -> list[PurchaseOrderRow]:
    """These purchase orders, all of places of the actor's; raises NotAllowed, UnknownPurchaseOrder."""
    actor.require(ability)
    orders = purchasing.get_purchase_orders(numbers=numbers)
    for order in orders:
        if not actor.may_at(order.place_code):
            raise UnknownPurchaseOrder(number=order.number)
    return orders


def get_proposal(*, actor: Actor, proposal_id: int, ability: Ability = Ability.VIEW_BUYING) -> tuple[ProposalRow, str]:
    """A proposal for a place of the actor's, in any state, and that state; raises NotAllowed, UnknownProposal."""
    actor.require(ability)
    found = purchasing.find_proposal(proposal_id=proposal_id)
    if found is None or not actor.may_at(found[0].place_code):
        raise UnknownProposal(proposal_id=proposal_id)
    return found


def refuse_other_places(
    *, actor: Actor, proposal_ids: Sequence[int], ability: Ability = Ability.DECIDE_PROPOSALS
) -> None:
    """Raises UnknownProposal for the first of these, in any state, that is of no place of the actor's; NotAllowed."""
    actor.require(ability)
    places = purchasing.find_proposal_places(ids=proposal_ids)
    for proposal_id in proposal_ids:
        if proposal_id not in places or not actor.may_at(places[proposal_id]):
            raise UnknownProposal(proposal_id=proposal_id)
