"""Writes of services, zones, rates and rules of routing: audited, and every one of them tells readers to look again."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.db import connection

from reorder.domain.catalog.parcels import find_category_id
from reorder.domain.shipping.errors import BadRoutingRule, BadService, BadZone, UnknownService
from reorder.domain.shipping.models import Rate, RoutingRule, Service, Zone, ZonePrefix
from reorder.domain.shipping.rules import LONGEST_START, TEMPERATURES, PrefixRow, RateRow, RuleRow, ServiceRow
from reorder.domain.shipping.rules import plain_postcode as _plain
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_MOST_MINOR: Final = 10**9
NEEDS_PLACE: Final = ("place_penalty", "exclude_place")
NEEDS_AMOUNT: Final = ("place_penalty", "split_penalty", "minimum_split_value", "day_penalty", "failed_promise")
RULE_KINDS: Final = (
    *NEEDS_PLACE,
    "never_split",
    "split_penalty",
    "minimum_split_value",
    "day_penalty",
    "failed_promise",
)


def save_service(*, service: ServiceRow, decided_by: str) -> None:
    """Add a service, or change the one of this code. Raises BadService."""
    refuse_bad_service(service=service)
    with one_transaction():
        write_services(services=[service])
        note_change(action="shipping.set_service", kind="service", key=service.code, decided_by=decided_by)


def write_services(*, services: Sequence[ServiceRow]) -> None:
    """Write services that were judged, within the caller's transaction."""
    for service in services:
        values = {
            "name": service.name.strip(),
            "carrier": service.carrier.strip(),
            "temperature_classes": [one for one in TEMPERATURES if one in service.temperature_classes],
            "max_grams": service.max_grams,
            "max_longest_mm": service.max_longest_mm,
            "max_sum_mm": service.max_sum_mm,
            "is_store_pickup": service.is_store_pickup,
            "delivery_days": service.delivery_days,
            "is_active": service.is_active,
        }
        Service.objects.update_or_create(code=service.code, defaults=values)


