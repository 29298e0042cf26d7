"""Notifications by the browsers' own push services (RFC 8030), encrypted for the browser alone (RFC 8291).

The service is where the subscription says, so it is reached by the guarded way out only. 404 and 410 mean that the
subscription is over: it is not used again.
"""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    ChannelTools,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.http import outcome_of_fault, outcome_of_status
from reorder.domain.messaging.channels.web_push.keys import public_key_of, read_private_key
from reorder.kernel.errors import ReorderError

_GONE: Final = frozenset({404, 410})
_LONGEST_TTL: Final = dt.timedelta(days=28)
_USUAL_TTL: Final = dt.timedelta(days=2)
_PASS_LASTS: Final = dt.timedelta(hours=12)
# Push services take 4,096 bytes, of which encryption needs 103.
_BYTES_MOST: Final = 3_900
_TEXT_MOST: Final = 1_000


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "WebPushChannel":
    """The sender with the account's keys. Raises BadAccountOption for keys that are none."""
    try:
        return WebPushChannel(account=account, tools=tools)
    except ValueError as fault:
        raise BadAccountOption(account=account.name, what="Private key (VAPID)", reason=str(fault)) from fault


class WebPushChannel(HttpChannel):
    """Sends with one pair of keys; a pass for a push service is made once and used for half a day."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        super().__init__(account=account, tools=tools)
        self._key = read_private_key(text=account.secret("private_key"))
        self._public = public_key_of(private_key=account.secret("private_key"))
        self._passes: dict[str, str] = {}

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Encrypt for the browser and hand over to its service."""
        try:
            body = _encrypted(outgoing)
        except (ValueError, KeyError, TypeError) as fault:
            return Outcome(
                result=Result.REFUSED,
                code="outbox.failed.unwritable",
                error=f"{type(fault).__name__}: {fault}"[:500],
                is_address_unknown=True,
            )
        try:
            answer = self._tools.send(url=outgoing.address, headers=self._headers(outgoing), body=body)
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=False)
        if answer.status < 300:
            return Outcome(result=Result.DELIVERED, provider_key=str(answer.headers.get("location") or "")[:500])
        outcome = outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now())
        if answer.status in _GONE:
            return Outcome(
                result=Result.REFUSED, code="outbox.failed.gone", error=outcome.error, is_address_unknown=True
            )
        # One browser's service says nothing about those of others.
        return _alone(outcome)

    def check(self) -> str:
        """There is nothing to ask: the public key shows that the private one is well."""
        return self._public

    def _headers(self, outgoing: Outgoing) -> dict[str, str]:
        now = self._tools.now()
        ttl = min(max((outgoing.expires_at or now + _USUAL_TTL) - now, dt.timedelta(0)), _LONGEST_TTL)
        topic = base64.urlsafe_b64encode(hashlib.sha256(outgoing.message_id.encode()).digest()[:24]).decode()
        return {
            "authorization": f"vapid t={self._pass(outgoing.address)}, k={self._public}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(ttl.total_seconds())),
            "urgency": self._account.option("urgency", "normal"),
            "topic": topic,
        }

    def _pass(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._passes:
            claims = {
                "aud": origin,
                "exp": int((self._tools.now() + _PASS_LASTS).timestamp()),
                "sub": self._account.option("contact"),
            }
            self._passes[origin] = _signed(claims, self._key)
        return self._passes[origin]


def _alone(outcome: Outcome) -> Outcome:
    if outcome.code == "outbox.retry.account":
        return outcome
    return Outcome(
        result=outcome.result,
        code=outcome.code,
        error=outcome.error,
        retry_after_seconds=outcome.retry_after_seconds,
    )


def _encrypted(outgoing: Outgoing) -> bytes:
    # It brings two HTTP libraries along, and most processes never push.
    from pywebpush import WebPusher, WebPushException

    shown = shown_of(outgoing=outgoing)
    keys = outgoing.address_details["keys"]
    told = {"endpoint": outgoing.address, "keys": {"p256dh": keys["p256dh"], "auth": keys["auth"]}}
    try:
        encoded = WebPusher(told).encode(json.dumps(shown, ensure_ascii=False).encode(), content_encoding="aes128gcm")
    except WebPushException as fault:
        raise ValueError(str(fault)) from fault
    body = encoded.get("body") if encoded else None
    if not isinstance(body, bytes):
        raise ValueError("it could not be encrypted")
    return body


def shown_of(*, outgoing: Outgoing) -> dict[str, Any]:
    """What our service worker shows: title, body, url, and a tag by which a repeated one replaces itself. Pure."""
    payload: Mapping[str, Any] = outgoing.payload
    shown = {
        "title": str(payload.get("title") or outgoing.subject or outgoing.sender_name)[:200],
        "body": str(payload.get("body") or outgoing.text)[:_TEXT_MOST],
        "url": str(payload.get("url") or payload.get("link") or "")[:1_000],
        "icon": str(payload.get("icon") or "")[:500],
        "image": str(payload.get("image") or "")[:500],
        "tag": hashlib.sha256(outgoing.message_id.encode()).hexdigest()[:16],
    }
    while len(json.dumps(shown, ensure_ascii=False).encode()) > _BYTES_MOST and shown["body"]:
        shown["body"] = shown["body"][: len(shown["body"]) * 3 // 4].rstrip() + "…" if len(shown["body"]) > 8 else ""
    return shown


def _signed(claims: Mapping[str, object], key: Any) -> str:
    """A JSON Web Token by ES256 (RFC 7515, 7518), which is all that RFC 8292 asks for."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    head = part(json.dumps({"typ": "JWT", "alg": "ES256"}, separators=(",", ":")).encode())
    signed = f"{head}.{part(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
