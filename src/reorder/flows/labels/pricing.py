"""What the shop's own table of rates says a parcel costs."""

from functools import lru_cache

from django.conf import settings

from reorder.domain.shipping import queries as shipping
from reorder.domain.shipping.carriers.values import ParcelToSend, RateAnswer
from reorder.domain.shipping.rules import Parcel, Tariff, cheapest_quote, make_tariff


def price_of_table(*, parcel: ParcelToSend, service_code: str) -> RateAnswer | None:
    """The price of one service for one parcel, in the shop's currency; None where the table is silent."""
    return price_in(tariff=standing_tariff(), parcel=parcel, service_code=service_code)


def price_in(*, tariff: Tariff, parcel: ParcelToSend, service_code: str) -> RateAnswer | None:
    """As `price_of_table`, of a table that was read already."""
    service = next((one for one in tariff.services if one.code == service_code), None)
    if service is None:
        return None
    quote = cheapest_quote(
        tariff=tariff,
        parcel=Parcel(
            temperature_class=parcel.temperature_class,
            grams=parcel.grams,
            heaviest_grams=parcel.grams,
            longest_mm=parcel.longest_mm,
            sum_mm=parcel.sum_mm,
        ),
        from_zone=tariff.zone_of(country=parcel.sender.country, postcode=parcel.sender.postcode),
        to_zone=tariff.zone_of(country=parcel.receiver.country, postcode=parcel.receiver.postcode),
        is_store_pickup=service.is_store_pickup,
        service_code=service_code,
    )
    if quote is None:
        return None
    return RateAnswer(
        service_code=service_code,
        cost_minor=quote.price_minor,
        currency=settings.REORDER.currency,
        days=quote.delivery_days,
    )


def standing_tariff() -> Tariff:
    """Services, zones and rates as they stand; read once for each revision of them."""
    return _tariff(revision=shipping.read_revision(), currency=settings.REORDER.currency)


@lru_cache(maxsize=2)
def _tariff(*, revision: int, currency: str) -> Tariff:
    return make_tariff(
        services=shipping.list_services(),
        prefixes=shipping.list_prefixes(),
        rates=shipping.list_rates(),
        rules=(),
        currency=currency,
    )
