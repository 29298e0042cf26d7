"""What stands: the tariff with its revision, and how places stand at a moment, each in one statement."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.inventory.place_terms import PlaceTermsRow
from reorder.domain.shipping.models import Rate, Revision, RoutingRule, Service, Zone, ZonePrefix
from reorder.domain.shipping.rules import PrefixRow, RateRow, RuleRow, ServiceRow
from reorder.domain.storage import fetch_prepared

# One row: revision, active places with their terms, regions they serve. Read for every order, hence one statement.
_STANDING: Final = """
SELECT coalesce((SELECT number FROM shipping_revision WHERE id = 1), 0),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(
            place.code, place.kind, place.country, terms.place_id IS NOT NULL, terms.postcode, terms.orders_a_day,
            terms.cut_off_time, terms.working_weekdays, terms.processing_days, terms.parcel_cost_minor,
            terms.line_cost_minor, terms.temperature_classes, terms.stock_confidence_share::text) ORDER BY place.code),
            '[]')
        FROM inventory_place AS place LEFT JOIN inventory_placeterms AS terms ON terms.place_id = place.id
        WHERE place.is_active),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(country, postcode_start, place_code)
                                  ORDER BY country, postcode_start), '[]') FROM planning_demandregion)
"""


@dataclass(frozen=True, slots=True)
class StandingPlace:
    """An active place and what it can do for orders; `has_terms`: somebody has laid that down."""

    code: str
    kind: str
    country: str
    has_terms: bool
    terms: PlaceTermsRow


@dataclass(frozen=True, slots=True)
class Standing:
    """How places stand; `regions` are (country, beginning of the postcode, place code)."""

    revision: int
    places: tuple[StandingPlace, ...]
    regions: tuple[tuple[str, str, str], ...]


def read_standing() -> Standing:
    """Active places, the regions that they serve, and the revision of the tariff."""
    [(revision, places, regions)] = fetch_prepared(statement=_STANDING, parameters={})
    return Standing(
        revision=revision,
        places=tuple(_place(row) for row in json.loads(places)),
        regions=tuple((country, start, code) for country, start, code in json.loads(regions)),
    )


def _place(row: Sequence[Any]) -> StandingPlace:
    code, kind, country, has_terms, *given = row
    if not has_terms:
        return StandingPlace(code, kind, country, has_terms=False, terms=PlaceTermsRow())
    postcode, orders_a_day, cut_off, weekdays, processing, parcel, line, temperatures, confidence = given
    terms = PlaceTermsRow(
        postcode=postcode,
        orders_a_day=orders_a_day,
        cut_off_time=dt.time.fromisoformat(cut_off) if cut_off else None,
        working_weekdays=tuple(weekdays),
        processing_days=processing,
        parcel_cost_minor=parcel,
        line_cost_minor=line,
        temperature_classes=tuple(temperatures),
        stock_confidence_share=Decimal(confidence),
    )
    return StandingPlace(code, kind, country, has_terms=True, terms=terms)


def list_services() -> list[ServiceRow]:
    """Services by code, those in use first."""
    return [
        ServiceRow(
            code=one.code,
            name=one.name,
            carrier=one.carrier,
            temperature_classes=tuple(one.temperature_classes),
            max_grams=one.max_grams,
            max_longest_mm=one.max_longest_mm,
            max_sum_mm=one.max_sum_mm,
            is_store_pickup=one.is_store_pickup,
            delivery_days=one.delivery_days,
            is_active=one.is_active,
        )
        for one in Service.objects.order_by("-is_active", "code")
    ]


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with the beginnings of postcodes that belong to it, as (country, beginning)."""

    code: str
    name: str
    prefixes: tuple[tuple[str, str], ...]


def list_zones() -> list[ZoneRow]:
    """Zones by code."""
    prefixes: dict[str, list[tuple[str, str]]] = {}
    for one in list_prefixes():
        prefixes.setdefault(one.zone, []).append((one.country, one.postcode_start))
    found = Zone.objects.order_by("code").values_list("code", "name")
    return [ZoneRow(code, name, tuple(prefixes.get(code, ()))) for code, name in found]


def list_prefixes() -> list[PrefixRow]:
    """Beginnings of postcodes by country and beginning."""
    found = ZonePrefix.objects.order_by("country", "postcode_start")
    return [
        PrefixRow(country=country, postcode_start=start, zone=zone)
        for country, start, zone in found.values_list("country", "postcode_start", "zone__code")
    ]


def list_rates() -> list[RateRow]:
    """All rates by service, zones and weight."""
    found = Rate.objects.order_by("service__code", "from_zone__code", "to_zone__code", "up_to_grams").values_list(
        "service__code", "from_zone__code", "to_zone__code", "up_to_grams", "price_minor", "currency"
    )
    return [
        RateRow(service=service, from_zone=start, to_zone=end, up_to_grams=grams, price_minor=price, currency=currency)
        for service, start, end, grams, price, currency in found
    ]


def count_rates() -> dict[str, int]:
    """How many rates each service has, by its code."""
    counts: dict[str, int] = {}
    for code in Rate.objects.values_list("service__code", flat=True):
        counts[code] = counts.get(code, 0) + 1
    return counts


def list_rules() -> list[RuleRow]:
    """Rules of routing by kind, the oldest first."""
    found = RoutingRule.objects.select_related("place", "category").order_by("kind", "id")
    return [
        RuleRow(
            id=one.pk,
            kind=one.kind,
            place_code=one.place.code if one.place else "",
            channel=one.channel,
            category_id=one.category_id,
            category_name=one.category.name if one.category else "",
            temperature_class=one.temperature_class,
            country=one.country,
            postcode_start=one.postcode_start,
            amount_minor=one.amount_minor,
        )
        for one in found
    ]


def read_revision() -> int:
    """The revision of services, zones, rates and rules; 0 before anything was laid down."""
    return Revision.objects.filter(pk=1).values_list("number", flat=True).first() or 0
