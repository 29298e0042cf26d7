"""What changed on the list of proposals since an earlier night; superseded rows are kept, so it can be told exactly."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

# What stood on the list after the earlier night: made by then, and still alive in that night or a later one.
_CHANGES: Final = """
WITH before AS (
    SELECT DISTINCT ON (product_id, place_id) product_id, place_id, id, state,
           coalesce(planned_units, units) AS units, coalesce(planned_supplier_id, supplier_id) AS supplier_id
    FROM purchasing_proposal
    WHERE run_key >= %(earlier)s AND created_at <= %(finished_at)s
    ORDER BY product_id, place_id, id DESC
), after AS (
    SELECT DISTINCT ON (product_id, place_id) product_id, place_id, id, state, risk_minor, currency, unit_cost_minor,
           coalesce(planned_units, units) AS units, coalesce(planned_supplier_id, supplier_id) AS supplier_id
    FROM purchasing_proposal
    WHERE run_key >= %(current)s AND state <> 'superseded'
    ORDER BY product_id, place_id, id DESC
), compared AS (
    SELECT product_id, place_id, after.id AS id, before.units AS units_before, after.units AS units_after,
           before.supplier_id AS supplier_before, after.supplier_id AS supplier_after,
           coalesce(after.risk_minor, 0) AS risk_minor, coalesce(after.state, '') AS state,
           CASE WHEN before.id IS NULL THEN 'new'
                WHEN after.id IS NULL AND before.state = 'superseded' THEN 'gone'
                WHEN after.id IS NULL THEN 'decided'
                WHEN before.id = after.id THEN 'same'
                WHEN before.state IN ('approved', 'dismissed') THEN 'again'
                WHEN before.units <> after.units OR before.supplier_id <> after.supplier_id THEN 'changed'
                ELSE 'same' END AS kind
    FROM before FULL JOIN after USING (product_id, place_id)
), seen AS (
    SELECT compared.* FROM compared JOIN inventory_place AS place ON place.id = compared.place_id
    WHERE %(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[])
)
"""
_COUNT: Final = "SELECT kind, count(*) FROM seen GROUP BY kind"
_LIST: Final = """
SELECT seen.kind, seen.id, product.sku, product.name, place.code, units_before, units_after, earlier.code, later.code,
       seen.state
FROM seen JOIN catalog_product AS product ON product.id = seen.product_id
JOIN inventory_place AS place ON place.id = seen.place_id
LEFT JOIN purchasing_supplier AS earlier ON earlier.id = supplier_before
LEFT JOIN purchasing_supplier AS later ON later.id = supplier_after
WHERE seen.kind = %(kind)s ORDER BY seen.risk_minor DESC, product.sku, place.code LIMIT %(limit)s
"""
_MARK: Final = "SELECT seen.id, kind, units_before FROM seen WHERE id = ANY(%(ids)s::bigint[]) AND kind <> 'same'"


@dataclass(frozen=True, slots=True)
class ChangedProposal:
    """A product at a place whose proposal is new, changed, proposed again after a decision, decided, or gone."""

    kind: str
    proposal_id: int | None
    sku: str
    product_name: str
    place_code: str
    units_before: Decimal | None
    units_after: Decimal | None
    supplier_before: str | None
    supplier_after: str | None
    state: str


@dataclass(frozen=True, slots=True)
class ComparedNights:
    """Two nights: the run ids, and the moment when the earlier one was done."""

    current: int
    earlier: int
    finished_at: dt.datetime


def count_changes(*, nights: ComparedNights, place_codes: Collection[str] = ()) -> dict[str, int]:
    """How many proposals are new, changed, again, decided, gone or the same since the earlier night."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES + _COUNT, _asked(nights, place_codes))
        return dict(cursor.fetchall())


def list_changes(
    *, nights: ComparedNights, kind: str, limit: int, place_codes: Collection[str] = ()
) -> list[ChangedProposal]:
    """Changes of one kind, the most money at risk first."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES + _LIST, _asked(nights, place_codes) | {"kind": kind, "limit": limit})
        return [ChangedProposal(*row) for row in cursor.fetchall()]


def mark_changes(*, nights: ComparedNights, ids: Collection[int]) -> dict[int, tuple[str, Decimal | None]]:
    """Those of these proposals that differ from the earlier night: the kind, and the units before."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES + _MARK, _asked(nights, ()) | {"ids": list(ids)})
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _asked(nights: ComparedNights, place_codes: Collection[str]) -> dict[str, Any]:
    return {
        "current": nights.current,
        "earlier": nights.earlier,
        "finished_at": nights.finished_at,
        "places": sorted(place_codes),
    }
