"""Closing a place: plans, buying and the audit trail agree on it, or nothing happens."""

import datetime as dt

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.queries import PlaceRow, get_place
from reorder.domain.purchasing import operations as purchasing
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.errors import PlaceAwaitsGoods
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.storage import one_transaction


def close_place(*, place_id: int, decided_by: str, moment: dt.datetime) -> PlaceRow:
    """Take a place out of plans and turn down what is proposed for it; goods that stand there stay in the ledger.

    Raises UnknownPlace, and PlaceAwaitsGoods while purchase orders are still to come; then nothing is changed.
    """
    place = get_place(place_id=place_id)
    with one_transaction():
        lock_deciding()
        awaited_count = queries.count_buying_at(place_code=place.code).awaited_orders_count
        if awaited_count:
            raise PlaceAwaitsGoods(place=place.name, count=awaited_count)
        purchasing.dismiss_proposals(
            proposal_ids=queries.list_open_ids_at(place_code=place.code), decided_by=decided_by, decided_at=moment
        )
        return inventory.close_place(place_id=place_id, closed_by=decided_by)
