"""Cartons: which ones hold an order, and where each thing lies in them."""

from reorder.engine.packing.parcels import plan_parcels
from reorder.engine.packing.values import BadPacking, Carton, Item, Parcel, ParcelPlan, Placement

__all__ = ["BadPacking", "Carton", "Item", "Parcel", "ParcelPlan", "Placement", "plan_parcels"]
