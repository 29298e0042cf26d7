"""What the page of proposals posts."""

from typing import Any

from reorder.domain.purchasing.queries import list_groups, list_open_proposals
from reorder.flows import restock
from tests.factories.purchasing import MONDAY


def line(proposal_id: int) -> str:
    """A line's value as its box posts it."""
    row = next(row for row in list_open_proposals() if row.id == proposal_id)
    return f"{row.id}.{row.edits_count}.{row.supplier_code}"


def ticked(
    *, whole: tuple[str, ...] = (), lines: tuple[int, ...] = (), shown: tuple[int, ...] = (), **more: Any
) -> dict[str, Any]:
    """What the page posts: marks of all suppliers, ticked suppliers, ticked and shown lines."""
    marks = restock.marks_of(groups=list_groups(today=MONDAY))
    return {
        "mark": [f"{mark}|{code}" for code, mark in marks.items()],
        "supplier": list(whole),
        "line": [line(one) for one in lines],
        "shown": [line(one) for one in {*lines, *shown}],
        "attempt": "first",
        **more,
    }
