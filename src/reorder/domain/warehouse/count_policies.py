"""How a place counts: kept by people, read by planning and by whoever judges a count."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from django.db.models.functions import Now

from reorder.domain.inventory.queries import find_place
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.count_models import CountPolicy
from reorder.domain.warehouse.count_rules import CountLimits
from reorder.domain.warehouse.errors import BadCountPolicy

_LONGEST_DAYS: Final = 3650
REASON_TEMPLATES: Final = (
    "there is no such place",
    "days between counts lie between 1 and 3650",
    "A must come round at least as often as B, and B as often as C",
    "the shares of A and B lie above 0 and up to 100%, A below B",
    "limits must not be negative",
    "what is booked by itself must not be more than what is counted again",
)


def get_limits(*, place_code: str) -> CountLimits:
    """How a place counts; the defaults where nobody has decided anything."""
    return list_limits(place_codes=[place_code])[place_code]


def list_limits(*, place_codes: list[str]) -> Mapping[str, CountLimits]:
    """How places count, by place code."""
    names = CountLimits.__dataclass_fields__
    found = {
        row.pop("place__code"): CountLimits(**row)
        for row in CountPolicy.objects.filter(place__code__in=place_codes).values("place__code", *names)
    }
    return {code: found.get(code, CountLimits()) for code in place_codes}


def save_limits(*, place_code: str, limits: CountLimits, decided_by: str) -> None:
    """Lay down how a place counts; counts that are judged from now on follow. Raises BadCountPolicy."""
    place = find_place(code=place_code)
    if place is None:
        raise BadCountPolicy(place=place_code, reason="there is no such place")
    _refuse_bad(place_code=place_code, limits=limits)
    with one_transaction():
        CountPolicy.objects.update_or_create(
            place_id=place.id, defaults=asdict(limits) | {"decided_by": decided_by, "decided_at": Now()}
        )
        record_audit(
            actor=decided_by,
            action="warehouse.set_count_policy",
            subject_kind="place",
            subject_key=place_code,
            details={name: str(value) for name, value in asdict(limits).items()},
        )


def _refuse_bad(*, place_code: str, limits: CountLimits) -> None:
    days = (limits.a_days, limits.b_days, limits.c_days)
    amounts = (
        limits.book_units,
        limits.book_share,
        limits.book_minor,
        limits.recount_units,
        limits.recount_share,
        limits.recount_minor,
    )
    faults = {
        "days between counts lie between 1 and 3650": not all(1 <= one <= _LONGEST_DAYS for one in days),
        "A must come round at least as often as B, and B as often as C": list(days) != sorted(days),
        "the shares of A and B lie above 0 and up to 100%, A below B": not (
            0 < limits.a_value_share <= limits.b_value_share <= 1
        ),
        "limits must not be negative": any(one < 0 for one in amounts),
        "what is booked by itself must not be more than what is counted again": limits.book_units > limits.recount_units
        or limits.book_share > limits.recount_share
        or limits.book_minor > limits.recount_minor,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadCountPolicy(place=place_code, reason=reason)
