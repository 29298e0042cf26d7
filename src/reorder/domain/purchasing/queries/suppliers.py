"""Who we buy from."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from reorder.domain.purchasing.calendar import Closing, SupplierCalendar, calendar_of
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
    country: str = ""
    cut_off: dt.time | None = None
    delivery_weekdays: tuple[int, ...] = ()
    counts_working_days: bool = False
    automatic_limit_minor: int | None = None
    closings: tuple[Closing, ...] = ()

    def calendar(self, *, today: dt.date) -> SupplierCalendar:
        """When it takes orders and delivers, from `today` on."""
        return calendar_of(
            order_weekdays=self.order_weekdays,
            delivery_weekdays=self.delivery_weekdays,
            cut_off=self.cut_off,
            counts_working_days=self.counts_working_days,
            country=self.country,
            closings=self.closings,
            today=today,
        )


def list_suppliers() -> list[SupplierRow]:
    """All suppliers by code, with the number of their active offers."""
    counted = Supplier.objects.annotate(offers_count=Count("offers", filter=Q(offers__is_active=True)))
    found = counted.order_by("code").prefetch_related("closings")
    return [supplier_row(supplier=supplier, offers_count=supplier.offers_count) for supplier in found]


def get_calendars(*, today: dt.date, codes: Collection[str] | None = None) -> dict[str, SupplierCalendar]:
    """The calendar of each of these suppliers, or of all, by code."""
    found = Supplier.objects.prefetch_related("closings")
    found = found.filter(code__in=list(codes)) if codes is not None else found
    return {row.code: supplier_row(supplier=row, offers_count=0).calendar(today=today) for row in found}


def get_supplier(*, code: str) -> SupplierRow:
    """One supplier; raises UnknownSupplier."""
    supplier = Supplier.objects.prefetch_related("closings").filter(code=code).first()
    if supplier is None:
        raise UnknownSupplier(supplier=code)
    return supplier_row(supplier=supplier, offers_count=supplier.offers.filter(is_active=True).count())


def supplier_row(*, supplier: Supplier, offers_count: int) -> SupplierRow:
    """A supplier as everybody outside the models reads it."""
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
        country=supplier.country,
        cut_off=supplier.cut_off,
        delivery_weekdays=tuple(supplier.delivery_weekdays or ()),
        counts_working_days=supplier.counts_working_days,
        automatic_limit_minor=supplier.automatic_limit_minor,
        closings=tuple(
            Closing(one.first_date, one.last_date, one.note)
            for one in sorted(supplier.closings.all(), key=lambda one: (one.first_date, one.last_date))
        ),
    )
