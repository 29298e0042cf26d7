"""A mail as bytes: the same mail gives the same bytes, so that writing it twice is writing it once."""

import hashlib
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy

from reorder.domain.messaging.channels.base import Outgoing


class _LongLine(UnstructuredHeader, BaseHeader):
    """A header on one line: folding would turn a long address into encoded words, which nobody decodes there."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _LongLine)
# Servers without 8BITMIME exist; everything is sent as 7-bit.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)


def mail_bytes(*, outgoing: Outgoing) -> bytes:
    """The mail by RFC 5322, lines ended by CRLF; raises ValueError when an address or header cannot be written."""
    try:
        return _build(outgoing).as_bytes()
    except (MessageError, IndexError) as cause:
        raise ValueError(str(cause)) from cause


def _build(mail: Outgoing) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=mail.sender_name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=mail.address)
    message["Subject"] = mail.subject
    message["Date"] = mail.dated
    message["Message-ID"] = mail.message_id
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        kind, _, subkind = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=kind, subtype=subkind or "octet-stream", filename=attachment.filename
        )
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        seed = hashlib.sha256(f"{mail.message_id} {number}".encode()).hexdigest()[:24]
        part.set_boundary(f"=_{seed}")
    return message
