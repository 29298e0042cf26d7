"""Ways out for messages, one folder an adapter: those of accounts, and for mail the one that the settings name."""

import math
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    CallbackReader,
    ChannelCard,
    ChannelTools,
    MailNotReady,
    MessageChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.folder.channel import MailFolder
from reorder.domain.messaging.channels.smtp.channel import EmailOverSmtp, SmtpServer

__all__ = [
    "ADAPTERS",
    "MailNotReady",
    "MessageChannel",
    "Outcome",
    "Outgoing",
    "Result",
    "channel_of",
    "check_mail",
    "get_card",
    "list_cards",
    "make_channel",
    "make_reader",
    "open_channel",
    "open_impatient_channel",
    "refuse_missing",
]

# In the order in which they are offered; the folder of settings mail has no account.
ADAPTERS: Final = (
    "smtp",
    "mail_service",
    "line",
    "web_push",
    "fcm",
    "twilio",
    "chat_service",
    "chat_room",
    "facebook_page",
    "webhook",
)
_HOME: Final = "reorder.domain.messaging.channels"
# A web thread waits, and there are few of them.
_PATIENCE_SECONDS = 5.0
_SECURITY = {"smtp": ("", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587)}


def get_card(*, provider: str) -> ChannelCard:
    """What an adapter is and needs. Raises BadAccountOption for a name that is none."""
    if provider not in ADAPTERS:
        raise BadAccountOption(account=provider, what="provider", reason="choose one of those offered")
    card: ChannelCard = import_module(f"{_HOME}.{provider}.card").CARD
    return card


def list_cards() -> tuple[ChannelCard, ...]:
    """Every adapter that accounts can have."""
    return tuple(get_card(provider=name) for name in ADAPTERS)


def make_channel(*, account: AccountValues, tools: ChannelTools) -> MessageChannel:
    """The way out of an account, not yet entered. Raises BadAccountOption, ExtraMissing."""
    refuse_missing(account=account)
    made: MessageChannel = import_module(f"{_HOME}.{account.provider}.channel").make_channel(
        account=account, tools=tools
    )
    return made


def make_reader(*, account: AccountValues, tools: ChannelTools) -> CallbackReader:
    """What believes and reads the provider's messages. Raises BadAccountOption, ExtraMissing."""
    made: CallbackReader = import_module(f"{_HOME}.{account.provider}.callbacks").make_reader(
        account=account, tools=tools
    )
    return made


def refuse_missing(*, account: AccountValues) -> None:
    """Raises BadAccountOption with the first thing that an account of this adapter needs and lacks."""
    for one in get_card(provider=account.provider).fields:
        given = account.secret(one.name) if one.is_secret else account.option(one.name, one.default)
        if one.is_needed and not given:
            raise BadAccountOption(account=account.name, what=one.label, reason="it is needed")
        if one.choices and given and given not in dict(one.choices):
            raise BadAccountOption(account=account.name, what=one.label, reason="choose one of those offered")


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
