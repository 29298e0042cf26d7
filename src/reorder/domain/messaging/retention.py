"""What messages said is forgotten after a while; that they went, to whom and why stays."""

import datetime as dt
from typing import Final

from django.db import transaction

from reorder.domain.storage import run_sql

_LOT: Final = 5_000
_EMPTY: Final = """
UPDATE messaging_outboxmessage
SET body_text = '', body_html = '', subject = '', variables = '{}', address = ''
WHERE id IN (
    SELECT id FROM messaging_outboxmessage
    WHERE finished_at < %(before)s AND purpose <> 'supplier' AND address <> '' ORDER BY finished_at LIMIT %(lot)s)
"""
_DROP_ATTACHMENTS: Final = """
DELETE FROM messaging_outboxattachment AS attachment USING messaging_outboxmessage AS message
WHERE message.id = attachment.message_id AND message.finished_at < %(before)s AND message.purpose <> 'supplier'
"""


def empty_old_messages(*, before: dt.datetime) -> int:
    """Empty messages to people that ended before; orders to suppliers are papers and stay. Returns how many.

    In lots of 5,000, each a transaction of its own, so that nobody waits for a whole year of messages.
    """
    run_sql(statement=_DROP_ATTACHMENTS, parameters={"before": before})
    count = 0
    while True:
        with transaction.atomic():
            changed = run_sql(statement=_EMPTY, parameters={"before": before, "lot": _LOT})
        count += changed
        if changed < _LOT:
            return count
