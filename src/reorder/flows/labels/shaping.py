"""A parcel of ours as carriers must know it, and as the choice of a service sees it; asks nobody but the settings."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.shipping.carriers.values import ParcelToSend, Party
from reorder.domain.shipping.choosing import ParcelFacts
from reorder.domain.shipping.label_errors import ParcelNotForLabel
from reorder.insights.parcel_facts import ParcelFactsRow

# A parcel without a weight counts as this for prices: nobody has weighed it.
UNWEIGHED_GRAMS: Final = 1_000


def parcel_to_send(
    *, row: ParcelFactsRow, account_settings: Mapping[str, Any], reference: str, series_number: int
) -> ParcelToSend:
    """The parcel with both ends of its way; one that comes back has them exchanged. Raises ParcelNotForLabel."""
    if row.address is None:
        raise ParcelNotForLabel(parcel=row.number, reason="it has no address to go to")
    customer = _party(row.address)
    shop = _shop(row=row, account_settings=account_settings)
    is_out = row.direction == "out"
    return ParcelToSend(
        reference=reference,
        series_number=series_number,
        parcel_number=row.number,
        order_number=row.order_number,
        sender=shop if is_out else customer,
        receiver=customer if is_out else shop,
        temperature_class=row.temperature_class,
        grams=row.grams or UNWEIGHED_GRAMS,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        goods_name=", ".join(row.goods_names)[:200],
        value_minor=row.value_minor,
        collect_minor=row.collect_minor,
        currency=row.currency,
        direction=row.direction,
    )


def facts_to_choose(*, row: ParcelFactsRow, moment: dt.datetime) -> ParcelFacts:
    """What of a parcel decides about its service."""
    return ParcelFacts(
        temperatures=row.temperatures,
        grams=row.grams or UNWEIGHED_GRAMS,
        longest_mm=max(row.length_mm, row.width_mm, row.height_mm),
        sum_mm=row.length_mm + row.width_mm + row.height_mm,
        is_store_pickup=bool(row.address and row.address.store_code) and row.direction == "out",
        is_hazardous=bool(row.hazards),
        is_collecting=row.collect_minor > 0,
        ship_date=moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date(),
        promised_date=row.promised_date,
        wanted_service=row.wanted_service,
    )


def require_labelable(*, row: ParcelFactsRow) -> None:
    """Raises ParcelNotForLabel for a parcel that has left, was cancelled, or has nowhere to go."""
    reasons = (
        (row.state == "cancelled" or row.order_state == "cancelled", "it was cancelled"),
        (row.shipped_at is not None, "it has left already"),
        (row.direction == "out" and row.packed_at is None, "it is not packed yet"),
        (row.address is None, "it has no address to go to"),
    )
    for is_so, reason in reasons:
        if is_so:
            raise ParcelNotForLabel(parcel=row.number, reason=reason)


def _party(address: ShippingAddress) -> Party:
    return Party(
        name=address.name,
        phone=address.phone,
        company=address.company,
        country=address.country,
        postcode=address.postcode,
        region=address.region,
        city=address.city,
        line1=address.line1,
        line2=address.line2,
        store_code=address.store_code,
        note=address.note,
    )


def _shop(*, row: ParcelFactsRow, account_settings: Mapping[str, Any]) -> Party:
    """Who sends: what the account says, else the place and the shop."""

    def said(name: str, default: str = "") -> str:
        return str(account_settings.get(name) or default)

    return Party(
        name=said("sender_name", settings.REORDER.shop_name),
        phone=said("sender_phone"),
        email=settings.REORDER.mail_from,
        country=said("sender_country", row.place_country or settings.REORDER.country),
        postcode=said("sender_postcode", row.place_postcode),
        region=said("sender_region"),
        city=said("sender_city"),
        line1=said("sender_line1", row.place_name),
    )
