"""Returned goods that their suppliers must answer for: listed by supplier, and sent back with a claim."""

import datetime as dt
from collections.abc import Sequence

from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction, take_transaction_locks
from reorder.domain.warehouse.return_errors import BadReturnInput
from reorder.domain.warehouse.return_pieces import next_claim_number, send_to_supplier
from reorder.flows.returns.telling import hold_case, tell_return
from reorder.insights.return_claims import list_claimable
from reorder.kernel.quantity import plain_decimal


def send_claim(*, supplier_code: str, piece_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> str:
    """Send pieces back to a supplier under one claim number; they leave stock. Returns the number.

    All or nothing. Raises BadReturnInput when a piece is no longer there to be sent, NotAllowed.
    """
    actor.require(Ability.EDIT_STOCK)
    with one_transaction():
        take_transaction_locks(names=["returns.claims"])
        known = {one.piece_id: one for one in list_claimable(actor=actor) if one.supplier_code == supplier_code}
        wanted = [known[one] for one in sorted(set(piece_ids)) if one in known]
        if not wanted or len(wanted) != len(set(piece_ids)):
            raise BadReturnInput(reason="some of these goods are gone: look at the list again")
        number = next_claim_number(moment=moment)
        # Orders are held in the order of their numbers, so two who claim never wait for each other in a ring.
        for one in sorted(wanted, key=lambda each: (each.order_id, each.piece_id)):
            case = hold_case(return_id=one.return_id, actor=actor)
            piece = next(row for row in case.held.pieces if row.id == one.piece_id)
            done = send_to_supplier(
                held=case.held, piece=piece, supplier=supplier_code, claim_number=number, actor=actor.name,
                moment=moment,
            )  # fmt: skip
            details = {"sku": done.sku, "units": plain_decimal(number=done.units), "claim": number,
                       "supplier": supplier_code}  # fmt: skip
            tell_return(case=case, kind="claimed", actor=actor, moment=moment, details=details)
    return number


REASON_TEMPLATES = ("some of these goods are gone: look at the list again",)
