"""Forms of a template by channel: which fields each has, what is wrong with them, and how they become a message. Pure.

Mail is MJML, or HTML that was brought along; Flex of LINE is JSON whose texts are templates, so that no value can
change its structure: an object with `"$each": "items"` is repeated, one with `"$if": "coupon"` is there with a coupon.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.marketing.content_samples import sample_values, sparse_values
from reorder.domain.marketing.content_text import Fault, Missing, TooMuch, read_tags, render_text
from reorder.domain.marketing.content_variables import check_tags

_LINE_TEXT: Final = 5_000
# Fields of each channel: the most characters, and whether the form needs it.
FIELDS: Final[Mapping[str, Mapping[str, tuple[int, bool]]]] = {
    "email": {
        "subject": (300, True),
        "preheader": (300, False),
        "mjml": (200_000, False),
        "html": (200_000, False),
        "text": (50_000, False),
    },
    "line": {"text": (_LINE_TEXT, False), "flex": (50_000, False), "alt": (400, False)},
    "sms": {"text": (1_000, True)},
    "web_push": {"title": (120, True), "text": (400, True), "url": (2_000, False), "picture_url": (2_000, False)},
    "app_push": {"title": (120, True), "text": (400, True), "url": (2_000, False), "picture_url": (2_000, False)},
    "chat": {"text": (4_000, True)},
    "webhook": {"json": (50_000, True)},
}
# Of these one is needed.
_EITHER: Final[Mapping[str, tuple[str, ...]]] = {"email": ("mjml", "html"), "line": ("text", "flex")}
_MARKUP: Final = frozenset({"mjml", "html"})
_JSON: Final = frozenset({"flex", "json"})
_ACTIVE: Final = re.compile(
    r"<\s*(script|form|iframe|object|embed|input|base|meta\s+http-equiv)\b|\son[a-z]+\s*=|javascript:|data:text",
    re.IGNORECASE,
)
# Fonts of others would tell them who reads a mail.
_FOREIGN_FONTS: Final = re.compile(r"<link\b[^>]*>|@import\s+url\([^)]*\);?", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?-->|<head\b.*?</head>|<style\b.*?</style>|<img\b[^>]*>", re.IGNORECASE | re.DOTALL)
_LINE_END: Final = re.compile(r"</(?:td|th|div|p|li|h[1-6])\s*>", re.IGNORECASE)
_LAYOUT: Final = re.compile(r"</?(?:table|tbody|thead|tr|td|th|div|p|span|center|font|section)\b[^>]*>", re.IGNORECASE)
_GAPS: Final = re.compile(r"(?:[ \t]*\n){3,}")
_HEAD: Final = re.compile(r"<body[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with a field of a form, and in which of its lines."""

    field: str
    line: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message of one channel: `payload` is the channel's own form, empty where text says all."""

    subject: str = ""
    text: str = ""
    html: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


class BadForm(Exception):
    """A form that cannot become a message whatever its values; saving would have refused it."""


def clean_content(*, channel: str, content: Mapping[str, str]) -> dict[str, str]:
    """Fields of the channel that say something, with lines ended as one."""
    known = FIELDS[channel]
    given = {name: str(content.get(name, "")).replace("\r\n", "\n").replace("\x00", "") for name in known}
    return {name: text.strip("\n") for name, text in given.items() if text.strip()}


def check_form(*, channel: str, content: Mapping[str, str], kind: str, language: str) -> list[FormFault]:
    """Everything that keeps a form from being used, by field and line; empty when nothing does."""
    if channel not in FIELDS:
        return [FormFault("channel", 1, "there is no such channel", channel)]
    faults = [
        FormFault(name, 1, "this field is unknown to the channel") for name in content if name not in FIELDS[channel]
    ]
    for name, (most, is_needed) in FIELDS[channel].items():
        text = content.get(name, "")
        if is_needed and not text.strip():
            faults.append(FormFault(name, 1, "this form needs it"))
        elif len(text) > most:
            faults.append(FormFault(name, 1, "it has more characters than the channel takes", f"{most:,}"))
        else:
            faults += [FormFault(name, one.line, one.reason, one.value) for one in _check_field(name, text, kind)]
    either = _EITHER.get(channel, ())
    if either and not any(content.get(name, "").strip() for name in either):
        faults.append(FormFault(either[0], 1, "this form needs it"))
    if content.get("flex") and not content.get("alt"):
        faults.append(FormFault("alt", 1, "this form needs it"))
    return faults or _try_out(channel=channel, content=content, language=language)


def write_form(*, channel: str, content: Mapping[str, str], values: Mapping[str, Any], language: str) -> Written:
    """The message that a form makes of these values. Raises Missing, TooMuch, BadForm."""
    said = {
        name: render_text(text=text, values=values, is_markup=name in _MARKUP)
        for name, text in content.items()
        if name not in _JSON
    }
    if channel == "email":
        return _write_mail(said=said, language=language)
    if channel == "line" and content.get("flex"):
        flex = write_json(text=content["flex"], values=values)
        message = {"type": "flex", "altText": said.get("alt", ""), "contents": flex}
        return Written(text=said.get("alt", ""), payload={"messages": [message]})
    if channel in ("web_push", "app_push"):
        payload = {"title": said["title"], "body": said["text"]}
        payload |= {name: said[key] for name, key in (("url", "url"), ("image", "picture_url")) if said.get(key)}
        return Written(subject=said["title"], text=said["text"], payload=payload)
    if channel == "webhook":
        return Written(payload=dict(write_json(text=content["json"], values=values)))
    return Written(text=said["text"].strip())


