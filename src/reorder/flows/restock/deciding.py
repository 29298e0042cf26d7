"""What a buyer does with proposals short of ordering: change them, turn them down, take that back."""

import datetime as dt
from collections.abc import Sequence

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.operations import ProposalEdit
from reorder.domain.purchasing.queries import ProposalRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.restock.selecting import Selection, selected
from reorder.flows.shop_day import shop_date

_LISTED_IDS = 500


def edit_proposal(*, edit: ProposalEdit, decided_by: str, moment: dt.datetime) -> ProposalRow:
    """Order something else than the plan proposes; the plan's own answer is remembered beside it.

    It holds for the rest of its night, and on while the plan asks for the same. Raises UnknownProposal,
    ProposalDecided, ProposalChanged, BadProposalEdit, NotOffered.
    """
    with one_transaction():
        lock_deciding()
        before = queries.get_open_proposals(ids=[edit.proposal_id])[0]
        after = operations.edit_proposal(
            edit=edit, edited_by=decided_by, edited_at=moment, today=shop_date(moment=moment)
        )
        record_audit(
            actor=decided_by,
            action="purchasing.edit",
            subject_kind="proposal",
            subject_key=str(after.id),
            details={"before": _asked(before), "after": _asked(after)},
        )
    return after


def dismiss(*, proposal_ids: Sequence[int], decided_by: str, moment: dt.datetime, reason: str = "") -> int:
    """Turn proposals down; they come back with the next night if stock is still low. Returns how many.

    Raises UnknownProposal, ProposalDecided; then nothing is dismissed.
    """
    with one_transaction():
        lock_deciding()
        return len(_dismiss(ids=proposal_ids, decided_by=decided_by, moment=moment, reason=reason))


def dismiss_selection(*, selection: Selection, decided_by: str, moment: dt.datetime, reason: str) -> list[int]:
    """Turn down what a page had ticked, as the page showed it; returns the ids.

    Raises SelectionChanged, ProposalChanged, ProposalDecided, UnknownProposal, NothingSelected; then nothing is
    dismissed.
    """
    with one_transaction():
        lock_deciding()
        rows = selected(selection=selection, today=shop_date(moment=moment))
        return _dismiss(ids=[row.id for row in rows], decided_by=decided_by, moment=moment, reason=reason)


def undo_dismissal(*, proposal_ids: Sequence[int], decided_by: str) -> int:
    """Open dismissed proposals again; returns how many.

    Those of an earlier night, and those that a newer proposal has replaced, stay dismissed. Safe to run twice.
    """
    with one_transaction():
        lock_deciding()
        ids = operations.reopen_dismissed(proposal_ids=proposal_ids)
        if ids:
            _record(action="purchasing.reopen", ids=ids, actor=decided_by)
    return len(ids)


def _dismiss(*, ids: Sequence[int], decided_by: str, moment: dt.datetime, reason: str) -> list[int]:
    rows = operations.dismiss_proposals(proposal_ids=ids, decided_by=decided_by, decided_at=moment, reason=reason)
    found = [row.id for row in rows]
    _record(action="purchasing.dismiss", ids=found, actor=decided_by)
    return found


def _record(*, action: str, ids: Sequence[int], actor: str) -> None:
    record_audit(
        actor=actor,
        action=action,
        subject_kind="proposal",
        subject_key=str(ids[0]) if len(ids) == 1 else "",
        details={"count": len(ids), "proposals": list(ids)[:_LISTED_IDS]},
    )


def _asked(row: ProposalRow) -> dict[str, str]:
    return {"units": f"{row.units:f}", "supplier": row.supplier_code, "order_by": row.order_by_date.isoformat()}
