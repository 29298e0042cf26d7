"""Facts that other systems tell: tiers and points of a loyalty system, trials, whom a recurring order would suit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reorder.domain.customers.errors import UnknownCustomer
from reorder.domain.customers.queries import find_kept_ids
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.storage import one_transaction
from reorder.kernel.ids import idempotency_key


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFact:
    """A fact of another system; `key` names it there."""

    kind: str
    customer_id: int
    happened_at: dt.datetime
    key: str
    subject: str = ""
    skus: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def tell_facts(*, facts: Sequence[OutsideFact], moment: dt.datetime) -> int:
    """Note facts of customers that are known; one of a merged record is of the record that was kept.

    The same fact again changes nothing, also when it was acted on already. A moment to come counts as now. Returns how
    many somebody listens to. Raises UnknownCustomer.
    """
    with one_transaction():
        kept = find_kept_ids(ids=sorted({one.customer_id for one in facts}))
        for one in facts:
            if one.customer_id not in kept:
                raise UnknownCustomer(customer_id=one.customer_id)
        return note_facts(facts=[_noted(one, customer_id=kept[one.customer_id], moment=moment) for one in facts])


def _noted(one: OutsideFact, *, customer_id: int, moment: dt.datetime) -> NewFact:
    key = idempotency_key("outside", one.kind, one.key)
    return NewFact(
        kind=one.kind,
        customer_id=customer_id,
        happened_at=min(one.happened_at, moment),
        subject=one.subject,
        # Whoever is in a journey for this very thing does not come in for it again.
        details={**one.details, "skus": list(one.skus), "entry": key},
        key=key,
    )
