"""Who we buy from."""

from dataclasses import dataclass

from django.db.models import Count, Q

from reorder.domain.purchasing.errors import UnknownSupplier
from reorder.domain.purchasing.models import Supplier


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """One supplier's terms; `order_weekdays` are ISO (1 Monday), empty for any day."""

    id: int
    code: str
    name: str
    email: str
    language: str
    currency: str
    minimum_value_minor: int
    lead_days: int
    order_weekdays: tuple[int, ...]
    is_active: bool
    offers_count: int


def list_suppliers() -> list[SupplierRow]:
    """All suppliers by code, with the number of their active offers."""
    counted = Supplier.objects.annotate(offers_count=Count("offers", filter=Q(offers__is_active=True)))
    return [_row(supplier, supplier.offers_count) for supplier in counted.order_by("code")]


def get_supplier(*, code: str) -> SupplierRow:
    """One supplier; raises UnknownSupplier."""
    supplier = Supplier.objects.filter(code=code).first()
    if supplier is None:
        raise UnknownSupplier(supplier=code)
    return _row(supplier, supplier.offers.filter(is_active=True).count())


def _row(supplier: Supplier, offers_count: int) -> SupplierRow:
    return SupplierRow(
        id=supplier.pk,
        code=supplier.code,
        name=supplier.name,
        email=supplier.email,
        language=supplier.language,
        currency=supplier.currency,
        minimum_value_minor=supplier.minimum_value_minor,
        lead_days=supplier.lead_days,
        order_weekdays=tuple(supplier.order_weekdays or ()),
        is_active=supplier.is_active,
        offers_count=offers_count,
    )
