"""The last look before messages leave: what was right when it was decided may not be so any more.

Consent, pauses and addresses are asked at the claim of each message; here it is quiet hours (a channel was down until
the evening), caps (an earlier message left late) and stock. What may not go moves to its next hour.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings
from django.db import transaction

from reorder.domain.catalog.queries import list_skus
from reorder.domain.customers.reached import hold_people
from reorder.domain.messaging import reached
from reorder.domain.messaging.compliance import Policy, get_policy
from reorder.domain.messaging.operations.traces import MovedMessage, move_messages
from reorder.domain.messaging.preferences import list_topics
from reorder.engine import contact
from reorder.flows.contacting.goods import list_free_of
from reorder.flows.contacting.people import Laid, load_people
from reorder.flows.contacting.rules import load_rules
from reorder.flows.shop_day import shop_date

_LOT: Final = 1000


def recheck_due(*, moment: dt.datetime) -> int:
    """Move due marketing that may not go now; returns how many moved or ended. Owns its transactions."""
    policy = get_policy()
    rules = load_rules(offers=(), sources=(), policy=policy, moment=moment)
    short = _short_products(moment=moment)
    moved = 0
    while True:
        doubtful = reached.list_doubtful(
            moment=moment,
            waking=_narrowest(rules, policy=policy),
            time_zone=settings.REORDER.time_zone,
            per_day=_least(rules, hours=24),
            # Somebody may have asked for one a week.
            per_week=1,
            short_product_ids=short,
            limit=_LOT,
        )
        changed = _recheck_lot(doubtful=doubtful, short=short, rules=rules, policy=policy, moment=moment)
        moved += changed
        if len(doubtful) < _LOT or not changed:
            return moved


def _short_products(*, moment: dt.datetime) -> list[int]:
    ids = reached.list_due_products(moment=moment)
    skus = list_skus(product_ids=ids)
    free = list_free_of(skus=list(skus.values()), moment=moment, today=shop_date(moment=moment))
    return [number for number, sku in skus.items() if free.get(sku, 1.0) < 1.0]


def _narrowest(rules: contact.Rules, *, policy: Policy) -> tuple[int, int]:
    pairs = [rules.waking, *policy.quiet_hours.values()]
    return max(first for first, _ in pairs), min(last for _, last in pairs)


def _least(rules: contact.Rules, *, hours: int) -> int:
    return min((cap.limit for cap in rules.caps if cap.hours == hours), default=1)


def _recheck_lot(
    *,
    doubtful: Sequence[tuple[int, int]],
    short: Sequence[int],
    rules: contact.Rules,
    policy: Policy,
    moment: dt.datetime,
) -> int:
    if not doubtful:
        return 0
    due: dict[int, set[int]] = defaultdict(set)
    for message_id, customer_id in doubtful:
        due[customer_id].add(message_id)
    with transaction.atomic(durable=True):
        people = hold_people(customer_ids=list(due))
        laid = Laid(usual=rules.response_shares, topics=list_topics(), policy=policy)
        known = load_people(people=people, laid=laid, moment=moment, with_marketing=True)
        short_ids = frozenset(reached.list_short_messages(ids=[one for one, _ in doubtful], product_ids=short))
        found = [
            one
            for person in known.values()
            for one in contact.recheck(
                due=_due_of(person, due), short_ids=short_ids, person=person, rules=rules, moment=moment
            )
        ]
        move_messages(moved=[_moved(one) for one in found], moment=moment)
    return len(found)


def _due_of(person: contact.Person, due: Mapping[int, set[int]]) -> list[contact.Contact]:
    """The person's doubtful messages; what became of them meanwhile shows in that they are there no more."""
    return [one for one in person.contacts if one.message_id in due[person.customer_id] and not one.is_movable]


def _moved(one: contact.Rechecked) -> MovedMessage:
    state = "waits" if one.at else "stopped"
    return MovedMessage(one.message_id, one.at, f"outbox.{state}.{one.cause}")
