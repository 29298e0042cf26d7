"""Mail by services' own interfaces, through anymail. None of them takes an idempotency key, so a lost answer parks.

Our Message-ID travels along as a mark: what the service tells later finds the mail even when its answer was lost.
"""

import warnings
from email.utils import formataddr
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMultiAlternatives

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    ChannelTools,
    ExtraMissing,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.http import outcome_of_garbage, outcome_of_status
from reorder.domain.messaging.channels.mail_service.services import MARK, SERVICES
from reorder.kernel.http_calls import HttpAnswer


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "MailServiceChannel":
    """The mail service of an account. Raises BadAccountOption, ExtraMissing."""
    return MailServiceChannel(account=account, tools=tools)


class MailServiceChannel:
    """One account at one service."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        self._account = account
        self._tools = tools
        self._backend = _backend(account)

    def __enter__(self) -> Self:
        self._backend.open()
        session = getattr(self._backend, "session", None)
        if session is not None:
            from reorder.domain.messaging.channels.mail_service.guarded import GuardedAdapter

            session.trust_env = False
            session.mount("https://", GuardedAdapter(self._tools.send))
            session.mount("http://", GuardedAdapter(self._tools.send))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._backend.close()

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Hand one mail over."""
        from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

        try:
            mail = _mail(outgoing, sender=self._account.option("sender", outgoing.sender))
        except ValueError as fault:
            return _unwritable(fault)
        try:
            self._backend.send_messages([mail])
        except AnymailRecipientsRefused as fault:
            return Outcome(result=Result.REFUSED, code="outbox.failed.refused", error=str(fault)[:500])
        except AnymailAPIError as fault:
            return self._judge(fault)
        except (AnymailError, ValueError) as fault:
            return _unwritable(fault)
        return Outcome(result=Result.DELIVERED, provider_key=str(mail.anymail_status.message_id or "")[:500])

    def check(self) -> str:
        """Services have no harmless question in common: that the account can be opened is all that can be said."""
        return str(getattr(self._backend, "esp_name", self._account.option("service")))

    def _judge(self, fault: Any) -> Outcome:
        """What a fault of the interface means: no answer, an answer that cannot be read, or a refusal."""
        import requests

        response = getattr(fault, "response", None)
        if response is None:
            if isinstance(fault.__cause__, requests.exceptions.ConnectTimeout):
                return Outcome(
                    result=Result.NOT_DELIVERED,
                    code="outbox.retry.no_contact",
                    error=str(fault.__cause__)[:500],
                    is_channel_down=True,
                )
            return Outcome(
                result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=str(fault.__cause__ or fault)[:500]
            )
        answer = HttpAnswer(
            status=response.status_code, headers=dict(response.headers.lower_items()), body=response.content
        )
        if answer.status < 300:
            return outcome_of_garbage(answer=answer, may_repeat=False)
        return outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now())


def _backend(account: AccountValues) -> Any:
    name = account.option("service")
    service = SERVICES[name]
    # Not every service can be told to follow neither links nor opens; those cannot be followed by it either.
    values: dict[str, Any] = {"ignore_unsupported_features": True}
    if service.key:
        values[service.key] = account.secret("api_key")
    if account.option("address"):
        values["api_url"] = account.option("address")
    if name == "mailgun":
        values["sender_domain"] = account.option("domain") or None
    if name == "mailjet":
        values["secret_key"] = account.secret("api_secret")
    if name == "amazon_ses":
        if find_spec("boto3") is None:
            raise ExtraMissing(provider="Amazon SES", command="pip install boto3")
        values["client_params"] = {
            "aws_access_key_id": account.secret("api_key"),
            "aws_secret_access_key": account.secret("api_secret"),
            "region_name": account.option("region", "us-east-1"),
        }
    with warnings.catch_warnings():
        # What anymail no longer tests it says so of; whether it works is seen at the first mail.
        warnings.simplefilter("ignore")
        try:
            return import_module(f"anymail.backends.{name}").EmailBackend(fail_silently=False, **values)
        except (TypeError, ValueError) as fault:
            raise BadAccountOption(account=account.name, what="Service", reason=str(fault)[:200]) from fault


def _mail(outgoing: Outgoing, *, sender: str) -> Any:
    mail: Any = EmailMultiAlternatives(
        subject=outgoing.subject,
        body=outgoing.text,
        from_email=formataddr((outgoing.sender_name, sender)),
        to=[outgoing.address],
        headers={"Message-ID": outgoing.message_id, **outgoing.headers},
    )
    if outgoing.html:
        mail.attach_alternative(outgoing.html, "text/html")
    for one in outgoing.attachments:
        mail.attach(one.filename, one.content, one.media_type)
    mail.metadata = {MARK: outgoing.message_id}
    # Links and opens are followed by us alone, where the person agreed.
    mail.track_clicks = False
    mail.track_opens = False
    return mail


def _unwritable(fault: Exception) -> Outcome:
    return Outcome(
        result=Result.REFUSED, code="outbox.failed.unwritable", error=f"{type(fault).__name__}: {fault}"[:500]
    )
