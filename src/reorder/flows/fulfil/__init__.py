"""Orders that we fulfil: taken and promised, routed, released, shipped, changed and cancelled."""

from reorder.flows.fulfil.orders import LineToPlace, OrderToPlace, Totals
from reorder.flows.fulfil.placing import PlacedOutcome, place_order, place_orders

__all__ = ["LineToPlace", "OrderToPlace", "PlacedOutcome", "Totals", "place_order", "place_orders"]
