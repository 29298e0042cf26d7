"""What a person decides about messages that have not left: approve, stop, take a stop back, send now.

Each is one guarded UPDATE over the ids that the caller may decide about, and answers with those it changed: of two
people who decide at once, and of a person and the sender, one comes first and the other changes nothing.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

_APPROVE = """
UPDATE messaging_outboxmessage SET approved_by = %(by)s, approved_at = %(moment)s
WHERE id = ANY(%(ids)s) AND state = 'planned' AND purpose = 'marketing' AND approved_at IS NULL
RETURNING id
"""
_TAKE_APPROVAL_BACK = """
UPDATE messaging_outboxmessage SET approved_by = '', approved_at = NULL
WHERE id = ANY(%(ids)s) AND state = 'planned' AND purpose = 'marketing' AND approved_at IS NOT NULL
RETURNING id
"""
_STOP = """
UPDATE messaging_outboxmessage
SET state = 'stopped', finished_at = %(moment)s, outcome_code = 'outbox.stopped.by_person'
WHERE id = ANY(%(ids)s) AND state = 'planned'
RETURNING id
"""
# A message whose moment has passed would go out the minute its stop is taken back, unless it waits for a person.
_UNDO_STOP = """
UPDATE messaging_outboxmessage
SET state = 'planned', finished_at = NULL, outcome_code = '', approved_by = '', approved_at = NULL
WHERE id = ANY(%(ids)s) AND state = 'stopped' AND outcome_code = 'outbox.stopped.by_person'
  AND (send_after > %(moment)s OR %(waits)s AND purpose = 'marketing' AND expires_at > %(moment)s)
RETURNING id
"""
_SEND_NOW = """
UPDATE messaging_outboxmessage SET send_after = %(moment)s, approved_by = %(by)s, approved_at = %(moment)s
WHERE id = ANY(%(ids)s) AND state = 'planned' AND (expires_at IS NULL OR expires_at > %(moment)s)
RETURNING id
"""


def approve_messages(*, ids: Sequence[int], approved_by: str, moment: dt.datetime) -> list[int]:
    """Let planned marketing messages go out at their hour; returns the ids that waited for it."""
    return _change(_APPROVE, {"ids": list(ids), "by": approved_by, "moment": moment})


def take_approval_back(*, ids: Sequence[int]) -> list[int]:
    """Let approved messages wait again; returns the ids that had not left yet."""
    return _change(_TAKE_APPROVAL_BACK, {"ids": list(ids)})


def stop_messages(*, ids: Sequence[int], moment: dt.datetime) -> list[int]:
    """Withdraw planned messages; returns the ids that had not left yet."""
    return _change(_STOP, {"ids": list(ids), "moment": moment})


def undo_stops(*, ids: Sequence[int], is_approval_needed: bool, moment: dt.datetime) -> list[int]:
    """Plan again what a person stopped and whose moment has not come; returns those ids."""
    return _change(_UNDO_STOP, {"ids": list(ids), "waits": is_approval_needed, "moment": moment})


def send_messages_now(*, ids: Sequence[int], approved_by: str, moment: dt.datetime) -> list[int]:
    """Let planned messages go out with the next pass instead of at their hour; returns the ids that still waited."""
    return _change(_SEND_NOW, {"ids": list(ids), "by": approved_by, "moment": moment})


def _change(statement: str, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return sorted(row[0] for row in cursor.fetchall())
