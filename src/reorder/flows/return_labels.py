"""Labels for parcels that come back, bought at the carrier accounts of the shop."""

import datetime as dt

from reorder.domain.shipping.back_parcels import find_back_parcel
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Actor
from reorder.flows import labels
from reorder.flows.returns.sending import await_parcel, send_instructions


def buy_label_back(*, return_id: int, actor: Actor, moment: dt.datetime) -> LabelRow:
    """Buy the label for the way back at a carrier account of ours; the same return again gives the same label.

    Not within a transaction: the claim must be committed before the carrier hears of it. A label that was bought is
    written on the return as sent. Raises UnknownReturn, ReturnMovedOn, and what `labels.buy_label` raises.
    """
    await_parcel(return_id=return_id, actor=actor, moment=moment)
    parcel_id = find_back_parcel(return_id=return_id)
    wish = labels.LabelWish(parcel_id=parcel_id or 0, key=f"return:{return_id}")
    bought = labels.buy_label(wish=wish, actor=actor, moment=moment)
    if bought.state == "bought":
        send_instructions(
            return_id=return_id,
            way_back="label",
            carrier=bought.account_name,
            tracking_number=bought.tracking_number,
            actor=actor,
            moment=moment,
        )
    return bought
