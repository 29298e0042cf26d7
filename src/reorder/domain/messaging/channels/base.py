"""What a channel must do, and the four things that can come of handing it a message."""

from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from reorder.domain.messaging.rules import DraftAttachment
from reorder.kernel.errors import ReorderError


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
    """What came of one attempt. `is_channel_down`: the next message would fare the same, so stop for now."""

    result: Result
    code: str = ""
    error: str = ""
    is_address_unknown: bool = False
    is_channel_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, complete: whoever sends it adds nothing."""

    message_id: str
    sender: str
    sender_name: str
    address: str
    subject: str
    body_text: str
    body_html: str
    dated: str
    unsubscribe: str = ""
    unsubscribe_url: str = ""
    attachments: tuple[DraftAttachment, ...] = ()


class MessageChannel(Protocol):
    """A way out. Opened once for many messages; `send` never raises for what a server or network may do."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, *, mail: Mail) -> Outcome: ...

    def check(self) -> str: ...
