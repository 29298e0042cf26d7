"""A claimed message as its channel gets it: rendered, with sender, headers and what else the address needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings

from reorder.domain.messaging import operations
from reorder.domain.messaging.channels.base import Outgoing
from reorder.domain.messaging.operations import MessageToSend
from reorder.flows.consenting.footers import Foot, Footed, add_foot, write_feet
from reorder.flows.content import render_messages
from reorder.kernel.errors import ReorderError


@dataclass(frozen=True, slots=True)
class Written:
    """What a message says, from its template or as it was planned."""

    subject: str
    text: str
    html: str
    payload: Mapping[str, Any]


def compose_messages(
    *, messages: Sequence[MessageToSend], senders: Mapping[str, str], reply_tokens: Mapping[str, str]
) -> list[Outgoing | ReorderError]:
    """The messages complete, in their order; one that its template cannot write comes back as the reason.

    Args:
        messages: of any channel.
        senders: sender address by channel.
        reply_tokens: passes to answer for nothing, by address.
    """
    written = _render([one for one in messages if one.template_version_id is not None])
    feet = write_feet(
        messages=[
            Footed(id=one.id, customer_id=one.customer_id, channel=one.channel, language=one.language)
            for one in messages
            if one.purpose == "marketing" and one.customer_id is not None
        ]
    )
    made: list[Outgoing | ReorderError] = []
    for message in messages:
        said = written.get(message.id) or Written(message.subject, message.body_text, message.body_html, {})
        made.append(
            said
            if isinstance(said, ReorderError)
            else _outgoing(
                message=message,
                said=_footed(said, foot=feet.get(message.id)),
                sender=senders[message.channel],
                reply_token=reply_tokens.get(message.address, ""),
            )
        )
    return made


def _render(messages: Sequence[MessageToSend]) -> dict[int, Written | ReorderError]:
    if not messages:
        return {}
    found: dict[int, Written | ReorderError] = {}
    for message, said in zip(messages, render_messages(messages=messages), strict=True):
        found[message.id] = (
            said if isinstance(said, ReorderError) else Written(said.subject, said.text, said.html, said.payload)
        )
    return found


def _footed(said: Written, *, foot: Foot | None) -> Written:
    """With a way to refuse and who writes from where, whatever its template forgot."""
    if foot is None:
        return said
    text, html = add_foot(text=said.text, html=said.html, foot=foot)
    return replace(said, text=text, html=html)


def _outgoing(*, message: MessageToSend, said: Written, sender: str, reply_token: str) -> Outgoing:
    return Outgoing(
        message_id=message.message_id,
        address=message.address,
        subject=said.subject,
        text=said.text,
        html=said.html,
        payload=said.payload,
        headers=_refusal_headers(message=message, sender=sender) if message.channel == "email" else {},
        sender=sender,
        sender_name=" ".join(settings.REORDER.shop_name.split()),
        dated=format_datetime(message.dated_at),
        attachments=message.attachments,
        address_details=message.address_details,
        expires_at=message.expires_at,
        reply_token=reply_token,
    )


def _refusal_headers(*, message: MessageToSend, sender: str) -> dict[str, str]:
    """Ways to refuse without opening the mail (RFC 2369), by one click where our address is safe (RFC 8058)."""
    if message.purpose != "marketing" or message.customer_id is None:
        return {}
    mark = operations.unsubscribe_token(customer_id=message.customer_id, message_id=message.id)
    link = operations.unsubscribe_url(customer_id=message.customer_id, message_id=message.id)
    by_mail = f"mailto:{sender}?subject={quote(f'unsubscribe {mark}')}"
    headers = {"List-Unsubscribe": ", ".join(f"<{one}>" for one in (link, by_mail) if one), "Precedence": "bulk"}
    if link.startswith("https://"):
        # Mail programs may post to the first link by themselves.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
