"""Which place serves which region: set by people, looked up when orders come in, applied to past orders on demand."""

from dataclasses import dataclass

from django.conf import settings

from reorder.domain.inventory.queries import list_places
from reorder.domain.orders import operations as orders
from reorder.domain.orders.rules import ServedRegion, ServedRegions, default_place
from reorder.domain.planning import regions
from reorder.domain.planning.regions import RegionRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


@dataclass(frozen=True, slots=True)
class Served:
    """Regions with an open place, and where demand belongs that fits none of them (empty: nowhere yet)."""

    regions: ServedRegions
    default_place_code: str


def served_regions() -> Served:
    """What holds for an order that comes in now; a region of a closed place counts for nothing."""
    active = [place.code for place in list_places()]
    known = [row for row in regions.list_regions() if row.place_code in active]
    default = next((row.place_code for row in known if row.is_default), None)
    rows = [ServedRegion(row.country, row.postcode_start, row.place_code) for row in known if not row.is_default]
    return Served(
        regions=ServedRegions(rows=rows, home_country=settings.REORDER.country),
        default_place_code=default_place(given_code=default, active_codes=active),
    )


def set_region(*, country: str, postcode_start: str, place_code: str, decided_by: str) -> RegionRow:
    """Set which place serves a region; orders that come in from now on follow. Raises BadRegion."""
    with one_transaction():
        row = regions.put_region(
            country=country,
            postcode_start=postcode_start,
            place_code=place_code,
            open_places=[place.code for place in list_places()],
        )
        _audit(row=row, action="planning.set_region", decided_by=decided_by)
    return row


def remove_region(*, region_id: int, decided_by: str) -> bool:
    """Forget a region; False when it was forgotten already."""
    with one_transaction():
        row = regions.drop_region(region_id=region_id)
        if row is None:
            return False
        _audit(row=row, action="planning.remove_region", decided_by=decided_by)
    return True


def serve_past_orders(*, decided_by: str) -> int:
    """Give the demand of all orders so far to the places that serve them now; returns lines moved.

    The next night plans by it. Lines of orders that no region fits keep their place; those without one get the default.
    """
    with one_transaction():
        served = served_regions()
        moved = orders.serve_past_orders(regions=served.regions)
        if served.default_place_code:
            moved += orders.assign_demand_places(default_place_code=served.default_place_code)
        record_audit(
            actor=decided_by,
            action="planning.serve_past_orders",
            subject_kind="demand",
            subject_key="",
            details={"lines": moved},
        )
    return moved


def _audit(*, row: RegionRow, action: str, decided_by: str) -> None:
    record_audit(
        actor=decided_by,
        action=action,
        subject_kind="region",
        subject_key=f"{row.country} {row.postcode_start}".strip(),
        details={"place": row.place_code},
    )
