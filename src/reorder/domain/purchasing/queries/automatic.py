"""What automatic ordering looks at, and what it made of each supplier after the last nights."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.purchasing.models import AutomaticCheck, Supplier
from reorder.domain.purchasing.queries.proposals import ProposalRow

_EARLIER_ORDERS: Final = 10
# The middle of what the last orders of a product for a place asked for.
_USUAL: Final = """
SELECT proposal.id, usual.units
FROM purchasing_proposal AS proposal
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ordered_units)::float8 AS units FROM (
        SELECT line.ordered_units FROM purchasing_purchaseorderline AS line
        JOIN purchasing_purchaseorder AS bought ON bought.id = line.order_id
        WHERE line.product_id = proposal.product_id AND bought.place_id = proposal.place_id
          AND bought.state IN ('placed', 'partly_received', 'received')
        ORDER BY bought.placed_at DESC LIMIT %(earlier)s
    ) AS latest
) AS usual
WHERE proposal.id = ANY(%(ids)s::bigint[]) AND usual.units IS NOT NULL
"""
# Bad data and drifting forecasts: of the product (at its place or at all), of the supplier, or of the shop as a whole.
# That a webhook fails says nothing about stock.
_ALERTS: Final = """
SELECT DISTINCT ON (proposal.id) proposal.id, alert.kind
FROM purchasing_proposal AS proposal
JOIN catalog_product AS product ON product.id = proposal.product_id
JOIN inventory_place AS place ON place.id = proposal.place_id
JOIN purchasing_supplier AS supplier ON supplier.id = proposal.supplier_id
JOIN planning_alert AS alert ON alert.resolved_at IS NULL AND alert.kind IN ('bad_data', 'forecast_drift')
     AND left(alert.key, 8) <> 'webhook|'
     AND (alert.subject = product.sku AND alert.place_code IN ('', place.code)
          OR alert.supplier_code = supplier.code AND alert.subject = ''
          OR alert.subject = '' AND alert.supplier_code = '' AND alert.order_number = ''
             AND alert.place_code IN ('', place.code))
WHERE proposal.id = ANY(%(ids)s::bigint[]) ORDER BY proposal.id, alert.severity DESC, alert.id
"""


@dataclass(frozen=True, slots=True)
class AutomaticCheckRow:
    """What one night's proposals of a supplier came to; `left` are lines left to a person, each with its reason."""

    run_key: int
    supplier_code: str
    supplier_name: str
    checked_at: dt.datetime
    outcome_code: str
    outcome_parameters: dict[str, Any]
    ordered_numbers: list[str]
    left: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class AutomaticSupplier:
    """A supplier that orders by itself, up to a limit in its own currency."""

    code: str
    name: str
    currency: str
    limit_minor: int


def list_automatic_suppliers() -> list[AutomaticSupplier]:
    """Suppliers in use that have a limit, by code."""
    found = Supplier.objects.filter(is_active=True, automatic_limit_minor__isnull=False).order_by("code")
    rows = found.values_list("code", "name", "currency", "automatic_limit_minor")
    return [AutomaticSupplier(code, name, currency, limit or 0) for code, name, currency, limit in rows]


def list_checked_suppliers(*, run_key: int) -> frozenset[str]:
    """Codes of suppliers that were looked at after this night already."""
    return frozenset(AutomaticCheck.objects.filter(run_key=run_key).values_list("supplier__code", flat=True))


def list_automatic_checks(*, limit: int = 50) -> list[AutomaticCheckRow]:
    """What the latest nights came to, the newest first."""
    found = AutomaticCheck.objects.select_related("supplier").order_by("-run_key", "supplier__code")[:limit]
    return [
        AutomaticCheckRow(
            run_key=row.run_key,
            supplier_code=row.supplier.code,
            supplier_name=row.supplier.name,
            checked_at=row.checked_at,
            outcome_code=row.outcome_code,
            outcome_parameters=row.outcome_parameters,
            ordered_numbers=row.ordered_numbers,
            left=row.left,
        )
        for row in found
    ]


def usual_units_of(*, proposals: Sequence[ProposalRow]) -> dict[int, float]:
    """What is usually ordered at once of each proposal's product for its place; without those never ordered."""
    return dict(_read(_USUAL, proposals))


def alerts_against(*, proposals: Sequence[ProposalRow]) -> dict[int, str]:
    """The kind of the gravest open alert about data or forecast that touches each proposal."""
    return dict(_read(_ALERTS, proposals))


def _read(statement: str, proposals: Sequence[ProposalRow]) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": [row.id for row in proposals], "earlier": _EARLIER_ORDERS})
        return list(cursor.fetchall())
