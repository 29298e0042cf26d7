"""LINE's Messaging API: a reply where somebody has just written, else a push, or one multicast for equal content.

Every attempt of a push carries the same retry key, so that one whose answer was lost may be repeated: LINE answers 409
when it had taken it. A multicast is repeated at once under its key and then parked: put together otherwise later, its
key would speak of other people. A reply knows no key and is never repeated.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reorder.domain.messaging.channels.base import (
    AccountValues,
    ChannelTools,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.http import (
    outcome_of_fault,
    outcome_of_garbage,
    outcome_of_status,
    post_json,
    read_checked,
    read_object,
)
from reorder.domain.messaging.channels.line.card import ADDRESS
from reorder.domain.messaging.channels.line.shapes import messages_of
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpAnswer

_KEYS: Final = uuid.UUID("6f2b7a52-0f5e-4c5f-9d6e-6f0f6a1c1e11")
_TRIES: Final = 3
_CONFLICT, _TOO_MANY, _BAD = 409, 429, 400
# A month's limit is not over in a minute; the way asks again every day.
_MONTH_WAIT_SECONDS: Final = 24 * 3600.0
_GONE_WORDS: Final = ("not found", "hasn't added", "not a friend", "invalid user", "the property, 'to'")


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "LineChannel":
    """The official account of an account of ours."""
    return LineChannel(account=account, tools=tools)


class LineChannel(HttpChannel):
    """One official account."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        super().__init__(account=account, tools=tools)
        self._address = account.option("address", ADDRESS).rstrip("/")

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Reply where there is a pass to, else push."""
        messages = messages_of(outgoing=outgoing)
        if outgoing.reply_token:
            replied = self._reply(token=outgoing.reply_token, messages=messages)
            if replied is not None:
                return replied
        key = str(uuid.uuid5(_KEYS, outgoing.message_id))
        return self._attempt(
            path="push", body={"to": outgoing.address, "messages": messages}, retry_key=key, may_repeat=True
        )

    def send_many(self, *, outgoings: Sequence[Outgoing]) -> list[Outcome]:
        """One multicast; LINE does not say who of them blocked us, and bills nothing for those."""
        key = str(uuid.uuid5(_KEYS, " ".join(sorted(one.message_id for one in outgoings))))
        body = {"to": [one.address for one in outgoings], "messages": messages_of(outgoing=outgoings[0])}
        outcome = self._attempt(path="multicast", body=body, retry_key=key, may_repeat=False)
        for _ in range(_TRIES - 1):
            if outcome.result is not Result.UNKNOWN:
                break
            outcome = self._attempt(path="multicast", body=body, retry_key=key, may_repeat=False)
        return [outcome] * len(outgoings)

    def check(self) -> str:
        """Ask who we are. Raises ChannelUnreached, ChannelUnsure, CheckFailed."""
        answer = self._ask("/v2/bot/info", method="GET")
        return str(read_checked(answer=answer, way=self._account.name).get("displayName") or "LINE")

    def ask_quota(self) -> tuple[int | None, int]:
        """This month's limit (None: none) and what LINE has counted of it. Raises as `check`."""
        limit = read_checked(answer=self._ask("/v2/bot/message/quota", method="GET"), way=self._account.name)
        used = read_checked(answer=self._ask("/v2/bot/message/quota/consumption", method="GET"), way=self._account.name)
        value = limit.get("value") if limit.get("type") == "limited" else None
        return (int(value) if value is not None else None), int(used.get("totalUsage") or 0)

    def ask_link_token(self, *, user_id: str) -> str:
        """A pass with which LINE ties this person to who signs in at our shop. Raises as `check`."""
        answer = self._ask(f"/v2/bot/user/{user_id}/linkToken")
        return str(read_checked(answer=answer, way=self._account.name).get("linkToken") or "")

    def greet(self, *, reply_token: str, messages: Sequence[Mapping[str, Any]]) -> Outcome | None:
        """Answer somebody for nothing; None when the pass was no longer good."""
        return self._reply(token=reply_token, messages=messages)

    def _reply(self, *, token: str, messages: Sequence[Mapping[str, Any]]) -> Outcome | None:
        try:
            answer = self._post("reply", {"replyToken": token, "messages": list(messages)}, {})
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=False)
        if answer.status == _BAD:
            # The pass is over, or was used: nothing was sent, and a push may follow.
            return None
        if answer.status < 300:
            return Outcome(result=Result.DELIVERED, code="outbox.sent.reply", cost_micros=0, billed_count=0)
        return outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now())

    def _attempt(self, *, path: str, body: Mapping[str, Any], retry_key: str, may_repeat: bool) -> Outcome:
        try:
            answer = self._post(path, body, {"x-line-retry-key": retry_key})
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=may_repeat)
        return self._judge(answer, may_repeat=may_repeat)

    def _judge(self, answer: HttpAnswer, *, may_repeat: bool) -> Outcome:
        said = read_object(answer=answer) or {}
        words = str(said.get("message") or "")
        if answer.status == _CONFLICT:
            # It was taken before, and only the answer was lost.
            return Outcome(result=Result.DELIVERED, provider_key=_header(answer, "x-line-accepted-request-id"))
        if answer.status < 300:
            if read_object(answer=answer) is None:
                return outcome_of_garbage(answer=answer, may_repeat=may_repeat)
            return Outcome(result=Result.DELIVERED, provider_key=_header(answer, "x-line-request-id"))
        outcome = outcome_of_status(answer=answer, may_repeat=may_repeat, now=self._tools.now(), said=words)
        if answer.status == _TOO_MANY and "monthly limit" in words:
            return replace(outcome, code="outbox.retry.quota", retry_after_seconds=_MONTH_WAIT_SECONDS)
        if outcome.result is Result.REFUSED and any(one in words.lower() for one in _GONE_WORDS):
            return replace(outcome, is_address_unknown=True)
        return outcome

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> HttpAnswer:
        return post_json(
            tools=self._tools,
            url=f"{self._address}/v2/bot/message/{path}",
            body=body,
            headers={**self._authorization(), **headers},
        )

    def _ask(self, path: str, *, method: str = "POST") -> HttpAnswer:
        return self._tools.send(url=self._address + path, method=method, headers=self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._account.secret('access_token')}"}


def _header(answer: HttpAnswer, name: str) -> str:
    return str(answer.headers.get(name) or "")
