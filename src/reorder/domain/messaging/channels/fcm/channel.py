"""Notifications in apps by FCM's HTTP v1 interface; it knows no idempotency key, so a lost answer parks the message."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    ChannelTools,
    ChannelUnreached,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.fcm.card import ADDRESS
from reorder.domain.messaging.channels.http import (
    outcome_of_fault,
    outcome_of_garbage,
    outcome_of_status,
    post_json,
    read_object,
)
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpAnswer

_SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
_USUAL_TTL: Final = dt.timedelta(days=2)
_LONGEST_TTL: Final = dt.timedelta(days=28)
# The app was removed, or its token belongs to another project.
_GONE: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH", "NOT_FOUND"})


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "FcmChannel":
    """The sender of an account. Raises BadAccountOption when the service account cannot be read."""
    return FcmChannel(account=account, tools=tools)


class FcmChannel(HttpChannel):
    """One Firebase project."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        # Loading it costs time, and most processes never push.
        from google.oauth2 import service_account

        super().__init__(account=account, tools=tools)
        try:
            given = json.loads(account.secret("service_account"))
            self._project = str(given["project_id"])
            self._credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                given, scopes=[_SCOPE]
            )
        except (ValueError, KeyError, TypeError) as fault:
            reason = "it is not the file of a service account"
            raise BadAccountOption(account=account.name, what="Service account (JSON)", reason=reason) from fault

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Hand one notification over."""
        try:
            token = self._token()
        except ReorderError as fault:
            # Nothing was handed over yet.
            return outcome_of_fault(fault=ChannelUnreached(way=self._account.name, cause=str(fault)), may_repeat=False)
        url = f"{self._account.option('address', ADDRESS).rstrip('/')}/v1/projects/{self._project}/messages:send"
        try:
            answer = post_json(
                tools=self._tools,
                url=url,
                body={"message": message_of(outgoing=outgoing, now=self._tools.now())},
                headers={"authorization": f"Bearer {token}"},
            )
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=False)
        return self._judge(answer)

    def check(self) -> str:
        """Have Google take the key. Raises ChannelUnreached."""
        self._token()
        return self._project

    def _judge(self, answer: HttpAnswer) -> Outcome:
        said = read_object(answer=answer) or {}
        if answer.status < 300:
            if not isinstance(said.get("name"), str):
                return outcome_of_garbage(answer=answer, may_repeat=False)
            return Outcome(result=Result.DELIVERED, provider_key=said["name"])
        code, words = _fault_of(said)
        if code in _GONE:
            return Outcome(
                result=Result.REFUSED, code="outbox.failed.gone", error=f"{code} {words}"[:500], is_address_unknown=True
            )
        return outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now(), said=f"{code} {words}".strip())

    def _token(self) -> str:
        """A pass of Google's, asked for again when it is over. Raises ChannelUnreached."""
        from google.auth.exceptions import GoogleAuthError

        if not self._credentials.valid:
            try:
                self._credentials.refresh(_Transport(self._tools))
            except GoogleAuthError as fault:
                raise ChannelUnreached(way=self._account.name, cause=str(fault)[:300]) from fault
        return str(self._credentials.token)


class _Answer:
    """An answer as google-auth reads it."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.data = answer.body


class _Transport:
    """The guarded way out as google-auth asks for it."""

    def __init__(self, tools: ChannelTools) -> None:
        self._tools = tools

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_kwargs: Any,
    ) -> _Answer:
        """Ask as google-auth wants to; how long is bounded by the way out itself."""
        from google.auth.exceptions import TransportError

        raw = body.encode() if isinstance(body, str) else body or b""
        try:
            return _Answer(self._tools.send(url=url, method=method, headers=headers, body=raw))
        except ReorderError as fault:
            raise TransportError(str(fault)) from fault  # type: ignore[no-untyped-call]


def message_of(*, outgoing: Outgoing, now: dt.datetime) -> dict[str, Any]:
    """The notification in FCM's form; a repeated one replaces itself on the device. Pure."""
    payload = outgoing.payload
    ttl = min(max((outgoing.expires_at or now + _USUAL_TTL) - now, dt.timedelta(0)), _LONGEST_TTL)
    shown = {
        "title": str(payload.get("title") or outgoing.subject or outgoing.sender_name),
        "body": str(payload.get("body") or outgoing.text),
    }
    if payload.get("image"):
        shown["image"] = str(payload["image"])
    link = str(payload.get("url") or payload.get("link") or "")
    tag = outgoing.message_id.strip("<>").partition("@")[0][:60]
    return {
        "token": outgoing.address,
        "notification": shown,
        "data": {"url": link, "message": tag},
        "android": {"ttl": f"{int(ttl.total_seconds())}s", "collapse_key": tag, "notification": {"tag": tag}},
        "apns": {"headers": {"apns-expiration": str(int((now + ttl).timestamp())), "apns-collapse-id": tag}},
    }


def _fault_of(said: Mapping[str, Any]) -> tuple[str, str]:
    fault = said.get("error")
    if not isinstance(fault, dict):
        return "", ""
    details = fault.get("details")
    listed = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    code = next((str(one["errorCode"]) for one in listed if one.get("errorCode")), str(fault.get("status") or ""))
    return code, str(fault.get("message") or "")
