"""Words that tie an account at a channel to a person, and passes to answer what a person has just written."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from django.db import connection

from reorder.domain.messaging.channel_models import LinkWord, ReplyPass
from reorder.domain.messaging.errors import BadLinkWord

WORD_LASTS: Final = dt.timedelta(minutes=30)
# A provider's pass is good for a minute; what is on its way then may come too late.
PASS_LASTS: Final = dt.timedelta(seconds=50)


def make_link_word(*, channel: str, customer_id: int, prefix: str, moment: dt.datetime) -> str:
    """A word that the person carries to the channel; only its digest is kept. Good once, for half an hour.

    It begins with `prefix`, by which whoever gets it back knows what the person wanted.
    """
    word = prefix + secrets.token_urlsafe(24)
    LinkWord.objects.create(
        word=_digest(word), channel=channel, customer_id=customer_id, expires_at=moment + WORD_LASTS
    )
    return word


def use_link_word(*, channel: str, word: str, moment: dt.datetime) -> int:
    """The customer who carried a word; it is used up. Raises BadLinkWord."""
    found = LinkWord.objects.filter(
        word=_digest(word), channel=channel, used_at__isnull=True, expires_at__gt=moment
    ).first()
    if found is None or not LinkWord.objects.filter(pk=found.pk, used_at__isnull=True).update(used_at=moment):
        raise BadLinkWord
    return found.customer_id


def keep_reply_pass(*, way: str, address: str, token: str, moment: dt.datetime) -> None:
    """Keep a pass to answer; a provider that tells twice gives the same one."""
    ReplyPass.objects.get_or_create(
        token=token, defaults={"way": way, "address": address, "expires_at": moment + PASS_LASTS}
    )


def take_reply_passes(*, way: str, addresses: Sequence[str], moment: dt.datetime) -> dict[str, str]:
    """One pass for each of these people who has one, used up by being taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM messaging_replypass WHERE id IN (
                    SELECT DISTINCT ON (address) id FROM messaging_replypass
                    WHERE way = %(way)s AND address = ANY(%(addresses)s::text[]) AND expires_at > %(moment)s
                    ORDER BY address, expires_at DESC)
               RETURNING address, token""",
            {"way": way, "addresses": list(addresses), "moment": moment},
        )
        return dict(cursor.fetchall())


def forget_used(*, before: dt.datetime) -> int:
    """Remove words and passes that are over."""
    words, _ = LinkWord.objects.filter(expires_at__lt=before).delete()
    passes, _ = ReplyPass.objects.filter(expires_at__lt=before).delete()
    return words + passes


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
