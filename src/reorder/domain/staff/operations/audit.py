"""The audit trail: written in the transaction of what it records, so that neither exists without the other."""

from collections.abc import Mapping
from typing import Any

from reorder.domain.staff.models import AuditEntry
from reorder.kernel.origin import current_origin


def record_audit(
    *, actor: str, action: str, subject_kind: str = "", subject_key: str = "", details: Mapping[str, Any] | None = None
) -> None:
    """Remember who did what; `action` is dotted (`purchasing.approve`), details hold keys, no personal facts.

    The door, the request's reference and the address come from the origin that the edge has set.
    """
    origin = current_origin()
    AuditEntry.objects.create(
        actor=actor,
        via=origin.via,
        request_id=origin.request_id,
        address=origin.address,
        action=action,
        subject_kind=subject_kind,
        subject_key=subject_key,
        details=dict(details or {}),
    )
