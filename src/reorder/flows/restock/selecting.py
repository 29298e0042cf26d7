"""What a page had ticked, found again under the lock and checked against what the page showed."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import NothingSelected, SelectionChanged
from reorder.domain.purchasing.queries import ProposalRow
from reorder.kernel.ids import idempotency_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a page had ticked.

    `whole` are suppliers of which everything is meant, each with the mark (`mark_of`) of what the page showed, less the
    ids in `without`; `seen_edits` are single proposals, each with the `edits_count` that the page showed.
    `place_codes`: the person's places, empty for all.
    """

    whole: Mapping[str, str] = field(default_factory=dict)
    without: Collection[int] = ()
    seen_edits: Mapping[int, int] = field(default_factory=dict)
    place_codes: frozenset[str] = frozenset()


def mark_of(*, supplier_code: str, today: dt.date, place_codes: frozenset[str] = frozenset()) -> str:
    """What a supplier's open proposals look like right now: another mark means that something was changed."""
    return marks_of(groups=queries.list_groups(today=today, place_codes=place_codes, supplier_code=supplier_code)).get(
        supplier_code, ""
    )


def marks_of(*, groups: Sequence[queries.ProposalGroup]) -> dict[str, str]:
    """The mark of each supplier: count, cost, newest proposal and edits of each of its groups."""
    marks: dict[str, str] = {}
    for one in groups:
        mark = f"{one.place_code}.{one.count}.{one.cost_minor}.{one.newest_id}.{one.edits_sum}"
        marks[one.supplier_code] = f"{marks[one.supplier_code]}/{mark}" if one.supplier_code in marks else mark
    return {code: idempotency_key(mark)[:16] for code, mark in marks.items()}


def selected(*, selection: Selection, today: dt.date) -> list[ProposalRow]:
    """The proposals that are meant, checked against what the page showed. Call after `lock_deciding`.

    Raises SelectionChanged, ProposalChanged, ProposalDecided, UnknownProposal, NothingSelected.
    """
    rows: dict[int, ProposalRow] = {}
    for code, mark in selection.whole.items():
        if mark_of(supplier_code=code, today=today, place_codes=selection.place_codes) != mark:
            raise SelectionChanged(supplier=queries.get_supplier(code=code).name)
        open_ones = queries.list_open_proposals(supplier_code=code, place_codes=selection.place_codes)
        rows |= {row.id: row for row in open_ones if row.id not in selection.without}
    single = queries.get_open_proposals(ids=sorted(set(selection.seen_edits) - set(rows)))
    operations.refuse_changed(rows=single, seen_edits=dict(selection.seen_edits))
    rows |= {row.id: row for row in single}
    if not rows:
        raise NothingSelected
    return [rows[proposal_id] for proposal_id in sorted(rows)]
