"""What two records of one person bring together when one absorbs the other; the caller has locked both.

The consent ledger stays append-only: declarations of the absorbed record are declared again for the kept one, with
their own moments and sources, and where either record holds a refusal a refusal is added as the last word.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from reorder.domain.messaging.operations.pausing import stop_waiting_marketing
from reorder.domain.messaging.preferences import merge_preferences
from reorder.domain.storage import run_sql

MERGE_SOURCE = "merge of two records"
_UNREACHABLE = """
UPDATE messaging_contactpoint AS kept SET unreachable_at = gone.unreachable_at
FROM messaging_contactpoint AS gone
WHERE kept.customer_id = %(keep)s AND gone.customer_id = %(absorb)s AND gone.channel = kept.channel
  AND gone.address = kept.address AND kept.unreachable_at IS NULL AND gone.unreachable_at IS NOT NULL
"""
_MOVE_POINTS = """
UPDATE messaging_contactpoint AS gone SET customer_id = %(keep)s
WHERE gone.customer_id = %(absorb)s AND NOT EXISTS (
    SELECT FROM messaging_contactpoint AS kept
    WHERE kept.customer_id = %(keep)s AND kept.channel = gone.channel AND kept.address = gone.address)
"""
_DROP_POINTS = "DELETE FROM messaging_contactpoint WHERE customer_id = %(absorb)s"
_HELD = """
SELECT DISTINCT ON (customer_id, channel, purpose) channel, purpose, is_granted FROM messaging_consententry
WHERE customer_id IN (%(keep)s, %(absorb)s) ORDER BY customer_id, channel, purpose, declared_at DESC, id DESC
"""
_KEY = "left(encode(sha256(convert_to(concat_ws('|', 'merge', {parts}), 'UTF8')), 'hex'), 40)"
_CARRY_CONSENTS = f"""
INSERT INTO messaging_consententry
    (customer_id, channel, purpose, is_granted, source, text_version, proof, declared_at, idempotency_key)
SELECT %(keep)s, channel, purpose, is_granted, source, text_version, proof, declared_at,
       {_KEY.format(parts="%(keep)s, id")}
FROM messaging_consententry WHERE customer_id = %(absorb)s ORDER BY declared_at, id
ON CONFLICT (idempotency_key) DO NOTHING
"""  # noqa: S608 - constants of ours
# Declared no earlier than what it overrules, whatever clock that came from.
_REFUSE = f"""
INSERT INTO messaging_consententry (customer_id, channel, purpose, is_granted, source, declared_at, idempotency_key)
SELECT %(keep)s, %(channel)s, %(purpose)s, false, %(source)s, greatest(%(moment)s, latest.declared_at),
       {_KEY.format(parts="%(keep)s, %(absorb)s, 'refused', %(channel)s, %(purpose)s")}
FROM (
    SELECT is_granted, declared_at FROM messaging_consententry
    WHERE customer_id = %(keep)s AND channel = %(channel)s AND purpose = %(purpose)s
    ORDER BY declared_at DESC, id DESC LIMIT 1
) AS latest WHERE latest.is_granted
ON CONFLICT (idempotency_key) DO NOTHING
"""  # noqa: S608 - constants of ours
# Of two pauses of one cause that are open the longer one goes on; an open end is the longest.
_END_SHORTER_PAUSE = """
UPDATE messaging_marketingpause SET resumed_at = %(moment)s, resumed_by = %(by)s
WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY cause ORDER BY resumes_date DESC NULLS FIRST, id) AS place
        FROM messaging_marketingpause WHERE customer_id IN (%(keep)s, %(absorb)s) AND resumed_at IS NULL
    ) AS ranked WHERE place > 1)
"""
_MOVE_PAUSES = "UPDATE messaging_marketingpause SET customer_id = %(keep)s WHERE customer_id = %(absorb)s"
_MOVE_MESSAGES = "UPDATE messaging_outboxmessage SET customer_id = %(keep)s WHERE customer_id = %(absorb)s"
_MOVE_DECISIONS = """
UPDATE messaging_messagedecision AS gone SET customer_id = %(keep)s
WHERE gone.customer_id = %(absorb)s AND NOT EXISTS (
    SELECT FROM messaging_messagedecision AS kept WHERE kept.customer_id = %(keep)s
      AND kept.run_key = gone.run_key AND kept.subject_key = gone.subject_key)