def refuse_bad_service(*, service: ServiceRow) -> None:
    """Raises BadService with the first thing that is wrong."""
    limits = (service.max_grams, service.max_longest_mm, service.max_sum_mm)
    texts = (service.name, service.carrier)
    reasons = (
        (_CODE.fullmatch(service.code) is None, "a code has 1 to 40 letters, digits, dots, hyphens or underscores"),
        (not all(text.strip() for text in texts), "a name and a carrier are needed"),
        (any(len(text) > 200 or "\x00" in text for text in texts), "a name has at most 200 characters"),
        (not service.temperature_classes, "choose at least one temperature"),
        (not set(service.temperature_classes) <= set(TEMPERATURES), "choose temperatures"),
        (any(limit is not None and not 0 < limit < 10**9 for limit in limits), "a limit must be above zero"),
        (not 0 <= service.delivery_days <= 90, "delivery takes 0 to 90 days"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadService(reason=reason)


def remove_service(*, code: str, decided_by: str) -> None:
    """Forget a service with its rates; what was sent with it keeps its name. Raises UnknownService."""
    with one_transaction():
        if not Service.objects.filter(code=code).delete()[0]:
            raise UnknownService(service=code)
        note_change(action="shipping.remove_service", kind="service", key=code, decided_by=decided_by)


def replace_zones(*, prefixes: Sequence[PrefixRow], names: dict[str, str], decided_by: str) -> int:
    """Make these beginnings of postcodes the whole table; zones that lose all of theirs go with their rates.

    `names` by zone code; a zone without one keeps its name, or is called by its code. Raises BadZone.
    """
    refuse_bad_prefixes(prefixes=prefixes)
    with one_transaction():
        write_zones(prefixes=prefixes, names=names)
        note_change(
            action="shipping.replace_zones", kind="zones", key="", decided_by=decided_by, prefixes=len(prefixes)
        )
    return len(prefixes)


def write_zones(*, prefixes: Sequence[PrefixRow], names: dict[str, str]) -> None:
    """Write zones that were judged, within the caller's transaction."""
    known = dict(Zone.objects.values_list("code", "name"))
    wanted = {one.zone for one in prefixes}
    Zone.objects.exclude(code__in=wanted).delete()
    for code in sorted(wanted):
        Zone.objects.update_or_create(code=code, defaults={"name": names.get(code) or known.get(code) or code})
    ids = dict(Zone.objects.values_list("code", "id"))
    ZonePrefix.objects.all().delete()
    ZonePrefix.objects.bulk_create(
        ZonePrefix(country=one.country, postcode_start=one.postcode_start, zone_id=ids[one.zone]) for one in prefixes
    )


def refuse_bad_prefixes(*, prefixes: Sequence[PrefixRow]) -> None:
    """Raises BadZone with the first row that is wrong."""
    seen: set[tuple[str, str]] = set()
    for one in prefixes:
        key = (one.country, one.postcode_start)
        where = f"{one.country} {one.postcode_start}".strip()
        reasons = (
            (_COUNTRY.fullmatch(one.country) is None, "a country is two letters, such as TW"),
            (_CODE.fullmatch(one.zone) is None, "a zone is a short code"),
            (len(one.postcode_start) > LONGEST_START, "a postcode has at most 16 characters"),
            (_plain(text=one.postcode_start) != one.postcode_start, "leave out blanks and hyphens"),
            (key in seen, "this beginning of postcodes comes twice"),
        )
        for is_wrong, reason in reasons:
            if is_wrong:
                raise BadZone(where=where, reason=reason)
        seen.add(key)


def replace_rates(*, rates: Sequence[RateRow], decided_by: str) -> int:
    """Make these rates those of their services; other services keep theirs. All services and zones must exist."""
    with one_transaction():
        write_rates(rates=rates)
        note_change(action="shipping.replace_rates", kind="rates", key="", decided_by=decided_by, rates=len(rates))
    return len(rates)


def write_rates(*, rates: Sequence[RateRow]) -> None:
    """Write rates that were judged, within the caller's transaction."""
    services = {rate.service for rate in rates}
    service_ids = dict(Service.objects.filter(code__in=services).values_list("code", "id"))
    zone_ids = dict(Zone.objects.values_list("code", "id"))
    Rate.objects.filter(service__code__in=services).delete()
    Rate.objects.bulk_create(
        Rate(
            service_id=service_ids[rate.service],
            from_zone_id=zone_ids[rate.from_zone],
            to_zone_id=zone_ids[rate.to_zone],
            up_to_grams=rate.up_to_grams,
            price_minor=rate.price_minor,
            currency=rate.currency,
        )
        for rate in rates
    )


def add_rule(*, rule: RuleRow, place_id: int | None, decided_by: str, category_code: str = "") -> None:
    """Lay down a rule of routing; orders from now on follow; `category_code` is its category. Raises BadRoutingRule."""
    refuse_bad_rule(rule=rule, has_place=place_id is not None)
    if category_code:
        rule = replace(rule, category_id=_category_id(code=category_code))
    with one_transaction():
        RoutingRule.objects.create(
            kind=rule.kind,
            place_id=place_id if rule.kind in NEEDS_PLACE else None,
            channel=rule.channel.strip(),
            category_id=rule.category_id if rule.kind == "never_split" else None,
            temperature_class=rule.temperature_class if rule.kind == "never_split" else "",
            country=rule.country if rule.kind in NEEDS_PLACE else "",
            postcode_start=_plain(text=rule.postcode_start) if rule.kind in NEEDS_PLACE else "",
            amount_minor=rule.amount_minor if rule.kind in NEEDS_AMOUNT else None,
            decided_by=decided_by,
        )
        note_change(
            action="shipping.add_rule",
            kind="routing_rule",
            key=rule.kind,
            decided_by=decided_by,
            place=rule.place_code,
            amount_minor=rule.amount_minor,
        )


def refuse_bad_rule(*, rule: RuleRow, has_place: bool) -> None:
    """Raises BadRoutingRule with the first thing that is wrong."""
    amount = rule.amount_minor
    reasons = (
        (rule.kind not in RULE_KINDS, "choose what the rule does"),
        (rule.kind in NEEDS_PLACE and not has_place, "choose a place"),
        (rule.kind in NEEDS_AMOUNT and amount is None, "an amount is needed"),
        (amount is not None and not 0 <= amount <= _MOST_MINOR, "an amount must not be negative"),
        (bool(rule.country) and _COUNTRY.fullmatch(rule.country) is None, "a country is two letters, such as TW"),
        (len(rule.postcode_start) > LONGEST_START, "a postcode has at most 16 characters"),
        (
            len(rule.channel) > 100 or "\x00" in rule.channel + rule.postcode_start,
            "a channel has at most 100 characters",
        ),
        (rule.temperature_class not in {"", *TEMPERATURES}, "choose temperatures"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadRoutingRule(reason=reason)


def remove_rule(*, rule_id: int, decided_by: str) -> bool:
    """Forget a rule; False when it was forgotten already."""
    with one_transaction():
        found = RoutingRule.objects.filter(pk=rule_id).values_list("kind", flat=True).first()
        if found is None:
            return False
        RoutingRule.objects.filter(pk=rule_id).delete()
        note_change(action="shipping.remove_rule", kind="routing_rule", key=found, decided_by=decided_by)
    return True


def shop_currency() -> str:
    """The currency that all rates and costs are in."""
    return str(settings.REORDER.currency)


def _category_id(*, code: str) -> int:
    found = find_category_id(code=code)
    if found is None:
        raise BadRoutingRule(reason="there is no category with this code")
    return found


def note_change(*, action: str, kind: str, key: str, decided_by: str, **details: object) -> None:
    """Remember it, and let every process read the tariff anew."""
    record_audit(actor=decided_by, action=action, subject_kind=kind, subject_key=key, details=details)
    with connection.cursor() as cursor:
        cursor.execute(
            # The moment in microseconds: a revision that was rolled back is never met again with other content.
            """INSERT INTO shipping_revision AS known (id, number)
               VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
               ON CONFLICT (id) DO UPDATE SET number = greatest(excluded.number, known.number + 1)"""
        )
