"""Calls as Segment's libraries make them (track, page, screen, identify, alias, group), read into rows. Pure.

A call that cannot be taken is told apart with the reason and counted; the others are taken.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.behaviour import errors
from reorder.domain.behaviour.addresses import find_skus
from reorder.domain.behaviour.inbox_rules import (
    LONGEST_ID,
    MOST_ENGAGED_MS,
    InboxRow,
    Properties,
    details_of,
    first_number,
    first_text,
    items_of,
    lines_of,
    path_of,
    plain_names,
    search_of,
    text_of,
)
from reorder.domain.behaviour.naming import ORDER, PASSED_OVER, kind_of_name
from reorder.domain.behaviour.rules import LONGEST_KEY
from reorder.domain.behaviour.senders import Person, Sender, counted, happened_at, may_keep, may_market, person_of
from reorder.kernel.errors import BadInput

TYPES: Final = ("track", "page", "screen", "identify", "group", "alias")
# Kinds that are about one product; one that lists several is several events.
_OF_PRODUCT: Final = frozenset({"view", "cart", "cart_removed", "liked", "unliked"})
_MOST_EXPANDED: Final = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was not taken: its place in the batch, from 0, and why."""

    entry: int
    message_id: str
    fault: BadInput


@dataclass(frozen=True, slots=True)
class Calls:
    """What a request became: rows for the inbox, and what was refused (which is among the rows, to be counted)."""

    rows: list[InboxRow]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class _Call:
    """One call with what every reader of it asks for."""

    given: dict[str, Any]
    context: dict[str, Any]
    sender: Sender
    message_id: str
    moment: dt.datetime
    person: Person
    anonymous_id: str
    may_market: bool


def read_calls(*, calls: Iterable[tuple[int, object]], sender: Sender, sent_at: object) -> Calls:
    """Read calls with their places in the request; `sent_at` is the request's, for calls without one of their own."""
    rows: list[InboxRow] = []
    refusals: list[Refusal] = []
    for entry, call in calls:
        given = call if isinstance(call, dict) else {}
        message_id = _message_id(sender, given)
        read = _read(call, given, sender=sender, entry=entry, sent_at=sent_at, message_id=message_id)
        if isinstance(read, BadInput):
            told = text_of(given.get("messageId"), limit=LONGEST_ID)
            refusals.append(Refusal(entry, told, read))
            read = [counted(sender=sender, message_id=message_id, outcome="refused", subject=read.code)]
        rows += read
    return Calls(rows, refusals)


def refused(*, sender: Sender, entry: int, given: object, fault: BadInput) -> tuple[InboxRow, Refusal]:
    """A call that was refused before it was read."""
    told = text_of(given.get("messageId"), limit=LONGEST_ID) if isinstance(given, dict) else ""
    row = counted(sender=sender, message_id=_message_id(sender, {}), outcome="refused", subject=fault.code)
    return row, Refusal(entry, told, fault)


def _read(
    call: object, given: dict[str, Any], *, sender: Sender, entry: int, sent_at: object, message_id: str
) -> list[InboxRow] | BadInput:
    if not isinstance(call, dict):
        return errors.EventNotObject(entry=entry)
    kind = text_of(given.get("type"), limit=20)
    if kind not in TYPES:
        return errors.EventTypeUnknown(entry=entry, given=kind or "nothing", known=", ".join(TYPES))
    moment = happened_at(
        sender=sender,
        entry=entry,
        told=given.get("timestamp") or given.get("originalTimestamp"),
        sent_at=given.get("sentAt") or sent_at,
    )
    if isinstance(moment, BadInput):
        return moment
    context = _object(given.get("context"))
    if why := _robot(sender, context):
        return [counted(sender=sender, message_id=message_id, outcome="bot", subject=why, moment=moment)]
    consent = _consent(context)
    if not may_keep(sender=sender, consent=consent) or context.get("gpc") is True:
        return _without_cookies(sender, given, kind=kind, message_id=message_id, moment=moment)
    return _rows(
        _Call(
            given=given,
            context=context,
            sender=sender,
            message_id=message_id,
            moment=moment,
            person=_person(sender, given, context),
            anonymous_id=_anonymous_id(given, kind),
            may_market=may_market(consent=consent),
        ),
        kind=kind,
    )


def _rows(call: _Call, *, kind: str) -> list[InboxRow]:
    rows = _events(call) if kind == "track" else _other(call, kind=kind)
    if call.person.is_unproved:
        rows.append(_counted(call, outcome="unproved", subject=kind, message_id=f"{call.message_id}#unproved"))
    return rows


def _other(call: _Call, *, kind: str) -> list[InboxRow]:
    if kind in {"page", "screen"}:
        return _placed(call, kind="page", given=plain_names(call.given.get("properties")), lines=[])
    if kind == "group":
        return [_counted(call, outcome="passed_over", subject=kind)]
    # Who somebody is: a row without a kind names, and becomes no event.
    if call.person.key and call.anonymous_id:
        return [_row(call, kind="", given={}, items=[], message_id=call.message_id, lines=[])]
    return [] if call.person.is_unproved else [_counted(call, outcome="passed_over", subject=kind)]


