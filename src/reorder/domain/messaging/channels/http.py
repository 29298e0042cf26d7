"""What answers over HTTP mean for a message, in one place for all providers."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from reorder.domain.messaging.channels.base import (
    ChannelTools,
    ChannelUnreached,
    ChannelUnsure,
    CheckFailed,
    Outcome,
    Result,
)
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpAnswer
from reorder.kernel.retry_after import read_retry_after

_LONGEST_ERROR: Final = 500
# Codes of answers by which a server says that it took nothing.
_TOO_MANY, _AWAY = 429, 503


def post_json(*, tools: ChannelTools, url: str, body: Any, headers: Mapping[str, str]) -> HttpAnswer:
    """Post JSON. Raises ChannelUnreached, ChannelUnsure."""
    return tools.send(
        url=url,
        headers={"content-type": "application/json", "accept": "application/json", **headers},
        body=json.dumps(body, ensure_ascii=False).encode(),
    )


def read_object(*, answer: HttpAnswer) -> dict[str, Any] | None:
    """The answer as a JSON object; None when it is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_checked(*, answer: HttpAnswer, way: str) -> dict[str, Any]:
    """The object of an answer that had to succeed. Raises CheckFailed with the other side's words."""
    found = read_object(answer=answer)
    if answer.status >= 300 or found is None:
        said = answer.body[:200].decode("utf-8", "replace")
        raise CheckFailed(way=way, status=answer.status, said=_cut(said))
    return found


def outcome_of_fault(*, fault: ReorderError, may_repeat: bool) -> Outcome:
    """What a broken conversation means; `may_repeat`: the provider takes the same attempt no second time."""
    if isinstance(fault, ChannelUnreached) or may_repeat:
        return Outcome(
            result=Result.NOT_DELIVERED, code="outbox.retry.no_contact", error=_cut(str(fault)), is_channel_down=True
        )
    if isinstance(fault, ChannelUnsure):
        return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=_cut(str(fault)))
    raise fault


def outcome_of_status(*, answer: HttpAnswer, may_repeat: bool, now: dt.datetime, said: str = "") -> Outcome:
    """What an answer that is no success means. 2xx is judged by the adapter, which knows what must stand in it."""
    error = _cut(f"{answer.status} {said or answer.body[:_LONGEST_ERROR].decode('utf-8', 'replace')}")
    wait = retry_after_seconds(headers=answer.headers, now=now)
    if answer.status in {_TOO_MANY, _AWAY}:
        code = "outbox.retry.limited" if answer.status == _TOO_MANY else "outbox.retry.put_off"
        return Outcome(
            result=Result.NOT_DELIVERED, code=code, error=error, is_channel_down=True, retry_after_seconds=wait
        )
    if answer.status in {401, 403, 407}:
        # The keys of the account are wrong, so every message would fare the same.
        return Outcome(result=Result.NOT_DELIVERED, code="outbox.retry.account", error=error, is_channel_down=True)
    if answer.status >= 500 or answer.status < 400:
        if may_repeat:
            return Outcome(
                result=Result.NOT_DELIVERED,
                code="outbox.retry.put_off",
                error=error,
                is_channel_down=True,
                retry_after_seconds=wait,
            )
        return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=error)
    return Outcome(result=Result.REFUSED, code="outbox.failed.refused", error=error)


def outcome_of_garbage(*, answer: HttpAnswer, may_repeat: bool) -> Outcome:
    """A success that does not say what was taken: something between us and the provider may have answered."""
    error = _cut(f"{answer.status} {answer.body[:_LONGEST_ERROR].decode('utf-8', 'replace')}")
    if may_repeat:
        return Outcome(result=Result.NOT_DELIVERED, code="outbox.retry.put_off", error=error, is_channel_down=True)
    return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=error)


def retry_after_seconds(*, headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Seconds that the other side asks to wait, at most a day; None when it does not say."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    wait = read_retry_after(text=said, moment=now)
    return wait.total_seconds() if wait is not None else None


def _cut(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:_LONGEST_ERROR]
