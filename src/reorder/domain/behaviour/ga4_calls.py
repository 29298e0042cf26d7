"""Events of GA4's Measurement Protocol as calls of the one reader there is. Pure."""

import hashlib
from typing import Any, Final

from reorder.domain.behaviour.inbox_rules import LONGEST_ID, text_of

MOST_EVENTS: Final = 25


def calls_of_ga4(*, body: dict[str, Any]) -> list[object]:
    """The events of a body (`client_id`, `user_id`, `events`) as Segment's libraries would send them.

    The protocol has no message ids: an event with a moment of its own gets one made of what it says, so that the same
    body sent again is taken once.
    """
    listed = body.get("events")
    return [_call(body, event, number) for number, event in enumerate(listed)] if isinstance(listed, list) else []


def _call(body: dict[str, Any], event: object, number: int) -> object:
    if not isinstance(event, dict):
        return event
    params = event.get("params")
    given: dict[str, Any] = params if isinstance(params, dict) else {}
    micros = event.get("timestamp_micros") or body.get("timestamp_micros")
    moment = _milliseconds(micros)
    client = text_of(body.get("client_id") or body.get("app_instance_id"), limit=LONGEST_ID)
    name = text_of(event.get("name"), limit=LONGEST_ID)
    return {
        "type": "track",
        "event": name,
        "properties": given,
        "anonymousId": client,
        "userId": body.get("user_id"),
        "timestamp": moment,
        "messageId": _message_id(given, client, name, micros, number),
        "context": {
            "page": {"url": given.get("page_location")},
            "campaign": {name: given.get(name) for name in ("source", "medium", "campaign")},
            "consent": body.get("consent") if isinstance(body.get("consent"), dict) else {},
        },
    }


def _milliseconds(micros: object) -> float | str | None:
    if micros is None:
        return None
    try:
        return float(str(micros)[:20]) / 1000
    except ValueError:
        return str(micros)[:40]


def _message_id(given: dict[str, Any], client: str, name: str, micros: object, number: int) -> str:
    told = text_of(given.get("event_id"), limit=LONGEST_ID)
    if told or micros is None:
        return told
    return hashlib.sha256(f"{client}|{name}|{micros}|{number}|{sorted(given)}".encode()).hexdigest()[:32]