"""
_DROP_DECISIONS = "DELETE FROM messaging_messagedecision WHERE customer_id = %(absorb)s"
_CYCLES = """
SELECT item.id, item.subject_key, item.last_bought_date FROM messaging_outboxitem AS item
JOIN messaging_outboxmessage AS message ON message.id = item.message_id
WHERE message.customer_id = %s AND message.state IN ('sent', 'sending', 'unknown', 'held_out')
  AND item.cycle_key IS NOT NULL AND item.last_bought_date IS NOT NULL ORDER BY item.id
"""
_RENAME_CYCLE = """
UPDATE messaging_outboxitem SET cycle_key = %(key)s
WHERE id = %(id)s AND NOT EXISTS (SELECT FROM messaging_outboxitem WHERE cycle_key = %(key)s)
"""


@dataclass(frozen=True, slots=True)
class MergedContacts:
    """What came over, and how many waiting reminders of the absorbed record were withdrawn."""

    contact_points_count: int
    consents_count: int
    refusals_count: int
    messages_count: int
    stopped_count: int


@dataclass(frozen=True, slots=True)
class RemindedCycle:
    """A purchase cycle that an item of a message stands for."""

    item_id: int
    subject_key: str
    last_bought_date: dt.date


def merge_contacts(*, keep_id: int, absorb_id: int, decided_by: str, moment: dt.datetime) -> MergedContacts:
    """Bring addresses, declarations, pauses, messages and decisions of `absorb_id` over to `keep_id`.

    Reminders of the absorbed record that wait are withdrawn: the next night plans for the one that was kept.
    """
    parameters = {"keep": keep_id, "absorb": absorb_id, "moment": moment, "by": decided_by}
    stopped = stop_waiting_marketing(customer_id=absorb_id, outcome_code="outbox.stopped.merged", moment=moment)
    run_sql(statement=_UNREACHABLE, parameters=parameters)
    points = run_sql(statement=_MOVE_POINTS, parameters=parameters)
    run_sql(statement=_DROP_POINTS, parameters=parameters)
    refused = _refused(keep_id=keep_id, absorb_id=absorb_id)
    consents = run_sql(statement=_CARRY_CONSENTS, parameters=parameters)
    refusals = sum(
        run_sql(
            statement=_REFUSE,
            parameters=parameters | {"channel": channel, "purpose": purpose, "source": MERGE_SOURCE},
        )
        for channel, purpose in refused
    )
    merge_preferences(keep_id=keep_id, absorb_id=absorb_id)
    run_sql(statement=_END_SHORTER_PAUSE, parameters=parameters)
    run_sql(statement=_MOVE_PAUSES, parameters=parameters)
    messages = run_sql(statement=_MOVE_MESSAGES, parameters=parameters)
    run_sql(statement=_MOVE_DECISIONS, parameters=parameters)
    run_sql(statement=_DROP_DECISIONS, parameters=parameters)
    return MergedContacts(
        contact_points_count=points,
        consents_count=consents,
        refusals_count=refusals,
        messages_count=messages,
        stopped_count=stopped,
    )


def list_reminded_cycles_of(*, customer_id: int) -> list[RemindedCycle]:
    """The purchase cycles that messages to this customer stand for; those that were withdrawn stand for none."""
    with connection.cursor() as cursor:
        cursor.execute(_CYCLES, [customer_id])
        return [RemindedCycle(*row) for row in cursor.fetchall()]


def rename_cycle(*, item_id: int, cycle_key: str) -> None:
    """Let an item stand for the same cycle of another record; one that is taken already stays as it was."""
    run_sql(statement=_RENAME_CYCLE, parameters={"id": item_id, "key": cycle_key})


def _refused(*, keep_id: int, absorb_id: int) -> Sequence[tuple[str, str]]:
    """Channel and purpose of what either record refuses now."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"keep": keep_id, "absorb": absorb_id})
        return sorted({(channel, purpose) for channel, purpose, is_granted in cursor.fetchall() if not is_granted})
