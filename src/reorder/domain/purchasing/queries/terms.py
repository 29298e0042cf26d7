"""Suppliers and offers as people look after them: by number, page by page, in use and out of use."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from reorder.domain.purchasing.errors import UnknownOffer, UnknownSupplier
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrder, Supplier
from reorder.domain.purchasing.queries.suppliers import SupplierRow, get_supplier, supplier_row
from reorder.kernel.fingerprint import fingerprint_of

_STILL_TO_COME = (PurchaseOrder.State.PLACED, PurchaseOrder.State.PARTLY_RECEIVED)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What a supplier asks for a product, in the supplier's currency; a lead time of None is the supplier's."""

    id: int
    supplier_id: int
    supplier_code: str
    currency: str
    sku: str
    product_name: str
    supplier_sku: str
    unit_cost_minor: int
    pack_units: Decimal
    minimum_units: Decimal
    maximum_cover_days: int | None
    lead_days: int | None
    is_active: bool
    order_unit: str = ""
    order_unit_units: Decimal = Decimal(1)
    order_unit_cost_minor: int | None = None

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody has changed the offer since it was shown."""
        return fingerprint_of(
            values=(
                self.supplier_sku,
                self.unit_cost_minor,
                self.pack_units.normalize(),
                self.minimum_units.normalize(),
                self.maximum_cover_days,
                self.lead_days,
                self.is_active,
                self.order_unit,
                self.order_unit_units.normalize(),
                self.order_unit_cost_minor,
            )
        )


@dataclass(frozen=True, slots=True)
class BuyingAhead:
    """Orders still to come and proposals still open, at a place or from a supplier."""

    awaited_orders_count: int
    open_proposals_count: int


def supplier_fingerprint(*, row: SupplierRow) -> str:
    """Tells whether somebody has changed a supplier's terms since they were shown."""
    return fingerprint_of(
        values=(
            row.name,
            row.email,
            row.language,
            row.currency,
            row.minimum_value_minor,
            row.lead_days,
            row.order_weekdays,
            row.is_active,
            row.country,
            row.cut_off,
            row.delivery_weekdays,
            row.counts_working_days,
            row.automatic_limit_minor,
            row.closings,
        )
    )


def get_supplier_of_id(*, supplier_id: int) -> SupplierRow:
    """One supplier by number; raises UnknownSupplier."""
    code = Supplier.objects.filter(pk=supplier_id).values_list("code", flat=True).first()
    if code is None:
        raise UnknownSupplier(supplier=supplier_id)
    return get_supplier(code=code)


def count_suppliers() -> int:
    """How many suppliers we buy from."""
    return Supplier.objects.filter(is_active=True).count()


def list_supplier_page(*, is_active: bool | None, search: str, after_code: str, size: int) -> list[SupplierRow]:
    """`size` suppliers by code after `after_code`, in use or not (None: both), whose code or name holds `search`."""
    found = Supplier.objects.filter(code__gt=after_code).order_by("code").prefetch_related("closings")
    found = found.filter(is_active=is_active) if is_active is not None else found
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    page = list(found[:size])
    offers = Offer.objects.filter(supplier__in=page, is_active=True).order_by()
    counts = dict(offers.values_list("supplier_id").annotate(count=Count("pk")))
    return [supplier_row(supplier=one, offers_count=counts.get(one.pk, 0)) for one in page]


def list_offer_page(
    *, supplier_id: int, is_active: bool | None, search: str, after_sku: str, size: int
) -> list[OfferRow]:
    """`size` offers of a supplier by SKU after `after_sku`; `search` is looked for in SKU, name and supplier's SKU."""
    found = _offers().filter(supplier_id=supplier_id, product__sku__gt=after_sku).order_by("product__sku")
    found = found.filter(is_active=is_active) if is_active is not None else found
    if search:
        found = found.filter(
            Q(product__sku__icontains=search) | Q(product__name__icontains=search) | Q(supplier_sku__icontains=search)
        )
    return [_row(offer) for offer in found[:size]]


def get_offer(*, supplier_id: int, offer_id: int) -> OfferRow:
    """One offer of one supplier; raises UnknownOffer."""
    offer = _offers().filter(supplier_id=supplier_id, pk=offer_id).first()
    if offer is None:
        raise UnknownOffer(offer_id=offer_id)
    return _row(offer)


def count_buying_at(*, place_code: str) -> BuyingAhead:
    """Orders that a place still awaits, and proposals that are open for it."""
    return BuyingAhead(
        awaited_orders_count=PurchaseOrder.objects.filter(place__code=place_code, state__in=_STILL_TO_COME).count(),
        open_proposals_count=Proposal.objects.filter(place__code=place_code, state=Proposal.State.OPEN).count(),
    )


def list_open_ids_at(*, place_code: str) -> Sequence[int]:
    """Numbers of the proposals that are open for a place."""
    found = Proposal.objects.filter(place__code=place_code, state=Proposal.State.OPEN).order_by("pk")
    return list(found.values_list("pk", flat=True))


def count_buying_from(*, supplier_id: int) -> BuyingAhead:
    """Orders still to come from a supplier, and proposals that would order from it."""
    return BuyingAhead(
        awaited_orders_count=PurchaseOrder.objects.filter(supplier_id=supplier_id, state__in=_STILL_TO_COME).count(),
        open_proposals_count=Proposal.objects.filter(supplier_id=supplier_id, state=Proposal.State.OPEN).count(),
    )


def _offers() -> QuerySet[Offer]:
    return Offer.objects.select_related("supplier", "product")


def _row(offer: Offer) -> OfferRow:
    return OfferRow(
        id=offer.pk,
        supplier_id=offer.supplier_id,
        supplier_code=offer.supplier.code,
        currency=offer.supplier.currency,
        sku=offer.product.sku,
        product_name=offer.product.name,
        supplier_sku=offer.supplier_sku,
        unit_cost_minor=offer.unit_cost_minor,
        pack_units=offer.pack_units,
        minimum_units=offer.minimum_units,
        maximum_cover_days=offer.maximum_cover_days,
        lead_days=offer.lead_days,
        is_active=offer.is_active,
        order_unit=offer.order_unit,
        order_unit_units=offer.order_unit_units,
        order_unit_cost_minor=offer.order_unit_cost_minor,
    )
