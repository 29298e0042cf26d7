"""Who agreed to being followed: whether a message was opened, and what was clicked in it. Nobody by default."""

from collections.abc import Collection
from typing import Final

from reorder.domain.storage import fetch_prepared

# Agreed once for messages of all channels: the latest word holds.
_AGREED: Final = """
SELECT asked.id FROM unnest(%(ids)s::bigint[]) AS asked(id)
CROSS JOIN LATERAL (
    SELECT is_granted FROM messaging_consententry AS entry
    WHERE entry.customer_id = asked.id AND entry.purpose = 'analytics'
    ORDER BY entry.declared_at DESC, entry.id DESC LIMIT 1) AS latest
WHERE latest.is_granted
"""


def list_followed(*, customer_ids: Collection[int]) -> frozenset[int]:
    """Those of these customers whose messages may tell that they were opened and what was clicked."""
    if not customer_ids:
        return frozenset()
    rows = fetch_prepared(statement=_AGREED, parameters={"ids": sorted(set(customer_ids))})
    return frozenset(row[0] for row in rows)
