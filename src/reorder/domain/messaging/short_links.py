"""Short addresses kept, found and forgotten."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.messaging.short_link_models import ShortLink
from reorder.domain.storage import run_sql

# Of a message that is only looked at, and is in no table, nothing is kept.
_KEEP: Final = """
INSERT INTO messaging_shortlink (token, message_id, url, is_followed, created_at)
SELECT given.token, message.id, given.url, given.is_followed, %(moment)s
FROM unnest(%(tokens)s::text[], %(messages)s::bigint[], %(urls)s::text[], %(followed)s::boolean[])
     AS given(token, message_id, url, is_followed)
JOIN messaging_outboxmessage AS message ON message.id = given.message_id
ORDER BY given.token ON CONFLICT (token) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShortLink:
    """A link of a message and the letters that stand for it; equal letters are the same link of the same message."""

    token: str
    message_id: int
    url: str
    is_followed: bool


def keep_short_links(*, links: Sequence[NewShortLink], moment: dt.datetime) -> None:
    """Keep what messages lead to; what is known stays as it is. Part of the open transaction."""
    run_sql(
        statement=_KEEP,
        parameters={
            "tokens": [one.token for one in links],
            "messages": [one.message_id for one in links],
            "urls": [one.url for one in links],
            "followed": [one.is_followed for one in links],
            "moment": moment,
        },
    )


def find_short_link(*, token: str) -> NewShortLink | None:
    """What these letters stand for; None where they stand for nothing any more."""
    row = ShortLink.objects.filter(token=token.replace("\x00", "")).first()
    if row is None:
        return None
    return NewShortLink(token=row.token, message_id=row.message_id, url=row.url, is_followed=row.is_followed)


def forget_short_links(*, before: dt.datetime) -> int:
    """Forget links of messages that went before; returns how many."""
    return ShortLink.objects.filter(created_at__lt=before).delete()[0]
