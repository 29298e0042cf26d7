"""Ways out for messages: SMTP, or a folder of .eml files; `REORDER_MAIL_URL` chooses."""

import math
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from reorder.domain.messaging.channels.base import Mail, MailNotReady, MessageChannel, Outcome, Result
from reorder.domain.messaging.channels.email_smtp import EmailOverSmtp, SmtpServer
from reorder.domain.messaging.channels.mail_folder import MailFolder

__all__ = [
    "Mail",
    "MailNotReady",
    "MessageChannel",
    "Outcome",
    "Result",
    "channel_of",
    "check_mail",
    "open_channel",
    "open_impatient_channel",
]

# A web thread waits, and there are few of them.
_PATIENCE_SECONDS = 5.0
_SECURITY = {"smtp": ("", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587)}


def open_channel() -> MessageChannel:
    """The channel that the settings name."""
    return channel_of(mail_url=settings.REORDER.mail_url, home=settings.HOME)


def open_impatient_channel() -> MessageChannel:
    """The same, for while somebody waits for a page: a server that says nothing is given up within seconds."""
    return channel_of(mail_url=settings.REORDER.mail_url, home=settings.HOME, patience_seconds=_PATIENCE_SECONDS)


def check_mail() -> str:
    """Where mail goes, after trying to reach it with little patience; raises MailNotReady."""
    with open_impatient_channel() as channel:
        return channel.check()


def channel_of(*, mail_url: str, home: Path, patience_seconds: float = math.inf) -> MessageChannel:
    """`folder:` (mail in the home folder), `folder:/path`, or `smtp://user:password@host:port?timeout_seconds=30`.

    `smtps://` speaks TLS from the first byte, `smtp+starttls://` after the greeting; user and password are
    percent-encoded where needed. No step takes longer than `patience_seconds`, whatever the address says.
    """
    parts = urlsplit(mail_url)
    if parts.scheme == "folder":
        path = unquote(mail_url.removeprefix("folder:").removeprefix("//"))
        return MailFolder(folder=Path(path).expanduser() if path else home / "mail")
    security, port = _SECURITY[parts.scheme]
    if not parts.hostname:
        raise MailNotReady(address=f"{parts.scheme}:", cause="no host is named")
    try:
        timeout_seconds = float(parse_qs(parts.query).get("timeout_seconds", ["30"])[0])
        port = parts.port or port
    except ValueError as cause:
        raise MailNotReady(address=parts.hostname, cause=cause) from cause
    server = SmtpServer(
        host=parts.hostname,
        port=port,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        timeout_seconds=min(timeout_seconds, patience_seconds),
    )
    return EmailOverSmtp(server=server)
