"""The bins of a zone by name, for whoever acts on a whole zone."""

from typing import Final

from reorder.domain.storage import fetch_prepared

_BINS: Final = """
SELECT bin.code FROM warehouse_bin AS bin JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
WHERE place.code = %(place_code)s::text AND zone.code = %(zone_code)s::text AND bin.is_active
ORDER BY bin.aisle, bin.at_mm, bin.code
"""
_BIN: Final = """
SELECT bin.code FROM warehouse_bin AS bin JOIN inventory_place AS place ON place.id = bin.place_id
WHERE place.code = %(place_code)s::text AND upper(bin.code) = upper(%(code)s::text) AND bin.is_active
ORDER BY bin.code = %(code)s::text DESC LIMIT 1
"""
_ZONES: Final = """
SELECT zone.code, zone.name, count(bin.id) FROM warehouse_storagezone AS zone
JOIN inventory_place AS place ON place.id = zone.place_id
JOIN warehouse_bin AS bin ON bin.zone_id = zone.id AND bin.is_active
WHERE place.code = %(place_code)s::text GROUP BY zone.id ORDER BY zone.code
"""


def list_bins_of_zone(*, place_code: str, zone_code: str) -> list[str]:
    """Codes of the active bins of a zone in walking order; none for a zone that is not there."""
    given = {"place_code": place_code, "zone_code": zone_code}
    return [row[0] for row in fetch_prepared(statement=_BINS, parameters=given)]


def find_bin_at(*, place_code: str, code: str) -> str | None:
    """The code of an active bin of a place as it is kept, however it was typed; None when there is none."""
    rows = fetch_prepared(statement=_BIN, parameters={"place_code": place_code, "code": code.strip()})
    return rows[0][0] if rows else None


def list_zones_with_bins(*, place_code: str) -> list[tuple[str, str, int]]:
    """Zones of a place that have bins: code, name, how many."""
    return [tuple(row) for row in fetch_prepared(statement=_ZONES, parameters={"place_code": place_code})]