def _events(call: _Call) -> list[InboxRow]:
    name = text_of(call.given.get("event"), limit=LONGEST_KEY)
    kind = kind_of_name(name)
    if kind in {ORDER, PASSED_OVER}:
        return [_counted(call, outcome=kind, subject=name)]
    if not kind:
        return [_counted(call, outcome="unknown_name", subject=name)]
    given = plain_names(call.given.get("properties"))
    return _placed(call, kind=kind, given=given, lines=lines_of(given))


def _placed(call: _Call, *, kind: str, given: Properties, lines: list[dict[str, Any]]) -> list[InboxRow]:
    if not call.anonymous_id and not call.person.key:
        return [_counted(call, outcome="of_nobody", subject=kind)]
    if kind == "search" and not search_of(given)[0]:
        return [_counted(call, outcome="incomplete", subject=kind)]
    patterns = call.sender.address_patterns
    if kind not in _OF_PRODUCT:
        own = [] if kind in {"page", "search"} else items_of(given, patterns=patterns)
        return [_row(call, kind=kind, given=given, items=own, message_id=call.message_id, lines=lines)]
    found = [(line, items_of(line, patterns=patterns)) for line in lines[:_MOST_EXPANDED]]
    found = found or [(dict(given), items_of(given, patterns=patterns) or _items_of_page(call, kind=kind))]
    rows = [
        _row(
            call,
            kind=kind,
            given=line,
            items=items,
            message_id=call.message_id if not number else f"{call.message_id}#{number}",
            lines=[],
        )
        for number, (line, items) in enumerate(found)
        if items
    ]
    return rows or [_counted(call, outcome="incomplete", subject=kind)]


def _items_of_page(call: _Call, *, kind: str) -> list[str]:
    """A view that names nothing is of the product whose page it was, where the shop's patterns tell."""
    page = _object(call.context.get("page"))
    patterns = call.sender.address_patterns
    return find_skus(address=page.get("url") or page.get("path"), patterns=patterns) if kind == "view" else []


def _row(
    call: _Call, *, kind: str, given: Properties, items: list[str], message_id: str, lines: list[dict[str, Any]]
) -> InboxRow:
    words, results = search_of(given) if kind == "search" else ("", None)
    engaged = first_number(given, "engagementtimemsec", "engagedms") if kind == "engaged" else None
    page = _object(call.context.get("page"))
    path = path_of(page.get("path") or page.get("url")) or path_of(given.get("path"))
    return InboxRow(
        source_id=call.sender.source_id,
        received_at=call.sender.received_at,
        outcome="",
        subject="",
        message_id=message_id,
        kind=kind,
        anonymous_id=call.anonymous_id,
        user_key=call.person.key,
        proof=call.person.proof,
        happened_at=call.moment,
        items=items,
        search_text=words,
        results_count=results,
        engaged_ms=None if engaged is None else min(int(engaged), MOST_ENGAGED_MS),
        page_path=path,
        details=_details(call, given, lines) if kind else None,
        may_market=call.may_market,
    )


def _details(call: _Call, given: Properties, lines: list[dict[str, Any]]) -> str | None:
    campaign = plain_names(call.context.get("campaign"))
    return details_of(given, lines=lines, campaign=campaign, patterns=call.sender.address_patterns)


def _without_cookies(
    sender: Sender, given: dict[str, Any], *, kind: str, message_id: str, moment: dt.datetime
) -> list[InboxRow]:
    """Nobody agreed: how often it happened, or nothing at all."""
    if sender.before_consent == "nothing" or kind not in {"track", "page", "screen"}:
        return []
    name = kind_of_name(text_of(given.get("event"), limit=LONGEST_KEY)) if kind == "track" else "page"
    subject = name or "other"
    return [counted(sender=sender, message_id=message_id, outcome="cookieless", subject=subject, moment=moment)]


def _counted(call: _Call, *, outcome: str, subject: str, message_id: str = "") -> InboxRow:
    return counted(
        sender=call.sender,
        message_id=message_id or call.message_id,
        outcome=outcome,
        subject=subject,
        moment=call.moment,
    )


def _message_id(sender: Sender, given: dict[str, Any]) -> str:
    """Under the source, so that nobody takes the ids of another source; a new one where none is told."""
    told = text_of(given.get("messageId"), limit=LONGEST_ID)
    return f"t{sender.source_id or 0}:{told or uuid.uuid4().hex}"


def _anonymous_id(given: dict[str, Any], kind: str) -> str:
    told = given.get("previousId") or given.get("anonymousId") if kind == "alias" else given.get("anonymousId")
    return text_of(told, limit=LONGEST_ID)


def _person(sender: Sender, given: dict[str, Any], context: dict[str, Any]) -> Person:
    proof = given.get("userHash") or context.get("userHash") or context.get("hmac")
    return person_of(
        sender=sender,
        user_id=text_of(given.get("userId"), limit=LONGEST_KEY),
        proof=text_of(proof, limit=200),
        mark=text_of(context.get("mark"), limit=300),
    )


def _robot(sender: Sender, context: dict[str, Any]) -> str:
    """Why this is no person: what the browser says of itself; empty for people."""
    if context.get("automated") is True:
        return "automated"
    user_agent = first_text(context, "userAgent", limit=500) or sender.user_agent
    return "crawler" if not sender.is_trusted and sender.is_crawler(user_agent) else ""


def _consent(context: dict[str, Any]) -> dict[str, Any]:
    told = _object(context.get("consent"))
    return _object(told.get("categoryPreferences")) or told


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
