"""Suppliers and offers as people change them, one at a time, on record; files write theirs in bulk elsewhere."""

import datetime as dt
from dataclasses import asdict, fields, replace
from decimal import Decimal

from django.db import transaction

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.purchasing.errors import BadOffer, BadSupplier, OfferChanged, SupplierChanged
from reorder.domain.purchasing.models import Offer, Supplier, SupplierClosing
from reorder.domain.purchasing.operations.units import in_unit_of_product, whole_units
from reorder.domain.purchasing.queries.suppliers import SupplierRow, get_supplier
from reorder.domain.purchasing.queries.terms import (
    OfferRow,
    get_offer,
    get_supplier_of_id,
    supplier_fingerprint,
)
from reorder.domain.purchasing.rules import NewOffer, NewSupplier, refuse_bad_offer, refuse_bad_supplier
from reorder.domain.staff.operations import record_audit

_MOST_COVER_DAYS = 3650
_LONGEST_NOTE = 200
_WEEKDAYS = ("order_weekdays", "delivery_weekdays")


def create_supplier(*, supplier: NewSupplier, created_by: str) -> SupplierRow:
    """Somebody new to buy from. Raises BadSupplier, also for a code that is taken."""
    _refuse_bad_terms(supplier=supplier)
    with transaction.atomic():
        row, is_new = Supplier.objects.get_or_create(code=supplier.code, defaults=_terms_of(supplier))
        if not is_new:
            raise BadSupplier(supplier=supplier.code, reason="the code is taken")
        _write_closings(supplier_id=row.pk, supplier=supplier)
        record_audit(
            actor=created_by, action="purchasing.create_supplier", subject_kind="supplier", subject_key=supplier.code
        )
    return get_supplier(code=supplier.code)


def change_supplier(
    *, supplier_id: int, terms: NewSupplier, is_active: bool, seen: str, changed_by: str
) -> SupplierRow:
    """Give a supplier these terms; its code stays, whatever `terms` says, because files and orders name it.

    `seen` is the fingerprint of the terms that the person looked at. The currency stays while offers are priced in
    it. Raises UnknownSupplier, BadSupplier, SupplierChanged.
    """
    with transaction.atomic():
        Supplier.objects.select_for_update().filter(pk=supplier_id).first()
        before = get_supplier_of_id(supplier_id=supplier_id)
        wanted = replace(terms, code=before.code)
        _refuse_bad_terms(supplier=wanted)
        if seen != supplier_fingerprint(row=before):
            raise SupplierChanged(supplier=before.code)
        if wanted.currency != before.currency and Offer.objects.filter(supplier_id=supplier_id).exists():
            raise BadSupplier(supplier=before.code, reason="the currency cannot change while offers are priced in it")
        values = _terms_of(wanted) | {"is_active": is_active}
        changes = {name: value for name, value in values.items() if value != _known(before, name)}
        if changes:
            Supplier.objects.filter(pk=supplier_id).update(**changes)
        if set(wanted.closings) != set(before.closings):
            _write_closings(supplier_id=supplier_id, supplier=wanted)
            changes["closings"] = [f"{one.first_date} {one.last_date} {one.note}".strip() for one in wanted.closings]
        if changes:
            record_audit(
                actor=changed_by,
                action="purchasing.change_supplier",
                subject_kind="supplier",
                subject_key=before.code,
                details={name: _plain(value) for name, value in changes.items() if name not in {"name", "email"}}
                | dict.fromkeys({"name", "email"} & changes.keys(), "changed"),
            )
    return get_supplier_of_id(supplier_id=supplier_id)


def create_offer(*, offer: NewOffer, created_by: str) -> OfferRow:
    """A product that a supplier sells to us; costs in minor units of the supplier's currency.

    Raises UnknownSupplier, BadOffer, also when the supplier offers the product already.
    """
    _refuse_bad_offer(offer=replace(offer, pack_units=_whole_pack(offer)))
    supplier = get_supplier(code=offer.supplier_code)
    product = list_products_by_sku(skus=[offer.sku]).get(offer.sku)
    if product is None:
        raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason="no such product exists")
    with transaction.atomic():
        offer = in_unit_of_product(offer=offer, saved_by=created_by)
        _refuse_bad_offer(offer=offer)
        row, is_new = Offer.objects.get_or_create(
            supplier_id=supplier.id, product_id=product.id, defaults=_offer_values(offer)
        )
        if not is_new:
            raise BadOffer(
                supplier=offer.supplier_code, sku=offer.sku, reason="this supplier offers it already: change that offer"
            )
        _record_offer(action="purchasing.create_offer", actor=created_by, offer=offer)
    return get_offer(supplier_id=supplier.id, offer_id=row.pk)


