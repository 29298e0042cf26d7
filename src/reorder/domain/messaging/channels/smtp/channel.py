"""E-mail over SMTP, step by step, because the step at which it breaks decides what may be done next.

Until the last line of the content is on its way nothing can have been delivered; after that, only an answer of the
server says so, and without one the outcome is unknown (RFC 5321, 6.1).
"""

import re
import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

from reorder.domain.messaging.channels.base import (
    PRIVATE_ADDRESS,
    AccountValues,
    BadAccountOption,
    ChannelTools,
    MailNotReady,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.mime import mail_bytes

# Replies to RCPT that say that this mailbox does not exist (RFC 5321, 4.2.3).
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_LOST = (OSError, smtplib.SMTPServerDisconnected)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how to speak SMTP; `security` is "", "tls" (from the first byte) or "starttls"."""

    host: str
    port: int
    security: str = ""
    user: str = ""
    password: str = ""
    timeout_seconds: float = 30.0


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "EmailOverSmtp":
    """The mail server of an account."""
    security = account.option("security", "starttls")
    security = "" if security == "none" else security
    try:
        port = int(account.option("port") or {"tls": "465", "starttls": "587"}.get(security, "25"))
    except ValueError:
        raise BadAccountOption(account=account.name, what="Port", reason="it is no number") from None
    if not tools.is_address_allowed(account.option("host")):
        raise BadAccountOption(account=account.name, what="Server", reason=PRIVATE_ADDRESS)
    return EmailOverSmtp(
        server=SmtpServer(
            host=account.option("host"),
            port=port,
            security=security,
            user=account.option("user"),
            password=account.secret("password"),
        )
    )


class EmailOverSmtp:
    """One connection for many mails, made when first needed and again when the server has closed it."""

    def __init__(self, *, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (*_LOST, smtplib.SMTPException):
                self._drop()
        self._smtp = None

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Hand over one mail; see the module's first lines for what each break means."""
        try:
            content = mail_bytes(outgoing=outgoing)
            outgoing.address.encode("ascii")
        except ValueError as cause:
            return Outcome(result=Result.REFUSED, code="outbox.failed.unwritable", error=str(cause))
        is_reused = self._smtp is not None
        outcome = self._converse(mail=outgoing, content=content)
        if is_reused and outcome.result is Result.NOT_DELIVERED and self._smtp is None:
            # Servers close connections that were idle or carried enough mails; a fresh one tells more.
            return self._converse(mail=outgoing, content=content)
        return outcome

    def check(self) -> str:
        """Connect and sign in; raises MailNotReady with the server's words."""
        try:
            self._connected()
        except (*_LOST, smtplib.SMTPException) as cause:
            raise MailNotReady(address=f"{self._server.host}:{self._server.port}", cause=_words(cause)) from cause
        return _("mail goes out by {address}").format(address=f"{self._server.host}:{self._server.port}")

    def _converse(self, *, mail: Outgoing, content: bytes) -> Outcome:
        try:
            smtp = self._connected()
            refused = self._open_envelope(smtp=smtp, mail=mail)
            if refused is not None:
                return refused
        except (*_LOST, smtplib.SMTPException) as cause:
            self._drop()
            return Outcome(
                result=Result.NOT_DELIVERED, code="outbox.retry.no_contact", error=_words(cause), is_channel_down=True
            )
        try:
            smtp.send(_dotted(content))
            code, reply = smtp.getreply()
        except (*_LOST, smtplib.SMTPException) as cause:
            self._drop()
            return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=_words(cause))
        return self._judge_answer(code=code, reply=reply)

    def _open_envelope(self, *, smtp: smtplib.SMTP, mail: Outgoing) -> Outcome | None:
        """Sender, recipient and DATA; None when the server waits for the content."""
        code, reply = smtp.mail(mail.sender)
        if code != 250:
            # It refuses the sender, so it would refuse every mail of ours.
            return self._not_now(code=code, reply=reply, is_channel_down=True)
        code, reply = smtp.rcpt(mail.address)
        if code not in {250, 251}:
            return self._judge_recipient(code=code, reply=reply)
        code, reply = smtp.docmd("DATA")
        if code != 354:
            return self._judge_recipient(code=code, reply=reply, is_about_address=False)
        return None

    def _judge_recipient(self, *, code: int, reply: bytes, is_about_address: bool = True) -> Outcome:
        if 500 <= code <= 599:
            self._forget_envelope()
            return Outcome(
                result=Result.REFUSED,
                code="outbox.failed.refused",
                error=_reply(code, reply),
                is_address_unknown=is_about_address and code in _NO_SUCH_MAILBOX,
            )
        return self._not_now(code=code, reply=reply, is_channel_down=code == 421)

    def _judge_answer(self, *, code: int, reply: bytes) -> Outcome:
        if 200 <= code <= 299:
            return Outcome(result=Result.DELIVERED)
        if 400 <= code <= 499:
            return self._not_now(code=code, reply=reply, is_channel_down=code == 421)
        if 500 <= code <= 599:
            return Outcome(result=Result.REFUSED, code="outbox.failed.refused", error=_reply(code, reply))
        self._drop()
        return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=_reply(code, reply))

    def _not_now(self, *, code: int, reply: bytes, is_channel_down: bool) -> Outcome:
        if code == 421:
            self._drop()
        else:
            self._forget_envelope()
        return Outcome(
            result=Result.NOT_DELIVERED,
            code="outbox.retry.put_off",
            error=_reply(code, reply),
            is_channel_down=is_channel_down,
        )

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = _connect(self._server)
        return self._smtp

    def _forget_envelope(self) -> None:
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except _LOST:
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _connect(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_seconds, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _dotted(content: bytes) -> bytes:
    """The content with leading dots doubled and the closing line (RFC 5321, 4.5.2)."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _reply(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}"[:500]


def _words(cause: BaseException) -> str:
    return f"{type(cause).__name__}: {cause}"[:500]
