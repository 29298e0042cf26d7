"""What a channel must do, and the four things that can come of handing it a message.

Adapters know this package and never each other. Over HTTP they go out by `tools.send` only. `send` is called once for
an attempt; whatever server or network do becomes an Outcome.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from reorder.domain.messaging.rules import DraftAttachment
from reorder.kernel.adapter_fields import AdapterField
from reorder.kernel.errors import BadInput, ReorderError
from reorder.kernel.http_calls import HttpSend

PRIVATE_ADDRESS: Final = "it is a private address; if it is yours, name its network in REORDER_OUTGOING_NETWORKS"


class MailNotReady(ReorderError):
    code = "messaging.mail_not_ready"
    template = "Mail cannot go out by {address}: {cause}. Check REORDER_MAIL_URL."


class Result(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good: trying again would be refused again
    NOT_DELIVERED = "not_delivered"  # surely nothing was delivered: try again later
    UNKNOWN = "unknown"  # handed over, but the answer was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        result, code, error: what, why (engine/reasons), and the other side's own words.
        is_address_unknown: nothing more is planned for this address.
        is_channel_down: the next message would fare the same, so stop for now; `retry_after_seconds` says how long.
        provider_key: the provider's number of the message.
        cost_micros: what it cost, in millionths of the shop's currency; None: the account's price a message.
        billed_count: how many the provider counts: parts of an SMS, nothing for a free reply.
    """

    result: Result
    code: str = ""
    error: str = ""
    is_address_unknown: bool = False
    is_channel_down: bool = False
    retry_after_seconds: float | None = None
    provider_key: str = ""
    cost_micros: int | None = None
    billed_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message for any channel, complete: whoever sends it adds nothing.

    Attributes:
        message_id: RFC 5322 Message-ID, the same on every attempt; channels without such a thing derive keys from it.
        address, address_details: as the contact point has them.
        payload: the channel's own form (LINE Flex, push title and link); empty: `text` is what is said.
        headers: of mail, such as List-Unsubscribe.
        reply_token: a pass to answer for nothing, where the person has just written.
    """

    message_id: str
    address: str
    text: str
    subject: str = ""
    html: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    sender_name: str = ""
    dated: str = ""
    attachments: tuple[DraftAttachment, ...] = ()
    address_details: Mapping[str, Any] = field(default_factory=dict)
    expires_at: dt.datetime | None = None
    reply_token: str = ""


class MessageChannel(Protocol):
    """A way out. Opened once for many messages; `send` never raises for what a server or network may do."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, *, outgoing: Outgoing) -> Outcome: ...

    def check(self) -> str: ...


class ManyChannel(MessageChannel, Protocol):
    """A channel that takes one content for many people in one call."""

    def send_many(self, *, outgoings: Sequence[Outgoing]) -> list[Outcome]:
        """Hand one content over for all of them; the outcomes in their order."""
        ...


class NothingToClose:
    """For channels that keep no connection."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class ChannelUnreached(ReorderError):
    code = "channels.unreached"
    template = "{way} could not be reached: {cause}."


class ChannelUnsure(ReorderError):
    code = "channels.unsure"
    template = "{way} may have taken it, but its answer was lost: {cause}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTools:
    """What an adapter gets from outside: the way out over HTTP, the clock, our own address, the home folder.

    `send` raises ChannelUnreached (nothing was handed over) or ChannelUnsure.
    """

    send: HttpSend
    now: Callable[[], dt.datetime]
    public_url: str
    home: Path
    currency: str = "TWD"
    allowed_networks: tuple[str, ...] = ()
    is_address_allowed: Callable[[str], bool] = lambda _host: True


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValues:
    """An account as it is needed for a call, with its secrets."""

    code: str
    channel: str
    provider: str
    name: str
    options: Mapping[str, str]
    secrets: Mapping[str, str]
    callback_key: str = ""

    def option(self, name: str, default: str = "") -> str:
        """An option, or what holds where it is empty."""
        return str(self.options.get(name) or default)

    def secret(self, name: str) -> str:
        """A secret; empty where it was not entered."""
        return str(self.secrets.get(name) or "")


class HttpChannel(NothingToClose):
    """For channels that speak HTTP: the account, the tools, and nothing that stays open."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        self._account = account
        self._tools = tools


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCard:
    """What an adapter is called, which channel it serves, and what an account of it needs.

    `lanes_most` conversations at a time; `most_at_once` people in one call with equal content; `posts`: it speaks to a
    page or room instead of to persons.
    """

    name: str
    channel: str
    title: str
    summary: str
    fields: tuple[AdapterField, ...] = ()
    lanes_most: int = 4
    most_at_once: int = 1
    has_callbacks: bool = False
    posts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message of a provider as it came, not yet believed; `url` is the address that it was sent to."""

    body: bytes
    headers: Mapping[str, str]
    url: str
    received_at: dt.datetime
    content_type: str = ""

    def header(self, name: str) -> str:
        """A header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """What a provider tells of one message, known by our Message-ID or by the provider's number.

    `kind` is one of MessageEvent.Kind, or `failed` for one that was taken and could not be brought.
    """

    kind: str
    happened_at: dt.datetime
    key: str
    message_id: str = ""
    provider_key: str = ""
    address: str = ""
    url: str = ""
    is_permanent: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldWord:
    """What a person did or said at the channel: `followed`, `left`, `wrote`, `linked`, `stopped`, `started`."""

    kind: str
    address: str
    happened_at: dt.datetime
    key: str
    text: str = ""
    reply_token: str = ""
    link_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRead:
    """What a believed message says, and what its sender wants to hear."""

    events: tuple[ToldEvent, ...] = ()
    words: tuple[ToldWord, ...] = ()
    reply: str = "OK"
    reply_type: str = "text/plain; charset=utf-8"


class CallbackReader(Protocol):
    """What an adapter with callbacks can do besides sending."""

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """Believe and read a message. Raises BadCallback."""
        ...


class BadCallback(ReorderError):
    code = "channels.bad_callback"
    template = "A message to {way} is not taken: {reason}."


class BadAccountOption(BadInput):
    code = "channels.bad_option"
    template = "{account}: {what} cannot be used: {reason}."


class CheckFailed(ReorderError):
    code = "channels.check_failed"
    template = "{way} answered {status}: {said}"


class ExtraMissing(ReorderError):
    code = "channels.extra_missing"
    template = "{provider} needs a package that is not installed. Install it with: {command}"
