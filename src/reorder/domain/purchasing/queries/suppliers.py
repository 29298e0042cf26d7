"""Who we buy from."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, JSONField, Q, Value
from django.db.models.functions import JSONObject

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
    """The calendar of each of these suppliers, or of all, by code; in one query."""
    closings = JSONBAgg(
        JSONObject(first="closings__first_date", last="closings__last_date", note="closings__note"),
        filter=Q(closings__isnull=False),
        default=Value([], output_field=JSONField()),
        order_by="closings__first_date",
    )
    found = Supplier.objects.filter(code__in=list(codes)) if codes is not None else Supplier.objects.all()
    rows = found.annotate(closed=closings).values_list(
        "code", "order_weekdays", "delivery_weekdays", "cut_off", "counts_working_days", "country", "closed"
    )
    return {
        code: calendar_of(
            order_weekdays=tuple(orders or ()),
            delivery_weekdays=tuple(delivers or ()),
            cut_off=cut_off,
            counts_working_days=working,
            country=country,
            closings=tuple(
                Closing(dt.date.fromisoformat(one["first"]), dt.date.fromisoformat(one["last"]), one["note"])
                for one in closed
            ),
            today=today,
        )
        for code, orders, delivers, cut_off, working, country, closed in rows
    }


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
