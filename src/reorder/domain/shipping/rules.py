"""Zones by the longest beginning, the cheapest service that takes the goods, the day a place can ship; pure."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

TEMPERATURES: Final = ("ambient", "chilled", "frozen")
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
LONGEST_START: Final = 16
# A place that is full looks for a free day so far ahead.
_HORIZON_DAYS: Final = 60
_DAY_END: Final = dt.time(23, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """What a carrier offers; limits are of one parcel, None: no limit."""

    code: str
    name: str
    carrier: str
    temperature_classes: tuple[str, ...]
    max_grams: int | None = None
    max_longest_mm: int | None = None
    max_sum_mm: int | None = None
    is_store_pickup: bool = False
    delivery_days: int = 1
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """What a parcel of up to so many grams costs from one zone to another."""

    service: str
    from_zone: str
    to_zone: str
    up_to_grams: int
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixRow:
    """Addresses of a country whose postcode begins so belong to a zone."""

    country: str
    postcode_start: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A merchant's rule; empty parts fit everything."""

    id: int = 0
    kind: str
    place_code: str = ""
    channel: str = ""
    category_id: int | None = None
    category_name: str = ""
    temperature_class: str = ""
    country: str = ""
    postcode_start: str = ""
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Goods that would go in one parcel, or several when a service takes only so much."""

    temperature_class: str
    grams: int
    heaviest_grams: int
    longest_mm: int = 0
    sum_mm: int = 0


@dataclass(frozen=True, slots=True)
class Tariff:
    """Services, zones, rates and rules as they stand, arranged for looking up."""

    services: tuple[ServiceRow, ...] = ()
    zones: Mapping[tuple[str, str], str] = field(default_factory=dict)
    brackets: Mapping[tuple[str, str, str], tuple[tuple[int, int], ...]] = field(default_factory=dict)
    rules: tuple[RuleRow, ...] = ()

    @property
    def has_rates(self) -> bool:
        """Whether costs are known at all."""
        return bool(self.brackets)

    def zone_of(self, *, country: str, postcode: str) -> str | None:
        """The zone whose beginning of the postcode is the longest; None where nobody said."""
        plain = plain_postcode(text=postcode)[:LONGEST_START]
        for length in range(len(plain), -1, -1):
            zone = self.zones.get((country, plain[:length]))
            if zone is not None:
                return zone
        return None


@dataclass(frozen=True, slots=True)
class Quote:
    """The cheapest service for a parcel: what it costs, and what one begun in the first bracket would cost."""

    service: str
    price_minor: int
    first_minor: int
    delivery_days: int


def make_tariff(
    *,
    services: Sequence[ServiceRow],
    prefixes: Sequence[PrefixRow],
    rates: Sequence[RateRow],
    rules: Sequence[RuleRow],
    currency: str,
) -> Tariff:
    """Arrange what stands; rates in another currency than the shop's cannot be compared and are left out."""
    brackets: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for rate in rates:
        if rate.currency == currency:
            way = (rate.service, rate.from_zone, rate.to_zone)
            brackets.setdefault(way, []).append((rate.up_to_grams, rate.price_minor))
    return Tariff(
        services=tuple(service for service in services if service.is_active),
        zones={(one.country, one.postcode_start): one.zone for one in prefixes},
        brackets={way: tuple(sorted(steps)) for way, steps in brackets.items()},
        rules=tuple(rules),
    )


def plain_postcode(*, text: str) -> str:
    """A postcode as it is compared: upper case, without blanks and hyphens."""
    return "".join(char for char in text.upper() if char not in " \t-\u3000")


def cheapest_quote(
    *,
    tariff: Tariff,
    parcel: Parcel,
    from_zone: str | None,
    to_zone: str | None,
    is_store_pickup: bool,
    service_code: str = "",
) -> Quote | None:
    """The cheapest service that takes the goods and has a rate; `service_code` lets only that one."""
    quotes = []
    for service in tariff.services:
        if not takes(service=service, parcel=parcel, is_store_pickup=is_store_pickup):
            continue
        if service_code and service.code != service_code:
            continue
        steps = tariff.brackets.get((service.code, from_zone or "", to_zone or ""))
        if steps:
            price = price_of(steps=steps, grams=parcel.grams, max_grams=service.max_grams)
            quotes.append(Quote(service.code, price, steps[0][1], service.delivery_days))
    return min(quotes, key=lambda quote: (quote.price_minor, quote.delivery_days, quote.service), default=None)


