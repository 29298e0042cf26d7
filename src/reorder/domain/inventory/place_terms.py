"""What places can do for orders: kept by people, read by routing."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models.functions import Now

from reorder.domain.inventory.errors import BadPlaceTerms
from reorder.domain.inventory.models import PlaceTerms
from reorder.domain.inventory.queries import get_place
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction

TEMPERATURES: Final = ("ambient", "chilled", "frozen")
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
LONGEST_POSTCODE: Final = 16
MOST_COST_MINOR: Final = 10**9
# Reasons that errors give, for who translates them; those of temperatures and postcodes stand with shipping.
REASON_TEMPLATES: Final = (
    "a cost must not be negative",
    "choose working days",
    "confidence lies between 0 and 100%",
    "orders a day must not be negative",
    "processing takes 0 to 60 days",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTermsRow:
    """Terms of one place; the defaults are those of a place that nobody has laid down anything for."""

    postcode: str = ""
    orders_a_day: int | None = None
    cut_off_time: dt.time | None = None
    working_weekdays: tuple[int, ...] = EVERY_DAY
    processing_days: int = 0
    parcel_cost_minor: int = 0
    line_cost_minor: int = 0
    temperature_classes: tuple[str, ...] = TEMPERATURES
    stock_confidence_share: Decimal = Decimal(1)


def find_terms(*, place_id: int) -> PlaceTermsRow | None:
    """The terms of a place; None where nobody has laid any down."""
    found = PlaceTerms.objects.filter(place_id=place_id).first()
    return _row(found) if found else None


def save_terms(*, place_id: int, terms: PlaceTermsRow, decided_by: str) -> None:
    """Lay down what a place can do for orders; orders from now on follow. Raises UnknownPlace, BadPlaceTerms."""
    place = get_place(place_id=place_id)
    refuse_bad_terms(terms=terms)
    values = {
        "postcode": terms.postcode.strip(),
        "orders_a_day": terms.orders_a_day,
        "cut_off_time": terms.cut_off_time,
        "working_weekdays": sorted(set(terms.working_weekdays)),
        "processing_days": terms.processing_days,
        "parcel_cost_minor": terms.parcel_cost_minor,
        "line_cost_minor": terms.line_cost_minor,
        "temperature_classes": [one for one in TEMPERATURES if one in terms.temperature_classes],
        "stock_confidence_share": terms.stock_confidence_share,
        "decided_by": decided_by,
        "decided_at": Now(),
    }
    with one_transaction():
        PlaceTerms.objects.update_or_create(place_id=place_id, defaults=values)
        record_audit(
            actor=decided_by,
            action="inventory.set_place_terms",
            subject_kind="place",
            subject_key=place.code,
            details={
                "orders_a_day": terms.orders_a_day,
                "parcel_cost_minor": terms.parcel_cost_minor,
                "line_cost_minor": terms.line_cost_minor,
                "stock_confidence_share": str(terms.stock_confidence_share),
            },
        )


def refuse_bad_terms(*, terms: PlaceTermsRow) -> None:
    """Raises BadPlaceTerms with the first thing that is wrong."""
    costs = (terms.parcel_cost_minor, terms.line_cost_minor)
    share = terms.stock_confidence_share
    reasons = (
        (len(terms.postcode) > LONGEST_POSTCODE or "\x00" in terms.postcode, "a postcode has at most 16 characters"),
        (any(not 0 <= cost <= MOST_COST_MINOR for cost in costs), "a cost must not be negative"),
        (terms.orders_a_day is not None and not 0 <= terms.orders_a_day <= 10**6, "orders a day must not be negative"),
        (not 0 <= terms.processing_days <= 60, "processing takes 0 to 60 days"),
        (not set(terms.working_weekdays) or not set(terms.working_weekdays) <= set(EVERY_DAY), "choose working days"),
        (not set(terms.temperature_classes) <= set(TEMPERATURES), "choose temperatures"),
        (not terms.temperature_classes, "choose at least one temperature"),
        (not share.is_finite() or not 0 <= share <= 1, "confidence lies between 0 and 100%"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadPlaceTerms(reason=reason)


def _row(found: PlaceTerms) -> PlaceTermsRow:
    return PlaceTermsRow(
        postcode=found.postcode,
        orders_a_day=found.orders_a_day,
        cut_off_time=found.cut_off_time,
        working_weekdays=tuple(found.working_weekdays),
        processing_days=found.processing_days,
        parcel_cost_minor=found.parcel_cost_minor,
        line_cost_minor=found.line_cost_minor,
        temperature_classes=tuple(found.temperature_classes),
        stock_confidence_share=found.stock_confidence_share,
    )
