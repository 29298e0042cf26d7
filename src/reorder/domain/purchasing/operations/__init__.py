"""Writing suppliers, proposals, purchase orders and receipts; callable inside a caller's transaction."""

from reorder.domain.purchasing.operations.proposals import (
    RecordedProposals,
    dismiss_proposals,
    record_proposals,
)

__all__ = ["RecordedProposals", "dismiss_proposals", "record_proposals"]
