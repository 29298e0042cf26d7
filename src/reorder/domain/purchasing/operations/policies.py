"""Deciding how the shop buys; each decision is a new row, and audited."""

from dataclasses import dataclass

from django.db import transaction

from reorder.domain.purchasing.errors import BadBuyingPolicy, BuyingPolicyChanged
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.models import BuyingPolicy
from reorder.domain.purchasing.queries.policies import BuyingPolicyRow, get_buying_policy
from reorder.domain.purchasing.rules import MOST_MINOR
from reorder.domain.staff.operations import record_audit

_MOST_RATIO = 100.0
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBuyingPolicy:
    """A limit of None: no second person; more than `usual_ratio` times the usual order is never made by itself."""

    approval_limit_minor: int | None
    is_automatic_stopped: bool
    usual_ratio: float
    note: str = ""


def set_buying_policy(*, policy: NewBuyingPolicy, seen: str, decided_by: str) -> BuyingPolicyRow:
    """Lay down how the shop buys from now on; `seen` is the fingerprint of the rules that the person looked at.

    Raises BadBuyingPolicy, BuyingPolicyChanged.
    """
    limit = policy.approval_limit_minor
    faults = {
        "the limit must not be negative": limit is not None and limit < 0,
        "the limit is larger than any order can be": limit is not None and limit > MOST_MINOR,
        "more than the usual order goes from 1 to 100 times": not 1 <= policy.usual_ratio <= _MOST_RATIO,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadBuyingPolicy(reason=reason)
    with transaction.atomic():
        lock_deciding()
        if get_buying_policy().fingerprint != seen:
            raise BuyingPolicyChanged
        return _write(policy=policy, decided_by=decided_by)


def switch_automatic(*, is_stopped: bool, decided_by: str) -> BuyingPolicyRow:
    """Stop automatic ordering at once, or let it go on; safe to repeat."""
    with transaction.atomic():
        lock_deciding()
        now = get_buying_policy()
        if now.is_automatic_stopped == is_stopped:
            return now
        policy = NewBuyingPolicy(
            approval_limit_minor=now.approval_limit_minor,
            is_automatic_stopped=is_stopped,
            usual_ratio=now.usual_ratio,
            note=now.note,
        )
        return _write(policy=policy, decided_by=decided_by)


def _write(*, policy: NewBuyingPolicy, decided_by: str) -> BuyingPolicyRow:
    BuyingPolicy.objects.create(
        approval_limit_minor=policy.approval_limit_minor,
        is_automatic_stopped=policy.is_automatic_stopped,
        usual_ratio=policy.usual_ratio,
        note=" ".join(policy.note.split())[:_LONGEST_NOTE],
        decided_by=decided_by,
    )
    record_audit(
        actor=decided_by,
        action="purchasing.set_policy",
        subject_kind="policy",
        subject_key="buying",
        details={
            "approval_limit_minor": policy.approval_limit_minor,
            "is_automatic_stopped": policy.is_automatic_stopped,
            "usual_ratio": policy.usual_ratio,
        },
    )
    return get_buying_policy()
