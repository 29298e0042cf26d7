"""The inbox of tracking: rows go in by COPY in one short transaction, and are safe from then on."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction

from reorder.domain.behaviour.inbox_rules import InboxRow

_COPY: Final = f"COPY behaviour_inboxevent ({', '.join(InboxRow._fields)}) FROM STDIN"


def append_rows(*, rows: Sequence[InboxRow]) -> None:
    """Keep what was judged; committed when this returns."""
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def count_waiting() -> int:
    """Rows that are not yet drained."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM behaviour_inboxevent")
        return int(cursor.fetchone()[0])
