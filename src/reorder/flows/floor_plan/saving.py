"""Saving floors: plan, zones and bins together, or nothing of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.bins import (
    BinChanges,
    NewBin,
    close_other_bins,
    count_changes,
    list_bins_of_place,
    save_bins,
)
from reorder.domain.warehouse.floor_plans import ZoneRow, list_zones, save_plan, save_zone
from reorder.domain.warehouse.floor_rules import GraphPlan
from reorder.flows.floor_plan.grid import GridFloor

# Zones that a grid brings along where the place has none of these codes yet.
_USUAL: Final = {
    "PICK": ZoneRow("PICK", "Picking", "pick", "ambient"),
    "BULK": ZoneRow("BULK", "Bulk", "bulk", "ambient"),
}


@dataclass(frozen=True, slots=True)
class GridChanges:
    """What laying out a grid comes to; `closed_count` are bins that are not in it."""

    new_count: int
    changed_count: int
    same_count: int
    closed_count: int


def preview_grid(*, place_code: str, floor: GridFloor) -> GridChanges:
    """What laying out a grid would change."""
    found = count_changes(bins=floor.bins)
    kept = {one.code for one in floor.bins}
    others = sum(one.is_active and one.code not in kept for one in list_bins_of_place(place_code=place_code))
    return GridChanges(found.new_count, found.changed_count, found.same_count, others)


def lay_out_grid(*, place_code: str, floor: GridFloor, changed_by: str) -> GridChanges:
    """Make the grid the floor of a place: other bins are closed. Raises BadFloorPlan, BadBin, BinsHoldGoods."""
    with widened_transaction():
        return write_grid(place_code=place_code, floor=floor, changed_by=changed_by)


def write_grid(*, place_code: str, floor: GridFloor, changed_by: str) -> GridChanges:
    """`lay_out_grid` as a part of the caller's widened transaction."""
    _ensure_zones(place_code=place_code, codes={one.zone for one in floor.bins}, changed_by=changed_by)
    save_plan(place_code=place_code, plan=floor.plan, changed_by=changed_by)
    saved = save_bins(place_code=place_code, bins=floor.bins, changed_by=changed_by)
    kept = [one.code for one in floor.bins]
    closed = close_other_bins(place_code=place_code, kept_codes=kept, changed_by=changed_by)
    return GridChanges(saved.new_count, saved.changed_count, saved.same_count, closed)


def lay_out_ways(*, place_code: str, plan: GraphPlan, changed_by: str) -> None:
    """Make points and ways the floor of a place; bins follow by their file. Raises BadFloorPlan, BinsHoldGoods."""
    with widened_transaction():
        _ensure_zones(place_code=place_code, codes=set(_USUAL), changed_by=changed_by)
        save_plan(place_code=place_code, plan=plan, changed_by=changed_by)


def save_bins_file(*, place_code: str, bins: Sequence[NewBin], changed_by: str) -> BinChanges:
    """Add or change the bins of a file; others stay. Raises BadBin when one of them cannot be by now."""
    return save_bins(place_code=place_code, bins=bins, changed_by=changed_by)


def _ensure_zones(*, place_code: str, codes: set[str], changed_by: str) -> None:
    known = {one.code for one in list_zones(place_code=place_code)}
    for code in sorted(codes - known):
        if code in _USUAL:
            save_zone(place_code=place_code, zone=_USUAL[code], changed_by=changed_by)
