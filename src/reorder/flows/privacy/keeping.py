"""What is forgotten by itself every night, and the list of erased people kept whole."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.messaging.compliance import get_policy
from reorder.domain.messaging.consents import forget_sign_ups
from reorder.domain.messaging.retention import empty_old_messages
from reorder.domain.messaging.short_links import forget_short_links
from reorder.flows.privacy.pressing import tell_pressing
from reorder.flows.privacy.reapplying import reapply_erasures


@dataclass(frozen=True, slots=True)
class Kept:
    """What a night forgot, and how many people it erased again because a restore had brought them back."""

    sign_ups_count: int
    messages_count: int
    erased_count: int


def keep_privacy(*, moment: dt.datetime) -> Kept:
    """Forget what is older than the shop keeps it, and tell of people who wait too long; safe to run twice.

    Sign-ups that nobody confirmed, and what messages said (who got which and when stays); events, uploads, webhooks and
    carriers' words have jobs of their own.
    """
    tell_pressing(moment=moment)
    policy = get_policy()
    forget_short_links(before=moment - policy.kept(kind="message_bodies"))
    return Kept(
        sign_ups_count=forget_sign_ups(moment=moment, kept=policy.kept(kind="pending_consents")),
        messages_count=empty_old_messages(before=moment - policy.kept(kind="message_bodies")),
        erased_count=reapply_erasures(moment=moment),
    )