def takes(*, service: ServiceRow, parcel: Parcel, is_store_pickup: bool) -> bool:
    """Whether a service takes goods like these; what is too heavy together goes in several parcels."""
    limits = (
        (service.max_grams, parcel.heaviest_grams),
        (service.max_longest_mm, parcel.longest_mm),
        (service.max_sum_mm, parcel.sum_mm),
    )
    return (
        parcel.temperature_class in service.temperature_classes
        and service.is_store_pickup == is_store_pickup
        and all(limit is None or size <= limit for limit, size in limits)
    )


def price_of(*, steps: Sequence[tuple[int, int]], grams: int, max_grams: int | None) -> int:
    """The first bracket that holds the weight; beyond the last one (or the service's limit) full parcels and a rest."""
    most = min(steps[-1][0], max_grams or steps[-1][0])
    full, rest = divmod(max(grams, 1), most)
    price = full * _bracket(steps, most)
    return price + (_bracket(steps, rest) if rest else 0)


def _bracket(steps: Sequence[tuple[int, int]], grams: int) -> int:
    return next((price for up_to, price in steps if grams <= up_to), steps[-1][1])


def ship_date(
    *,
    moment: dt.datetime,
    time_zone: str,
    cut_off_time: dt.time | None,
    working_weekdays: Sequence[int],
    processing_days: int,
    orders_a_day: int | None,
    taken: Mapping[dt.date, int],
) -> dt.date | None:
    """The day a place can send an order that comes in now: working days only, with room left; None: none in sight.

    After the cut-off the next working day counts as the first; `taken` are parcels that are due there already.
    """
    local = moment.astimezone(ZoneInfo(time_zone))
    day = local.date()
    if local.time() > (cut_off_time or _DAY_END):
        day += dt.timedelta(days=1)
    left = processing_days
    for _ in range(_HORIZON_DAYS):
        if day.isoweekday() in working_weekdays:
            if left <= 0 and (orders_a_day is None or taken.get(day, 0) < orders_a_day):
                return day
            left -= 1
        day += dt.timedelta(days=1)
    return None


def ship_by(*, day: dt.date, cut_off_time: dt.time | None, time_zone: str) -> dt.datetime:
    """The moment until which a parcel of that day must be ready."""
    return dt.datetime.combine(day, cut_off_time or _DAY_END, tzinfo=ZoneInfo(time_zone))


def counted_units(*, units: Decimal, confidence_share: Decimal) -> Decimal:
    """Of stock that may not be there only the share that usually is, in whole units unless it is less than one."""
    if confidence_share >= 1:
        return units
    return Decimal(math.floor(units * confidence_share))


def _is_for_address(rule: RuleRow, *, country: str, postcode: str) -> bool:
    return rule.country in {"", country} and plain_postcode(text=postcode).startswith(rule.postcode_start)


def is_excluded(*, rules: Sequence[RuleRow], place_code: str, channel: str, country: str, postcode: str) -> bool:
    """Whether a rule keeps a place from sending there."""
    return any(
        rule.kind == "exclude_place"
        and rule.place_code == place_code
        and rule.channel in {"", channel}
        and _is_for_address(rule, country=country, postcode=postcode)
        for rule in rules
    )


def place_penalty(*, rules: Sequence[RuleRow], place_code: str, channel: str, country: str, postcode: str) -> int:
    """What rules add to every parcel of a place, all that fit together."""
    return sum(
        rule.amount_minor or 0
        for rule in rules
        if rule.kind == "place_penalty"
        and rule.place_code == place_code
        and rule.channel in {"", channel}
        and _is_for_address(rule, country=country, postcode=postcode)
    )


def largest_amount(*, rules: Sequence[RuleRow], kind: str, channel: str) -> int | None:
    """The largest amount of the rules of a kind that fit a channel; None without any."""
    return max(
        (rule.amount_minor or 0 for rule in rules if rule.kind == kind and rule.channel in {"", channel}), default=None
    )


def is_never_split(
    *, rules: Sequence[RuleRow], channel: str, category_ids: frozenset[int], temperatures: frozenset[str]
) -> bool:
    """Whether a rule wants an order with these goods in one parcel."""
    return any(
        rule.kind == "never_split"
        and rule.channel in {"", channel}
        and (rule.category_id is None or rule.category_id in category_ids)
        and (not rule.temperature_class or rule.temperature_class in temperatures)
        for rule in rules
    )
