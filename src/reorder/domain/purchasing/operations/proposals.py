"""Making and dismissing proposals: at most one is open for a product and place, and a decided one never changes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reorder.domain.purchasing.models import Proposal
from reorder.domain.purchasing.queries import get_open_proposals
from reorder.domain.storage import run_sql

_TYPES = {
    "sku": "text",
    "place": "text",
    "supplier": "text",
    "units": "numeric",
    "order_by_date": "date",
    "position_units": "float8",
    "reorder_point_units": "float8",
    "daily_units": "float8",
    "risk_minor": "bigint",
    "reason_code": "text",
    "reason_parameters": "text",
}
_NEW = f"""
new AS (
    SELECT given.*, product.id AS product_id, place.id AS place_id, supplier.id AS supplier_id, supplier.currency,
           offer.unit_cost_minor, given.units::numeric(14, 3) AS rounded_units
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _TYPES.items())}) AS given ({", ".join(_TYPES)})
    JOIN catalog_product AS product ON product.sku = given.sku
    JOIN inventory_place AS place ON place.code = given.place
    JOIN purchasing_supplier AS supplier ON supplier.code = given.supplier
    JOIN purchasing_offer AS offer ON offer.supplier_id = supplier.id AND offer.product_id = product.id
)"""  # noqa: S608 - made of constants only
_SAME = """proposal.product_id = new.product_id AND proposal.place_id = new.place_id
      AND proposal.supplier_id = new.supplier_id AND proposal.units = new.rounded_units"""

_SUPERSEDE = f"""
WITH {_NEW}
UPDATE purchasing_proposal AS proposal SET state = 'superseded'
FROM catalog_product AS product, inventory_place AS place
WHERE proposal.state = 'open' AND product.id = proposal.product_id AND place.id = proposal.place_id
  AND (%(all_looked_at)s OR (product.sku, place.code) IN (
       SELECT * FROM unnest(%(looked_at_sku)s::text[], %(looked_at_place)s::text[])))
  AND NOT EXISTS (SELECT FROM new WHERE {_SAME})
"""  # noqa: S608 - made of constants only

_REPEAT = f"""
WITH {_NEW}
UPDATE purchasing_proposal AS proposal
SET run_key = %(run_key)s, unit_cost_minor = new.unit_cost_minor, currency = new.currency,
    order_by_date = new.order_by_date, position_units = new.position_units,
    reorder_point_units = new.reorder_point_units, daily_units = new.daily_units, risk_minor = new.risk_minor,
    reason_code = new.reason_code, reason_parameters = new.reason_parameters::jsonb
FROM new WHERE proposal.state = 'open' AND {_SAME}
"""  # noqa: S608 - made of constants only

_ADD = f"""
WITH {_NEW}
INSERT INTO purchasing_proposal (run_key, product_id, place_id, supplier_id, units, unit_cost_minor, currency,
                                 order_by_date, position_units, reorder_point_units, daily_units, risk_minor,
                                 reason_code, reason_parameters)
SELECT %(run_key)s, product_id, place_id, supplier_id, rounded_units, unit_cost_minor, currency, order_by_date,
       position_units, reorder_point_units, daily_units, risk_minor, reason_code, reason_parameters::jsonb
FROM new
WHERE NOT EXISTS (
    SELECT FROM purchasing_proposal AS proposal
    WHERE proposal.product_id = new.product_id AND proposal.place_id = new.place_id
      AND (proposal.state = 'open' OR (proposal.state = 'dismissed' AND proposal.run_key = %(run_key)s)))
ORDER BY risk_minor DESC, product_id, place_id
"""  # noqa: S608 - made of constants only


@dataclass(frozen=True, slots=True)
class RecordedProposals:
    """How many proposals are new, stand as they were with fresh numbers, and are replaced or no longer needed."""

    added_count: int
    repeated_count: int
    superseded_count: int


def record_proposals(*, run_key: int, lines: pl.DataFrame, looked_at: pl.DataFrame | None = None) -> RecordedProposals:
    """Make `lines` the open proposals of the products and places that were looked at.

    `lines`: sku, place, supplier, units (selling units, > 0), order_by_date, position_units, reorder_point_units,
    daily_units, risk_minor, reason_code, reason_parameters (JSON text); cost and currency come from the offer.
    `looked_at`: sku, place; None: everything. An open proposal that is not among the lines is superseded; one with
    the same supplier and units keeps its id. Decided ones stay, and a dismissal holds for the rest of its run.
    Call after `lock_deciding`.
    """
    given = {name: lines[name].to_list() for name in _TYPES}
    keys = looked_at if looked_at is not None else pl.DataFrame(schema={"sku": pl.String, "place": pl.String})
    parameters = given | {
        "run_key": run_key,
        "all_looked_at": looked_at is None,
        "looked_at_sku": keys["sku"].to_list(),
        "looked_at_place": keys["place"].to_list(),
    }
    return RecordedProposals(
        superseded_count=run_sql(statement=_SUPERSEDE, parameters=parameters),
        repeated_count=run_sql(statement=_REPEAT, parameters=parameters),
        added_count=run_sql(statement=_ADD, parameters=parameters),
    )


def dismiss_proposals(*, proposal_ids: Sequence[int], decided_by: str, decided_at: dt.datetime) -> int:
    """Turn open proposals down, all or none; returns how many.

    Raises UnknownProposal, ProposalDecided. Call after `lock_deciding`.
    """
    rows = get_open_proposals(ids=proposal_ids)
    return Proposal.objects.filter(pk__in=[row.id for row in rows], state=Proposal.State.OPEN).update(
        state=Proposal.State.DISMISSED, decided_by=decided_by, decided_at=decided_at
    )
