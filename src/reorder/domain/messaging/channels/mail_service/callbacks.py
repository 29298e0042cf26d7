"""What mail services tell of mails, believed and read by anymail."""

import datetime as dt
import hashlib
import warnings
from importlib import import_module
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadCallback,
    Callback,
    CallbackRead,
    ChannelTools,
    ToldEvent,
)
from reorder.domain.messaging.channels.mail_service.services import MARK, SERVICES

_KINDS: Final = {
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "bounced": "bounced",
    "rejected": "bounced",
    "failed": "bounced",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
_VIEWS: Final = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
}


def make_reader(*, account: AccountValues, tools: ChannelTools) -> "MailServiceReader":
    """Reads what the service of an account tells."""
    return MailServiceReader(account=account)


class MailServiceReader:
    """Believes what is signed, or carries the password."""

    def __init__(self, *, account: AccountValues) -> None:
        self._account = account

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """Events of mails; kinds that mean nothing to us are passed over. Raises BadCallback."""
        if not self._account.secret("webhook_secret"):
            raise BadCallback(way=self._account.name, reason="no secret is entered to know it by")
        request = _request(callback)
        try:
            view = self._view()
            view.run_validators(request)
        except SuspiciousOperation as fault:
            raise BadCallback(way=self._account.name, reason="the signature is wrong") from fault
        try:
            told = list(view.parse_events(request))
        except (ValueError, KeyError, TypeError, AttributeError, SuspiciousOperation) as fault:
            raise BadCallback(way=self._account.name, reason="it cannot be read") from fault
        events = [_event(one, callback.received_at) for one in told]
        return CallbackRead(events=tuple(one for one in events if one is not None))

    def _view(self) -> Any:
        name = self._account.option("service")
        view = getattr(import_module(f"anymail.webhooks.{name}"), _VIEWS[name])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return view(**{SERVICES[name].webhook_name: self._account.secret("webhook_secret")})


def _request(callback: Callback) -> WSGIRequest:
    """The message as anymail wants to read it."""
    parts = urlsplit(callback.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or 443),
        "wsgi.url_scheme": parts.scheme or "https",
        "wsgi.input": BytesIO(callback.body),
        "CONTENT_TYPE": callback.content_type,
        "CONTENT_LENGTH": str(len(callback.body)),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in callback.headers.items()}
    return WSGIRequest(environ)


def _event(told: Any, received_at: dt.datetime) -> ToldEvent | None:
    kind = _KINDS.get(str(told.event_type))
    if kind is None:
        return None
    moment = told.timestamp if isinstance(told.timestamp, dt.datetime) else received_at
    metadata = told.metadata if isinstance(told.metadata, dict) else {}
    provider_key = str(told.message_id or "")
    said = str(told.mta_response or told.description or told.reject_reason or "")[:300]
    parts = [str(told.event_id or ""), provider_key, kind, moment.isoformat(), str(told.click_url or "")]
    return ToldEvent(
        kind=kind,
        happened_at=min(moment, received_at),
        key=hashlib.sha256("|".join(parts).encode()).hexdigest(),
        message_id=str(metadata.get(MARK) or ""),
        provider_key=provider_key,
        address=str(told.recipient or ""),
        url=str(told.click_url or "")[:2_000],
        is_permanent=str(told.event_type) == "bounced" and str(told.reject_reason) in {"bounced", "invalid"},
        details={"said": said} if said else {},
    )
