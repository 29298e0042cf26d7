"""Posts on pages and in rooms: planned once, handed over at most once; their outcome stands in the row."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from reorder.domain.messaging.channel_models import ChannelPost
from reorder.domain.messaging.channels import get_card
from reorder.domain.messaging.errors import BadPost, UnknownChannelAccount, UnknownPost
from reorder.domain.messaging.models import ChannelAccount
from reorder.domain.messaging.rules import SENDING_LEASE

_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """One post, for lists and the calendar."""

    id: int
    account_id: int
    account: str
    title: str
    text: str
    link: str
    state: str
    send_after: dt.datetime
    finished_at: dt.datetime | None
    planned_by: str
    error: str


def plan_post(
    *,
    key: str,
    account_id: int,
    title: str,
    text: str,
    link: str,
    send_after: dt.datetime,
    planned_by: str,
) -> PostRow:
    """Plan one post; an equal key is the same post. Raises BadPost, UnknownChannelAccount."""
    account = ChannelAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise UnknownChannelAccount(account=account_id)
    if not get_card(provider=account.provider).posts:
        raise BadPost(reason="this account writes to persons")
    if not text.strip() or len(text) > _LONGEST:
        raise BadPost(reason="a text has 1 to 20,000 characters")
    if link and not link.startswith(("https://", "http://")):
        raise BadPost(reason="a link begins with https://")
    made, _ = ChannelPost.objects.get_or_create(
        key=key,
        defaults={
            "account": account,
            "title": title.strip(),
            "text": text.strip(),
            "link": link.strip(),
            "send_after": send_after,
            "planned_by": planned_by,
        },
    )
    return _row(made)


def list_posts(*, since: dt.datetime, until: dt.datetime) -> list[PostRow]:
    """Posts of a span of time, the earliest first."""
    found = ChannelPost.objects.filter(send_after__gte=since, send_after__lt=until).select_related("account")
    return [_row(one) for one in found.order_by("send_after", "pk")[:500]]


def stop_post(*, post_id: int, moment: dt.datetime) -> None:
    """Withdraw a post that waits. Raises UnknownPost when there is none that does."""
    waiting = ChannelPost.objects.filter(pk=post_id, state="planned")
    if not waiting.update(state="stopped", finished_at=moment):
        raise UnknownPost(post=post_id)


def post_again(*, post_id: int, moment: dt.datetime) -> None:
    """Post once more what failed, or what somebody found not to be there. Raises UnknownPost."""
    ended = ChannelPost.objects.filter(pk=post_id, state__in=["failed", "unknown"])
    if not ended.update(state="planned", send_after=moment, finished_at=None, error=""):
        raise UnknownPost(post=post_id)


def claim_post(*, moment: dt.datetime, without_accounts: Sequence[int]) -> PostRow | None:
    """Take the next due post into `sending` and commit that; None when none is due. Parks what dead senders left."""
    with transaction.atomic(durable=True):
        ChannelPost.objects.filter(state="sending", sending_at__lte=moment - SENDING_LEASE).update(state="unknown")
        due = ChannelPost.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account")
        due = due.filter(state="planned", send_after__lte=moment, account__is_active=True)
        found = due.exclude(account_id__in=list(without_accounts)).order_by("send_after", "pk").first()
        if found is None:
            return None
        ChannelPost.objects.filter(pk=found.pk).update(state="sending", sending_at=moment)
    return _row(found)


def record_post(
    *, post_id: int, state: str, error: str, provider_key: str, moment: dt.datetime, again_at: dt.datetime | None = None
) -> None:
    """What came of handing a post over; `again_at` for one that is to be tried again."""
    finished = {"finished_at": moment} if state in {"sent", "failed"} else {}
    later = {"send_after": again_at} if again_at is not None else {}
    ChannelPost.objects.filter(pk=post_id, state__in=["sending", "unknown"]).update(
        state=state, error=error, provider_key=provider_key, **finished, **later
    )


def _row(found: ChannelPost) -> PostRow:
    return PostRow(
        id=found.pk,
        account_id=found.account_id,
        account=found.account.name,
        title=found.title,
        text=found.text,
        link=found.link,
        state=found.state,
        send_after=found.send_after,
        finished_at=found.finished_at,
        planned_by=found.planned_by,
        error=found.error,
    )
