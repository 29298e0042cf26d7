"""A message in LINE's forms: Flex, ready message objects, or text. Pure."""

from typing import Any, Final

from reorder.domain.messaging.channels.base import Outgoing
from reorder.domain.messaging.channels.line_push import cut_text

MESSAGES_MOST: Final = 5
_ALT_MOST: Final = 400
_CONTAINERS: Final = frozenset({"bubble", "carousel"})


def messages_of(*, outgoing: Outgoing) -> list[dict[str, Any]]:
    """At most five message objects, which LINE counts as one message.

    The payload may be Flex content, one message object, or {"messages": [...]}; without one the text is sent.
    """
    payload = dict(outgoing.payload)
    listed = payload.get("messages")
    if isinstance(listed, list) and listed:
        return [one for one in listed if isinstance(one, dict)][:MESSAGES_MOST]
    if payload.get("type") in _CONTAINERS:
        words = outgoing.subject or outgoing.text
        alt = words[:_ALT_MOST] if len(words) <= _ALT_MOST else f"{words[: _ALT_MOST - 1]}…"
        return [{"type": "flex", "altText": alt or "…", "contents": payload}]
    if payload.get("type"):
        return [payload]
    return [{"type": "text", "text": cut_text(text=outgoing.text or outgoing.subject)}]
