"""Posts on pages and in rooms: claimed, handed over, recorded, one after the other; there are few of them."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reorder.domain.messaging import accounts, posts
from reorder.domain.messaging.channels import Outcome, Outgoing, Result, make_channel
from reorder.domain.messaging.posts import PostRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.outbox.tools import channel_tools
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job

_MOST: Final = 100
_AGAIN: Final = dt.timedelta(minutes=15)
_STATES: Final = {
    Result.DELIVERED: "sent",
    Result.REFUSED: "failed",
    Result.NOT_DELIVERED: "planned",
    Result.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """What is to be posted where and when."""

    account_id: int
    title: str
    text: str
    link: str
    send_after: dt.datetime


def plan_post(*, post: NewPost, actor: Actor) -> PostRow:
    """Plan one post. Raises NotAllowed, BadPost, UnknownChannelAccount."""
    actor.require(Ability.EDIT_MARKETING)
    with one_transaction():
        made = posts.plan_post(
            key=secrets.token_hex(16),
            account_id=post.account_id,
            title=post.title,
            text=post.text,
            link=post.link,
            send_after=post.send_after,
            planned_by=actor.name,
        )
        record_audit(actor=actor.name, action="channels.plan_post", subject_kind="post", subject_key=str(made.id))
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return made


def stop_post(*, post_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Withdraw a post that waits. Raises NotAllowed, UnknownPost."""
    actor.require(Ability.EDIT_MARKETING)
    with one_transaction():
        posts.stop_post(post_id=post_id, moment=moment)
        record_audit(actor=actor.name, action="channels.stop_post", subject_kind="post", subject_key=str(post_id))


def post_again(*, post_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Post once more what failed or was parked. Raises NotAllowed, UnknownPost."""
    actor.require(Ability.EDIT_MARKETING)
    with one_transaction():
        posts.post_again(post_id=post_id, moment=moment)
        record_audit(actor=actor.name, action="channels.post_again", subject_kind="post", subject_key=str(post_id))
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")


def send_due_posts(*, moment: dt.datetime, now: Callable[[], dt.datetime]) -> int:
    """Post what is due; returns how many were taken. An account that does not answer is tried again later."""
    taken, failing = 0, list[int]()
    for _ in range(_MOST):
        post = posts.claim_post(moment=moment, without_accounts=failing)
        if post is None:
            break
        outcome = _hand_over(post, now=now)
        again_at = None
        if outcome.result is Result.NOT_DELIVERED:
            failing.append(post.account_id)
            again_at = now() + max(_AGAIN, dt.timedelta(seconds=outcome.retry_after_seconds or 0))
        taken += outcome.result is Result.DELIVERED
        posts.record_post(
            post_id=post.id,
            state=_STATES[outcome.result],
            error=outcome.error,
            provider_key=outcome.provider_key,
            moment=now(),
            again_at=again_at,
        )
    return taken


def _hand_over(post: PostRow, *, now: Callable[[], dt.datetime]) -> Outcome:
    try:
        account = accounts.open_account(account_id=post.account_id)
        channel = make_channel(account=account, tools=channel_tools(way=account.code, now=now))
    except ReorderError as fault:
        return Outcome(result=Result.NOT_DELIVERED, code="outbox.retry.account", error=str(fault)[:500])
    text = f"{post.text}\n\n{post.link}" if post.link and account.provider != "facebook_page" else post.text
    outgoing = Outgoing(
        message_id=f"<post-{post.id}@posts>",
        address="",
        subject=post.title,
        text=text,
        payload={"link": post.link} if post.link else {},
    )
    try:
        with channel as way:
            return way.send(outgoing=outgoing)
    except Exception as fault:  # noqa: BLE001 - an adapter that broke said nothing about what was posted
        return Outcome(result=Result.UNKNOWN, error=f"{type(fault).__name__}: {fault}"[:500])
