"""Links of a message: marked for the shop's own statistics, and, for people who agreed, led by a page that counts.

A followed link carries its target under our signature, so the page leads only where a message of ours pointed. The way
to refuse is never marked and never followed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core.signing import BadSignature, Signer

from reorder.domain.marketing.content_errors import BadTrackedLink
from reorder.domain.marketing.content_forms import Written
from reorder.domain.messaging.short_links import find_short_link
from reorder.flows.content.shortening import Shortener, is_token
from reorder.flows.shop_links import shop_address

_SALT: Final = "message.link"
_HREF: Final = re.compile(r"(<a\b[^>]*?\shref=)([\"'])(.*?)\2", re.IGNORECASE | re.DOTALL)
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"'()（）]+[^\s<>\"'()（）.,;:!?。，；：！？]")
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
# Fields of push and LINE messages that are pressed.
_PRESSED: Final = frozenset({"url", "uri", "linkUri"})
_LONGEST: Final = 1_900


@dataclass(frozen=True, slots=True)
class FollowedLink:
    """What a followed link says: the message it stands in, and where it leads (empty: it only counts the opening).

    Of a short one that is not `is_counted` the click is nobody's business.
    """

    message_id: int
    url: str
    is_counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is written into the links of a message; `message_id` None: nothing is followed.

    With `short` links become short addresses, the way out too; those are followed only with `message_id`.
    """

    utm: Mapping[str, str]
    message_id: int | None = None
    short: Shortener | None = None


def mark_links(*, written: Written, marks: Marks) -> Written:
    """The message with its links marked, and followed where `marks` names a message."""

    def change(url: str) -> str:
        return _changed(url, marks)

    html = _HREF.sub(lambda found: f"{found[1]}{found[2]}{escape(change(unescape(found[3])))}{found[2]}", written.html)
    if marks.message_id is not None and html:
        html = _BODY_END.sub(lambda found: _pixel(marks.message_id or 0) + found.group(), html, count=1)
    return Written(
        subject=written.subject,
        text=_IN_TEXT.sub(lambda found: change(found.group()), written.text),
        html=html,
        payload=_in_payload(dict(written.payload), change),
    )


def followed_url(*, message_id: int, url: str) -> str:
    """Our page that counts a click on this link of this message and leads on."""
    return f"{shop_address()}/l/{Signer(salt=_SALT).sign_object({'m': message_id, 'u': url}, compress=True)}"


def read_followed(*, mark: str) -> FollowedLink:
    """What a followed link, or a short one, says; raises BadTrackedLink."""
    if is_token(mark=mark):
        found = find_short_link(token=mark)
        if found is None:
            raise BadTrackedLink
        return FollowedLink(message_id=found.message_id, url=found.url, is_counted=found.is_followed)
    try:
        content = Signer(salt=_SALT).unsign_object(mark)
    except (BadSignature, ValueError, UnicodeError) as cause:
        raise BadTrackedLink from cause
    if not isinstance(content, dict):
        raise BadTrackedLink
    message_id, url = content.get("m"), content.get("u", "")
    if not isinstance(message_id, int) or not isinstance(url, str):
        raise BadTrackedLink
    return FollowedLink(message_id=message_id, url=url)


def utm_of(*, own: Mapping[str, str], channel: str, source_key: str, content: str) -> dict[str, str]:
    """The marks of a message's links: what its template says, else who sent it, how, for what, and which variant."""
    marks = {
        "utm_source": own.get("source") or "reorder",
        "utm_medium": own.get("medium") or channel,
        "utm_campaign": own.get("campaign") or source_key,
        "utm_content": content,
    }
    return {name: value for name, value in marks.items() if value}


def list_links(*, written: Written) -> list[str]:
    """Addresses that a message leads to, each once, in their order."""
    found = [unescape(match[3]) for match in _HREF.finditer(written.html)]
    found += _IN_TEXT.findall(written.text)
    _in_payload(dict(written.payload), lambda url: found.append(url) or url)  # type: ignore[func-returns-value]
    return list(dict.fromkeys(url for url in found if url))


def is_way_out(*, url: str) -> bool:
    """Whether this is where one refuses or chooses, or not a page of the web at all."""
    return not url.startswith(("http://", "https://")) or url.startswith(f"{shop_address()}/u/")


def _changed(url: str, marks: Marks) -> str:
    if is_way_out(url=url):
        is_page = marks.short is not None and url.startswith(("http://", "https://"))
        return marks.short.shorten(url=url, is_followed=False) if marks.short and is_page else url
    marked = _with_utm(url, marks.utm)
    if marks.short is not None:
        return marks.short.shorten(url=marked, is_followed=marks.message_id is not None)
    if marks.message_id is None:
        return marked
    followed = followed_url(message_id=marks.message_id, url=marked)
    return followed if len(followed) <= _LONGEST else marked


def _with_utm(url: str, utm: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    given = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if any(name.startswith("utm_") for name in given):
        return url
    # What stands there stays as it was written; ours comes behind it.
    query = "&".join(part for part in (parts.query, urlencode(utm)) if part)
    return urlunsplit(parts._replace(query=query))


def _pixel(message_id: int) -> str:
    mark = Signer(salt=_SALT).sign_object({"m": message_id}, compress=True)
    return f'<img src="{shop_address()}/l/{mark}.gif" width="1" height="1" alt="" style="display:none">'


def _in_payload(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {
            name: change(value) if name in _PRESSED and isinstance(value, str) else _in_payload(value, change)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_in_payload(value, change) for value in node]
    return node
