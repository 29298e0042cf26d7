"""What providers tell: believed by the adapter of the account, recorded once, and heeded.

A complaint or a refusal is a declaration of the person; a mailbox that is gone is not written to again. What is told of
messages that are none of ours is counted and not kept, for it may name people.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.messaging import accounts, link_words, operations
from reorder.domain.messaging.accounts import ChannelAccountRow
from reorder.domain.messaging.analytics import list_followed
from reorder.domain.messaging.channels import get_card, make_reader
from reorder.domain.messaging.channels.base import Callback, CallbackRead, ToldEvent, ToldWord
from reorder.domain.messaging.errors import BadLinkWord, UnknownChannelAddress
from reorder.domain.messaging.operations import NewConsent, NewMessageEvent, ToldMessage, events
from reorder.domain.messaging.suppressing import suppress_addresses
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.channel_setup.greeting import greet
from reorder.flows.consenting.signing_up import tell_of_consent
from reorder.flows.outbox.tools import channel_tools
from reorder.kernel.ids import idempotency_key

log = logging.getLogger(__name__)
# A word that a person carried to the channel begins so when they agreed to news there.
WITH_CONSENT: Final = "c"


@dataclass(frozen=True, slots=True)
class CallbackTaken:
    """What is answered to the provider, and what became of its words."""

    reply: str
    reply_type: str
    new_count: int
    stray_count: int


def take_callback(
    *, account_key: str, body: bytes, headers: Mapping[str, str], url: str, content_type: str, moment: dt.datetime
) -> CallbackTaken:
    """Take in a message that came to the address of an account.

    Raises UnknownChannelAddress for an address of no account, BadCallback when it is not the provider's.
    """
    row = accounts.find_account_of_key(callback_key=account_key)
    if row is None or not get_card(provider=row.provider).has_callbacks:
        raise UnknownChannelAddress
    account = accounts.open_account(account_id=row.id)
    reader = make_reader(account=account, tools=channel_tools(way=row.code, now=lambda: moment))
    read = reader.read_callback(
        callback=Callback(body=body, headers=headers, url=url, received_at=moment, content_type=content_type)
    )
    with one_transaction():
        told = _take_events(row=row, read=read, moment=moment)
        for word in read.words:
            _WORDS[word.kind](row=row, word=word, moment=moment)
    for word in read.words:
        if word.kind == "followed":
            greet(account=account, word=word, moment=moment)
    return CallbackTaken(
        reply=read.reply,
        reply_type=read.reply_type,
        new_count=sum(one.is_new for one in told),
        stray_count=sum(one.outbox_id is None for one in told),
    )


def _take_events(*, row: ChannelAccountRow, read: CallbackRead, moment: dt.datetime) -> list[ToldMessage]:
    given = {idempotency_key("channel event", row.code, one.key, one.kind): one for one in read.events}
    told = operations.record_message_events(
        events=[
            NewMessageEvent(
                kind=one.kind,
                happened_at=one.happened_at,
                key=key,
                message_id=one.message_id,
                way=row.code,
                provider_key=one.provider_key,
                url=one.url,
                details={**one.details, **({"is_permanent": True} if one.is_permanent else {})},
            )
            for key, one in given.items()
        ]
    )
    for one in told:
        if one.is_new:
            _heed(told=one, event=given[one.key], moment=moment)
    _tell_clicks(clicks=[(one, given[one.key]) for one in told if one.is_new and one.kind == "clicked"])
    strays = [(one.kind, "no_message", one.key) for one in told if one.outbox_id is None]
    if strays:
        events.keep_strays(way=row.code, rows=strays, moment=moment)
    return told


def _tell_clicks(*, clicks: Sequence[tuple[ToldMessage, ToldEvent]]) -> None:
    """Let journeys know of links that were followed at the provider's address, by people who agreed to it."""
    agreed = list_followed(customer_ids={one.customer_id for one, _ in clicks if one.customer_id is not None})
    note_facts(
        facts=[
            NewFact(
                kind="clicked",
                customer_id=told.customer_id,
                happened_at=event.happened_at,
                key=told.key,
                subject=event.message_id,
                details={"url": event.url},
            )
            for told, event in clicks
            if told.customer_id is not None and told.customer_id in agreed
        ]
    )


