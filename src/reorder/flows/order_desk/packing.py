"""Packed at the desk: where a place packs into boxes, the word of a person makes the parcels of the plan."""

import datetime as dt

from reorder.domain.shipping.cartons import list_cartons_at
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.count_lists import list_places_with_bins
from reorder.flows.fulfil.moving import pack_fulfilment
from reorder.flows.packing.doing import has_boxes, pack_as_planned
from reorder.insights.packing import Shipment, get_shipment, list_goods


def pack(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> tuple[str, ...]:
    """A shipment is packed; returns the numbers of its parcels, none where the place does without.

    Raises as `pack_fulfilment` and `pack_as_planned`.
    """
    shipment = get_shipment(fulfilment_id=fulfilment_id, actor=actor)
    if shipment.state == "picked" and _goes_into_boxes(shipment):
        packed = pack_as_planned(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
        return tuple(one.number for one in packed.plan.parcels)
    pack_fulfilment(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
    return ()


def _goes_into_boxes(shipment: Shipment) -> bool:
    """Begun on the bench; or a place with cartons or bins, and goods whose sizes and weights somebody entered.

    A label would be bought for what a guess says of size and weight, so guesses make no parcel here.
    """
    if has_boxes(fulfilment_id=shipment.fulfilment_id):
        return True
    code = shipment.place_code
    if not list_cartons_at(place_code=code) and code not in list_places_with_bins():
        return False
    return not any(
        one.is_size_estimate or one.is_weight_estimate for one in list_goods(fulfilment_id=shipment.fulfilment_id)
    )
