"""The walk of a batch as a picture over the floor of its place, and the metres that it saves."""

from django.utils.translation import gettext as _

from reorder.domain.warehouse.floor_errors import BadFloorPlan
from reorder.domain.warehouse.floor_plans import find_plan, list_spots
from reorder.domain.warehouse.floor_rules import walk_line
from reorder.domain.warehouse.wave_lines import BatchRow
from reorder.web.warehouse.floor_svg import floor_svg


def batch_picture(*, batch: BatchRow) -> str:
    """The floor with the walk through a batch's bins; empty where the place has no floor plan or nothing is walked."""
    plan = find_plan(place_code=batch.place_code)
    if plan is None or not batch.walk:
        return ""
    spots = list_spots(place_code=batch.place_code)
    by_code = {one.code: one for one in spots}
    stops = [by_code[code] for code in batch.walk if code in by_code]
    try:
        walk = walk_line(plan=plan, stops=stops)
    except BadFloorPlan:
        walk = None
    title = _("The walk of batch {batch} through {count} bins").format(batch=batch.name, count=len(stops))
    return floor_svg(plan=plan, bins=spots, walk=walk, highlights=[one.code for one in stops], title=title)


def saved_metres(length_mm: int | None, by_name_mm: int | None) -> int | None:
    """Metres that a walk is shorter than in the order of location names; None where nothing is known."""
    if length_mm is None or by_name_mm is None:
        return None
    return max(round((by_name_mm - length_mm) / 1000), 0)
