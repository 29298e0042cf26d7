"""A small hall of shelves at Keelung, and goods that come to it."""

from decimal import Decimal

from reorder.domain.inventory import operations
from reorder.domain.warehouse.floor_models import BinStock
from reorder.domain.warehouse.floor_plans import ZoneRow, save_zone
from reorder.flows.floor_plan import GridSpec, lay_out_grid, make_grid
from tests.factories.inventory import KEELUNG, opening

CHILLED = ZoneRow("COLD", "Cold room", "pick", "chilled")
RETURNS = ZoneRow("RETURNS", "Returns", "returns", "ambient")


def make_hall(*, place: str = KEELUNG, first_aisle: str = "A", aisles: int = 2, bays: int = 2, **sizes: int) -> None:
    """Two aisles of two bays on both sides, levels 1 and 2 for picking, level 3 for bulk: A-01-1 … B-04-3."""
    floor = make_grid(
        spec=GridSpec(
            first_aisle=first_aisle,
            aisles_count=aisles,
            bays_count=bays,
            levels_count=3,
            low_levels=2,
            bin_length_mm=sizes.get("length_mm"),
            bin_width_mm=sizes.get("width_mm"),
            bin_height_mm=sizes.get("height_mm"),
            bin_max_grams=sizes.get("max_grams"),
        )
    )
    lay_out_grid(place_code=place, floor=floor, changed_by="tests")


def make_zone(*, zone: ZoneRow, place: str = KEELUNG) -> None:
    save_zone(place_code=place, zone=zone, changed_by="tests")


def arrive(*, product_id: int, units: str | int, lot: str = "", place: str = KEELUNG, key: str = "") -> None:
    operations.record_moves(moves=[opening(product_id=product_id, units=units, place=place, lot=lot, key=key)])


def units_in(*, code: str) -> Decimal:
    return sum(BinStock.objects.filter(bin__code=code).values_list("units", flat=True), Decimal(0))
