"""Keeping what automatic ordering made of a supplier: once a night."""

import datetime as dt
from collections.abc import Mapping, Sequence

from reorder.domain.purchasing.automatic import Said
from reorder.domain.purchasing.models import AutomaticCheck
from reorder.domain.purchasing.queries import ProposalRow

_LEFT_KEPT = 500


def record_automatic_check(
    *,
    run_key: int,
    supplier_id: int,
    checked_at: dt.datetime,
    outcome: Said,
    ordered_numbers: Sequence[str],
    left: Mapping[int, Said],
    proposals: Sequence[ProposalRow],
) -> None:
    """Write what became of a supplier's proposals after a night; a second time is refused by the database."""
    AutomaticCheck.objects.create(
        run_key=run_key,
        supplier_id=supplier_id,
        checked_at=checked_at,
        outcome_code=outcome.code,
        outcome_parameters=dict(outcome.parameters),
        ordered_numbers=list(ordered_numbers),
        left=[
            {
                "proposal": row.id,
                "sku": row.sku,
                "place": row.place_code,
                "code": left[row.id].code,
                "parameters": dict(left[row.id].parameters),
            }
            for row in proposals
            if row.id in left
        ][:_LEFT_KEPT],
    )
