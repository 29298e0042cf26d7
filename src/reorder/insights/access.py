"""Objects for an actor: each function finds one thing and checks that this actor may see it.

What an actor may not see is not there: an unknown number and a forbidden one raise the same error.
"""

from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.errors import UnknownPurchaseOrder
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability, Actor


def get_purchase_order(*, actor: Actor, number: str, ability: Ability = Ability.VIEW_BUYING) -> PurchaseOrderRow:
    """One purchase order of a place of the actor's; raises NotAllowed, UnknownPurchaseOrder."""
    actor.require(ability)
    order = purchasing.get_purchase_order(number=number)
    if not actor.may_at(order.place_code):
        raise UnknownPurchaseOrder(number=number)
    return order
