"""How the shop buys: who must agree above which value, and what automatic ordering may do."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.purchasing.models import BuyingPolicy
from reorder.kernel.fingerprint import fingerprint_of

USUAL_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class BuyingPolicyRow:
    """The rules in force; `approval_limit_minor` in the shop's currency, None: nobody else need agree."""

    approval_limit_minor: int | None = None
    is_automatic_stopped: bool = False
    usual_ratio: float = USUAL_RATIO
    note: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody has changed the rules since they were shown."""
        return fingerprint_of(values=(self.approval_limit_minor, self.is_automatic_stopped, self.usual_ratio))


def get_buying_policy() -> BuyingPolicyRow:
    """The latest rules; before anybody decided, there is no limit and nothing is stopped."""
    row = BuyingPolicy.objects.order_by("-pk").first()
    if row is None:
        return BuyingPolicyRow()
    return BuyingPolicyRow(
        approval_limit_minor=row.approval_limit_minor,
        is_automatic_stopped=row.is_automatic_stopped,
        usual_ratio=row.usual_ratio,
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