def change_offer(
    *, supplier_id: int, offer_id: int, offer: NewOffer, is_active: bool, seen: str, changed_by: str
) -> OfferRow:
    """Give an offer these terms; its supplier and product stay, whatever `offer` says.

    `seen` is the fingerprint of the offer that the person looked at. Raises UnknownOffer, BadOffer, OfferChanged.
    """
    with transaction.atomic():
        Offer.objects.select_for_update().filter(pk=offer_id, supplier_id=supplier_id).first()
        before = get_offer(supplier_id=supplier_id, offer_id=offer_id)
        wanted = replace(offer, supplier_code=before.supplier_code, sku=before.sku)
        _refuse_bad_offer(offer=replace(wanted, pack_units=_whole_pack(wanted)))
        if seen != before.fingerprint:
            raise OfferChanged(sku=before.sku)
        wanted = in_unit_of_product(offer=wanted, saved_by=changed_by)
        values = _offer_values(wanted) | {"is_active": is_active}
        changes = {name: value for name, value in values.items() if value != getattr(before, name)}
        if changes:
            Offer.objects.filter(pk=offer_id).update(**changes)
            _record_offer(action="purchasing.change_offer", actor=changed_by, offer=wanted, **changes)
    return get_offer(supplier_id=supplier_id, offer_id=offer_id)


def _whole_pack(offer: NewOffer) -> Decimal:
    """The pack as it will be kept: whole order units; as given where that cannot be counted."""
    size = offer.order_unit_units
    if not offer.order_unit or not (size.is_finite() and size > 0 and offer.pack_units.is_finite()):
        return offer.pack_units
    return whole_units(units=offer.pack_units, of_units=size)


def _terms_of(supplier: NewSupplier) -> dict[str, object]:
    apart = {"code", "closings"}
    values = {field.name: getattr(supplier, field.name) for field in fields(NewSupplier) if field.name not in apart}
    # None says "any day" in the table; an empty list would read as "never".
    return values | {name: sorted(set(getattr(supplier, name))) or None for name in _WEEKDAYS}


def _known(row: SupplierRow, name: str) -> object:
    return (list(getattr(row, name)) or None) if name in _WEEKDAYS else getattr(row, name)


def _write_closings(*, supplier_id: int, supplier: NewSupplier) -> None:
    SupplierClosing.objects.filter(supplier_id=supplier_id).delete()
    SupplierClosing.objects.bulk_create(
        SupplierClosing(
            supplier_id=supplier_id, first_date=one.first_date, last_date=one.last_date, note=one.note[:_LONGEST_NOTE]
        )
        for one in supplier.closings
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.time) else value


def _offer_values(offer: NewOffer) -> dict[str, object]:
    return {name: value for name, value in asdict(offer).items() if name not in {"supplier_code", "sku"}}


def _record_offer(*, action: str, actor: str, offer: NewOffer, **changes: object) -> None:
    record_audit(
        actor=actor,
        action=action,
        subject_kind="offer",
        subject_key=f"{offer.supplier_code}|{offer.sku}",
        details={name: str(value) for name, value in changes.items()},
    )


def _refuse_bad_terms(*, supplier: NewSupplier) -> None:
    refuse_bad_supplier(supplier=supplier)
    faults = {
        "a code has at most 60 characters": len(supplier.code) > 60,
        "a name must be there, with at most 120 characters": not supplier.name.strip() or len(supplier.name) > 120,
        "the language must be en or zh-hant": supplier.language not in {"en", "zh-hant"},
    }
    for reason, holds in faults.items():
        if holds:
            raise BadSupplier(supplier=supplier.code, reason=reason)


def _refuse_bad_offer(*, offer: NewOffer) -> None:
    refuse_bad_offer(offer=offer)
    if offer.maximum_cover_days is not None and offer.maximum_cover_days > _MOST_COVER_DAYS:
        raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason="days of cover go from 1 to 3650")
