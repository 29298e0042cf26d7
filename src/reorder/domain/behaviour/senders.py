"""Who sends a call, and what of it may be believed and kept. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.behaviour import errors
from reorder.domain.behaviour.inbox_rules import InboxRow, text_of
from reorder.domain.behaviour.rules import CLOCK_SKEW, LONGEST_KEY, Bounds
from reorder.kernel.errors import BadInput

# A device whose clock is off by more than this says nothing about when anything happened.
MOST_SKEW: Final = dt.timedelta(days=7)
_YES: Final = {True, "true", "granted", "GRANTED", "yes"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who did it as far as that was proved, and whether somebody claimed more than they could prove."""

    key: str = ""
    proof: str = ""
    is_unproved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One request: from whom, when, and with what headers.

    `is_trusted` is a server with a token; `prove` tells whether a hash is the shop's own of a user id, `read_mark`
    whom a mark of ours names.
    """

    source_id: int | None
    id_prefix: str
    before_consent: str
    received_at: dt.datetime
    bounds: Bounds
    address_patterns: Sequence[str] = ()
    is_trusted: bool = False
    user_agent: str = ""
    asks_for_privacy: bool = False
    prove: Callable[[str, str], bool] = field(default=lambda _user_id, _proof: False)
    read_mark: Callable[[str], Person | None] = field(default=lambda _mark: None)
    is_crawler: Callable[[str], bool] = field(default=lambda _user_agent: False)


def happened_at(
    *, sender: Sender, entry: int, told: object, sent_at: object, field_name: str = "timestamp"
) -> dt.datetime | BadInput:
    """When it happened by our clock: the sender's moment, shifted by how far the sender's clock is off."""
    moment, sent = _moment(told), _moment(sent_at)
    if isinstance(moment, str) or isinstance(sent, str):
        field_name, given = (field_name, moment) if isinstance(moment, str) else ("sentAt", sent)
        return errors.EventMomentUnreadable(entry=entry, field=field_name, given=given)
    skew = sender.received_at - sent if sent else dt.timedelta()
    if abs(skew) > MOST_SKEW:
        return errors.EventClockWrong(entry=entry, days=abs(skew).days)
    return _within(sender=sender, entry=entry, moment=(moment + skew) if moment else sender.received_at)


def _within(*, sender: Sender, entry: int, moment: dt.datetime) -> dt.datetime | BadInput:
    if moment > sender.bounds.latest_at:
        return errors.EventInFuture(entry=entry, minutes=CLOCK_SKEW // dt.timedelta(minutes=1))
    if moment < sender.bounds.earliest_at:
        return errors.EventTooOld(entry=entry, days=sender.bounds.kept_days)
    return min(moment, sender.received_at)


def _moment(value: object) -> dt.datetime | str | None:
    """A moment with its zone (UTC where none is told), None where nothing is told, the text where it is none."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value / 1000, tz=dt.UTC)
        read = dt.datetime.fromisoformat(str(value)[:40])
        return read if read.tzinfo else read.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError):
        return str(value)[:40]


def person_of(*, sender: Sender, user_id: str, proof: str, mark: str) -> Person:
    """Whom a call names: a browser must prove it with the shop's hash, or bring a mark of a mail or the portal."""
    if user_id and sender.is_trusted:
        return Person(_key(sender, user_id), "server")
    if user_id and proof and sender.prove(user_id, proof):
        return Person(_key(sender, user_id), "hash")
    marked = sender.read_mark(mark) if mark else None
    return marked or Person(is_unproved=bool(user_id))


def _key(sender: Sender, user_id: str) -> str:
    return f"k:{sender.id_prefix}{user_id}"


def may_keep(*, sender: Sender, consent: Mapping[str, Any]) -> bool:
    """Whether what somebody did may be kept as theirs."""
    if sender.asks_for_privacy and not sender.is_trusted:
        return False
    told = consent.get("analytics", consent.get("Analytics", consent.get("analytics_storage")))
    if told is None:
        return sender.is_trusted or sender.before_consent == "events"
    return _is_yes(told)


def may_market(*, consent: Mapping[str, Any]) -> bool:
    """Whether messages may follow from it: unless that was refused."""
    told = consent.get("marketing", consent.get("Marketing", consent.get("ad_personalization")))
    return told is None or _is_yes(told)


def _is_yes(told: object) -> bool:
    return isinstance(told, str | bool | int) and told in _YES


def counted(
    *, sender: Sender, message_id: str, outcome: str, subject: str, moment: dt.datetime | None = None
) -> InboxRow:
    """A row of which only the number is kept."""
    return InboxRow(
        source_id=sender.source_id,
        received_at=sender.received_at,
        outcome=outcome,
        subject=text_of(subject, limit=LONGEST_KEY),
        message_id=message_id,
        kind="",
        anonymous_id="",
        user_key="",
        proof="",
        happened_at=moment or sender.received_at,
        items=[],
        search_text="",
        results_count=None,
        engaged_ms=None,
        page_path="",
        details=None,
        may_market=False,
    )
