"""What Twilio tells: what became of texts, and what readers answer; signed with the account's auth token."""

import base64
import datetime as dt
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadCallback,
    Callback,
    CallbackRead,
    ChannelTools,
    ToldEvent,
    ToldWord,
)

_STATES: Final = {"delivered": "delivered", "undelivered": "bounced", "failed": "bounced"}
# What Twilio's own opt-out knows, and what readers in Taiwan write.
_STOP: Final = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "停止", "退訂", "取消訂閱"}
)
_START: Final = frozenset({"START", "YES", "UNSTOP", "恢復", "訂閱"})
# Nobody has this number any more, or it takes no texts; others may be well tomorrow.
_PERMANENT: Final = frozenset({"30003", "30005", "30006", "21610", "21614"})
_NOTHING_TO_SAY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def make_reader(*, account: AccountValues, tools: ChannelTools) -> "TwilioReader":
    """Reads what Twilio tells about one account."""
    return TwilioReader(account=account)


class TwilioReader:
    """Believes what is signed for the address that it came to."""

    def __init__(self, *, account: AccountValues) -> None:
        self._account = account

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """A state of a text of ours, or a text of a reader's. Raises BadCallback."""
        form = dict(parse_qsl(callback.body.decode("utf-8", "replace"), keep_blank_values=True))
        signed = callback.url + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = hmac.new(self._account.secret("auth_token").encode(), signed.encode(), hashlib.sha1).digest()
        given = callback.header("x-twilio-signature").encode("utf-8", "replace")
        if not hmac.compare_digest(base64.b64encode(digest), given):
            raise BadCallback(way=self._account.name, reason="the signature is wrong")
        sid = form.get("MessageSid") or form.get("SmsSid") or ""
        state = form.get("MessageStatus") or form.get("SmsStatus") or ""
        if state in _STATES:
            return _read(events=(_event(form, sid, state, callback.received_at),))
        if form.get("From") and "Body" in form and state in {"", "received"}:
            return _read(words=(_word(form, sid, callback.received_at),))
        return _read()


def _read(*, events: tuple[ToldEvent, ...] = (), words: tuple[ToldWord, ...] = ()) -> CallbackRead:
    return CallbackRead(events=events, words=words, reply=_NOTHING_TO_SAY, reply_type="text/xml; charset=utf-8")


def _event(form: dict[str, str], sid: str, state: str, received_at: dt.datetime) -> ToldEvent:
    return ToldEvent(
        kind=_STATES[state],
        happened_at=received_at,
        key=f"{sid}:{state}",
        provider_key=sid,
        address=form.get("To", ""),
        is_permanent=form.get("ErrorCode", "") in _PERMANENT,
        details={"code": form["ErrorCode"]} if form.get("ErrorCode") else {},
    )


def _word(form: dict[str, str], sid: str, received_at: dt.datetime) -> ToldWord:
    text = form["Body"].strip()
    said = text.upper().strip(" .!。！")
    kind = "stopped" if said in _STOP else "started" if said in _START else "wrote"
    return ToldWord(kind=kind, address=form["From"], happened_at=received_at, key=sid, text=text)
