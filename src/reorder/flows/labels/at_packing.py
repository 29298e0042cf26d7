"""When a box is closed: the best service is noted on its parcel, and its label bought where the account says so.

Part of the packer's transaction: nobody is asked over the network here. The claim commits with the closed box, and a
job buys the label meanwhile; what cannot be chosen or claimed never keeps a box from being closed.
"""

import datetime as dt

from django.db import transaction

from reorder.domain.shipping import accounts, labels
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.labels.buying import LabelWish, claim_chosen
from reorder.flows.labels.offering import choose_from_table
from reorder.insights.parcel_facts import find_parcel_of_number
from reorder.kernel.errors import BadInput
from reorder.kernel.jobs import JobName, defer_job


def label_at_packing(*, number: str, actor: Actor, moment: dt.datetime) -> LabelRow | None:
    """Choose for a closed box by the shop's table, and claim its label where its account buys at packing.

    None: nothing was claimed; the parcel waits in the list of those without a label.
    """
    row = find_parcel_of_number(number=number, actor=SYSTEM)
    if row is None or row.packed_at is None or not actor.may(Ability.FULFIL_ORDERS):
        return None
    choice = choose_from_table(row=row, moment=moment)
    if choice.chosen is None or choice.chosen.offer.account_id is None:
        return None
    code = choice.chosen.offer.service.code
    labels.note_choice(parcel_id=row.id, service_code=code)
    account = accounts.get_account(account_id=choice.chosen.offer.account_id)
    if not account.buys_at_packing or not actor.may_at(row.place_code):
        return None
    try:
        with transaction.atomic():
            made = claim_chosen(
                row=row,
                choice=choice,
                wish=LabelWish(parcel_id=row.id, key=f"packing:{number}", service_code=code),
                actor=actor,
                moment=moment,
            )
            defer_job(name=JobName.BUY_LABEL, arguments={"label_id": made.id})
    except BadInput:
        return None
    return made
