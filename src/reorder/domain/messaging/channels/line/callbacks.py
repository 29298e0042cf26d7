"""What people do and write at the official account, signed by LINE with the channel secret."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any, Final

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadCallback,
    Callback,
    CallbackRead,
    ChannelTools,
    ToldWord,
)

_KINDS: Final = {"follow": "followed", "unfollow": "left", "message": "wrote", "accountLink": "linked"}


def make_reader(*, account: AccountValues, tools: ChannelTools) -> "LineReader":
    """Reads the messages of one official account."""
    return LineReader(account=account)


class LineReader:
    """Believes what is signed."""

    def __init__(self, *, account: AccountValues) -> None:
        self._account = account

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """The words in a message; kinds that mean nothing to us are passed over. Raises BadCallback."""
        digest = hmac.new(self._account.secret("channel_secret").encode(), callback.body, hashlib.sha256).digest()
        given = callback.header("x-line-signature").encode("utf-8", "replace")
        if not hmac.compare_digest(base64.b64encode(digest), given):
            raise BadCallback(way=self._account.name, reason="the signature is wrong")
        try:
            events = json.loads(callback.body)["events"]
        except (ValueError, KeyError, TypeError):
            raise BadCallback(way=self._account.name, reason="it cannot be read") from None
        listed = [one for one in events if isinstance(one, dict)] if isinstance(events, list) else []
        words = [_word(one, callback.received_at) for one in listed]
        return CallbackRead(words=tuple(one for one in words if one is not None))


def _word(event: dict[str, Any], received_at: dt.datetime) -> ToldWord | None:
    kind = _KINDS.get(str(event.get("type")))
    source = event.get("source")
    user_id = source.get("userId") if isinstance(source, dict) and source.get("type") == "user" else None
    link = event.get("link")
    nonce = str(link.get("nonce") or "") if isinstance(link, dict) and link.get("result") == "ok" else ""
    if kind is None or not isinstance(user_id, str) or (kind == "linked" and not nonce):
        return None
    message = event.get("message")
    return ToldWord(
        kind=kind,
        address=user_id,
        happened_at=_moment(event.get("timestamp"), received_at),
        key=str(event.get("webhookEventId") or ""),
        text=str(message.get("text") or "") if isinstance(message, dict) else "",
        reply_token=str(event.get("replyToken") or ""),
        link_word=nonce,
    )


def _moment(milliseconds: Any, received_at: dt.datetime) -> dt.datetime:
    try:
        told = dt.datetime.fromtimestamp(float(milliseconds) / 1000, tz=dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return received_at
    return min(told, received_at)