def _heed(*, told: ToldMessage, event: ToldEvent, moment: dt.datetime) -> None:
    """What an event means for what may be sent to this person."""
    if told.customer_id is None or not told.channel or not told.address:
        return
    if event.kind == "bounced" and event.is_permanent:
        operations.mark_unreachable(customer_id=told.customer_id, address=told.address, moment=moment)
    if event.kind in {"complained", "unsubscribed"}:
        _refuse(customer_id=told.customer_id, channel=told.channel, source=event.kind, proof=told.key, moment=moment)
    if event.kind == "complained":
        suppress_addresses(
            addresses=[(told.channel, told.address)], cause="complained", suppressed_by="provider", moment=moment
        )


def _refuse(*, customer_id: int, channel: str, source: str, proof: str, moment: dt.datetime) -> None:
    _declare(customer_id=customer_id, channel=channel, is_granted=False, source=source, proof=proof, moment=moment)


def _declare(*, customer_id: int, channel: str, is_granted: bool, source: str, proof: str, moment: dt.datetime) -> None:
    key = idempotency_key("channel word", customer_id, channel, is_granted, proof)
    operations.record_consents(
        consents=[
            NewConsent(
                customer_id=customer_id,
                channel=channel,
                is_granted=is_granted,
                source=source,
                declared_at=moment,
                idempotency_key=key,
                proof=proof,
            )
        ]
    )
    record_audit(
        actor="customer",
        action="consents.grant" if is_granted else "consents.refuse",
        subject_kind="customer",
        subject_key=str(customer_id),
        details={"channel": channel, "source": source},
    )
    if is_granted:
        tell_of_consent(customer_id=customer_id, channel=channel, key=key, moment=moment)


def _followed(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    events.mark_reachable(channel=row.channel, address=word.address)


def _left(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    events.mark_left(channel=row.channel, address=word.address, moment=moment)


def _wrote(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    if word.reply_token:
        link_words.keep_reply_pass(way=row.code, address=word.address, token=word.reply_token, moment=moment)


def _linked(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    try:
        customer_id = link_words.use_link_word(channel=row.channel, word=word.link_word, moment=moment)
    except BadLinkWord:
        # Told twice, or too late: nothing is tied to anybody by it.
        log.warning("a link word told by channel account %s is over or none of ours", row.code)
        return
    events.keep_contact_point(
        customer_id=customer_id, channel=row.channel, address=word.address, details={}, moment=moment
    )
    record_audit(
        actor="customer", action="channels.link", subject_kind="customer", subject_key=str(customer_id),
        details={"channel": row.channel},
    )  # fmt: skip
    if word.link_word.startswith(WITH_CONSENT):
        _declare(
            customer_id=customer_id,
            channel=row.channel,
            is_granted=True,
            source="account link",
            proof=word.key,
            moment=moment,
        )


def _stopped(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    for customer_id in events.list_customers_at(channel=row.channel, address=word.address):
        _refuse(customer_id=customer_id, channel=row.channel, source="STOP", proof=word.key, moment=moment)


def _started(*, row: ChannelAccountRow, word: ToldWord, moment: dt.datetime) -> None:
    events.mark_reachable(channel=row.channel, address=word.address)
    for customer_id in events.list_customers_at(channel=row.channel, address=word.address):
        _declare(
            customer_id=customer_id,
            channel=row.channel,
            is_granted=True,
            source="START",
            proof=word.key,
            moment=moment,
        )


_WORDS: Final[Mapping[str, Callable[..., None]]] = {
    "followed": _followed,
    "left": _left,
    "wrote": _wrote,
    "linked": _linked,
    "stopped": _stopped,
    "started": _started,
}