def write_json(*, text: str, values: Mapping[str, Any]) -> Any:
    """JSON with the texts in it written; values cannot change its structure. Raises Missing, TooMuch, BadForm."""
    try:
        return _write_node(json.loads(text), values)
    except ValueError as cause:
        raise BadForm(str(cause)) from cause


def _write_node(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, str):
        return render_text(text=node, values=values, is_markup=False)
    if isinstance(node, dict):
        return {name: _write_node(value, values) for name, value in node.items() if name not in ("$each", "$if")}
    if isinstance(node, list):
        return [made for one in node for made in _repeat(one, values)]
    return node


def _repeat(node: Any, values: Mapping[str, Any]) -> list[Any]:
    if not isinstance(node, dict):
        return [_write_node(node, values)]
    if "$if" in node and not _look_up(str(node["$if"]), values):
        return []
    if "$each" not in node:
        return [_write_node(node, values)]
    rows = _look_up(str(node["$each"]), values)
    return [_write_node(node, {**values, **row}) for row in rows or [] if isinstance(row, dict)]


def _look_up(path: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _check_field(name: str, text: str, kind: str) -> Sequence[Fault]:
    if not text:
        return []
    if name in _JSON:
        return _check_json(text, kind)
    tags, faults = read_tags(text=text)
    active = [
        Fault("scripts and forms are not allowed", text.count("\n", 0, match.start()) + 1, match.group().strip()[:40])
        for match in _ACTIVE.finditer(text)
        if name in _MARKUP
    ]
    return [*faults, *active, *check_tags(tags=tags, kind=kind)]


def _check_json(text: str, kind: str) -> list[Fault]:
    try:
        node = json.loads(text)
    except ValueError as cause:
        return [Fault("this is not JSON", getattr(cause, "lineno", 1), getattr(cause, "msg", ""))]
    if not isinstance(node, dict):
        return [Fault("this is not JSON", 1, "{…}")]
    return _check_node(node, kind, ())


def _check_node(node: Any, kind: str, around: tuple[str, ...]) -> list[Fault]:
    if isinstance(node, dict):
        inside = around + tuple(str(node[name]) for name in ("$each", "$if") if name in node)
        return [fault for name, value in node.items() if name[:1] != "$" for fault in _check_node(value, kind, inside)]
    if isinstance(node, list):
        return [fault for value in node for fault in _check_node(value, kind, around)]
    if not isinstance(node, str):
        return []
    # Sections around it are opened and closed here, so that the same check judges it.
    opened = "".join(f"{{{{#{path}}}}}" for path in around)
    closed = "".join(f"{{{{/{path}}}}}" for path in reversed(around))
    tags, faults = read_tags(text=opened + node + closed)
    return [*faults, *check_tags(tags=tags, kind=kind)]


def _try_out(*, channel: str, content: Mapping[str, str], language: str) -> list[FormFault]:
    """Write it with everything and with as little as may be: what cannot be read then could not be sent."""
    first = next(name for name in (*_EITHER.get(channel, ()), *FIELDS[channel]) if content.get(name))
    for values in (sample_values(language=language), sparse_values(language=language)):
        try:
            write_form(channel=channel, content=content, values=values, language=language)
        except BadForm as fault:
            return [
                FormFault(first, 1, "MJML cannot be read" if first == "mjml" else "this is not JSON", str(fault)[:200])
            ]
        except TooMuch:
            return [FormFault(first, 1, "it became longer than is allowed")]
        except Missing as fault:
            return [FormFault(first, 1, "a variable has no value", fault.path)]
    return []


def _write_mail(*, said: Mapping[str, str], language: str) -> Written:
    html = said.get("html") or _from_mjml(said.get("mjml", ""))
    spoken = "zh-Hant" if language == "zh-hant" else language
    html = html.replace('<html lang="und"', f'<html lang="{spoken}"', 1)
    text = said.get("text", "").strip() or _plain(html)
    if preheader := " ".join(said.get("preheader", "").split()):
        hidden = f'<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{_escaped(preheader)}</div>'
        html = _HEAD.sub(lambda match: match.group() + hidden, html, count=1)
    return Written(subject=" ".join(said["subject"].split()), text=text + "\n", html=html)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _from_mjml(source: str) -> str:
    from mrml import to_html

    try:
        return _FOREIGN_FONTS.sub("", str(to_html(source).content))
    except (OSError, ValueError) as cause:
        raise BadForm(str(cause)) from cause


def _plain(html: str) -> str:
    from html2text import HTML2Text

    reader = HTML2Text(bodywidth=0)
    # Tables of mails are lines; without them the reader is ten times faster.
    said = _LAYOUT.sub("", _LINE_END.sub("<br>", _UNSEEN.sub("", html)))
    return _GAPS.sub("\n\n", reader.handle(said)).strip()
