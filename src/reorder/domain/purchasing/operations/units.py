"""Offers that are bought in a unit of the product: what the unit holds comes from the catalogue, and follows it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from reorder.domain.catalog.units import SELLING_UNIT, NewUnit, list_units, save_units
from reorder.domain.purchasing.errors import BadOffer
from reorder.domain.purchasing.models import Offer
from reorder.domain.purchasing.rules import NewOffer, unit_cost_of


def in_unit_of_product(*, offer: NewOffer, saved_by: str) -> NewOffer:
    """The offer with what its order unit holds, whole packs of it, and the cost of a selling unit that follows.

    A unit that the product does not have yet is added with the size that the offer names. Raises BadOffer, BadUnit.
    """
    if offer.order_unit in ("", SELLING_UNIT):
        return replace(offer, order_unit="", order_unit_units=Decimal(1), order_unit_cost_minor=None)
    known = list_units(sku=offer.sku)
    size = next((row.units for row in known if row.code == offer.order_unit), None)
    if size is not None and offer.order_unit_units not in (Decimal(1), size):
        held = f"a {offer.order_unit} of it holds {size.normalize():f} units"
        raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason=f"{held}: change that on the product first")
    if size is None:
        added = NewUnit(code=offer.order_unit, contains_count=offer.order_unit_units)
        others = [
            NewUnit(code=row.code, contains_count=row.contains_count, contains_code=row.contains_code) for row in known
        ]
        save_units(sku=offer.sku, units=[*others, added], saved_by=saved_by)
        size = offer.order_unit_units
    cost = offer.order_unit_cost_minor
    return replace(
        offer,
        order_unit_units=size,
        pack_units=whole_units(units=offer.pack_units, of_units=size),
        unit_cost_minor=offer.unit_cost_minor
        if cost is None
        else unit_cost_of(order_unit_cost_minor=cost, order_unit_units=size),
    )


def follow_units(*, sku: str, units: Mapping[str, Decimal]) -> int:
    """Give offers of a product the new sizes of the units that they are bought in; returns how many changed.

    The price of an order unit stays, that of a selling unit follows. Raises BadOffer where such a unit is gone.
    """
    changed = 0
    offers = Offer.objects.select_for_update(of=("self",)).select_related("supplier").filter(product__sku=sku)
    for offer in offers.exclude(order_unit="").order_by("pk"):
        size = units.get(offer.order_unit)
        if size is None:
            reason = f"it is bought by the {offer.order_unit}, which the product would no longer have"
            raise BadOffer(supplier=offer.supplier.code, sku=sku, reason=reason)
        if size == offer.order_unit_units:
            continue
        cost = offer.order_unit_cost_minor
        changed += Offer.objects.filter(pk=offer.pk).update(
            order_unit_units=size,
            pack_units=whole_units(units=offer.pack_units / offer.order_unit_units * size, of_units=size),
            unit_cost_minor=offer.unit_cost_minor
            if cost is None
            else unit_cost_of(order_unit_cost_minor=cost, order_unit_units=size),
        )
    return changed


def whole_units(*, units: Decimal, of_units: Decimal) -> Decimal:
    """`units` rounded up to a whole number of units that hold `of_units` each."""
    return (units / of_units).quantize(Decimal(1), rounding=ROUND_CEILING) * of_units
