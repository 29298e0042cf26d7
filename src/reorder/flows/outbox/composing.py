"""A claimed message as its channel gets it: rendered, with sender, headers and what else the address needs."""

from email.utils import format_datetime
from urllib.parse import quote

from django.conf import settings

from reorder.domain.messaging import operations
from reorder.domain.messaging.channels.base import Outgoing
from reorder.domain.messaging.operations import MessageToSend


def compose(*, message: MessageToSend, sender: str, reply_token: str = "") -> Outgoing:
    """The message complete. Raises what rendering its template raises (a ReorderError)."""
    subject, text, html, payload = message.subject, message.body_text, message.body_html, {}
    if message.template_version_id is not None:
        # Marketing content lies beside this flow and asks nothing of it.
        from reorder.flows.content import render_message

        rendered = render_message(message=message)
        subject, text, html, payload = rendered.subject, rendered.text, rendered.html, rendered.payload
    return Outgoing(
        message_id=message.message_id,
        address=message.address,
        subject=subject,
        text=text,
        html=html,
        payload=payload or {},
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
    mark = operations.unsubscribe_token(customer_id=message.customer_id)
    link = operations.unsubscribe_url(customer_id=message.customer_id)
    by_mail = f"mailto:{sender}?subject={quote(f'unsubscribe {mark}')}"
    headers = {"List-Unsubscribe": ", ".join(f"<{one}>" for one in (link, by_mail) if one), "Precedence": "bulk"}
    if link.startswith("https://"):
        # Mail programs may post to the first link by themselves.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
