"""Words of channels, languages, kinds and fields of templates, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.marketing.content_forms import FormFault
from reorder.domain.marketing.content_judging import FINDING_TEMPLATES, Finding
from reorder.domain.marketing.content_variables import KIND_TEMPLATES, KINDS

CHANNEL_WORDS: Final[Mapping[str, Promise]] = {
    "email": _("E-mail"),
    "line": _("LINE"),
    "sms": _("SMS"),
    "web_push": _("Web push"),
    "app_push": _("App push"),
    "chat": _("Chat"),
    "webhook": _("Webhook"),
}
LANGUAGE_WORDS: Final[Mapping[str, str]] = {"en": "English", "zh-hant": "繁體中文"}
FIELD_WORDS: Final[Mapping[str, Promise]] = {
    "subject": _("Subject"),
    "preheader": _("Preview line"),
    "mjml": _("MJML"),
    "html": _("HTML"),
    "text": _("Text"),
    "flex": _("Flex message (JSON)"),
    "alt": _("Text where Flex is not shown"),
    "title": _("Title"),
    "url": _("Link"),
    "picture_url": _("Picture"),
    "json": _("JSON"),
    "channel": _("Message channel"),
    "language": _("Language"),
    "variant": _("Variant"),
    "weight": _("Share of people"),
    "code": _("Code"),
    "name": _("Name"),
    "kind": _("Kind"),
    "purpose": _("Purpose"),
}
FIELD_HELP: Final[Mapping[str, Promise]] = {
    "preheader": _("Mail programs show it beside the subject."),
    "text": _("For mail: what programs without pictures show. Empty: it is made of the mail."),
    "html": _("Instead of MJML, for mails that were made elsewhere."),
    "alt": _("What the list of chats shows."),
}
_LARGE: Final = {"mjml": 24, "html": 12, "flex": 16, "json": 12, "text": 6}


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a form as the page draws it."""

    name: str
    label: str
    help: str
    value: str
    rows: int
    most: int
    is_needed: bool
    faults: tuple[str, ...]


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of messages, in the order of a customer's life."""
    return [(kind, kind_word(kind)) for kind in KINDS]


def kind_word(kind: str) -> str:
    """What a kind of message is called."""
    return gettext(KIND_TEMPLATES.get(kind, kind))


def channel_word(channel: str) -> str:
    """What a channel is called."""
    return str(CHANNEL_WORDS.get(channel, channel))


def say_fault(fault: FormFault) -> str:
    """What is wrong, with its line and the piece of text."""
    said = gettext(fault.reason)
    value = f" ({fault.value})" if fault.value else ""
    return gettext("Line {line}: {reason}").format(line=fault.line, reason=said) + value


def say_faults(faults: Iterable[FormFault]) -> list[str]:
    """The same of several, with their fields."""
    return [f"{FIELD_WORDS.get(fault.field, fault.field)}, {say_fault(fault)}" for fault in faults]


def say_finding(finding: Finding) -> str:
    """Something to look at."""
    return gettext(FINDING_TEMPLATES[finding.code]).format(**finding.parameters)


def shown_fields(
    *, fields: Mapping[str, tuple[int, bool]], content: Mapping[str, str], faults: Iterable[FormFault]
) -> list[ShownField]:
    """The fields of a channel's form with what stands in them and what is wrong there."""
    found = list(faults)
    return [
        ShownField(
            name=name,
            label=str(FIELD_WORDS[name]),
            help=str(FIELD_HELP.get(name, "")),
            value=content.get(name, ""),
            rows=_LARGE.get(name, 1),
            most=most,
            is_needed=is_needed,
            faults=tuple(say_fault(fault) for fault in found if fault.field == name)[:8],
        )
        for name, (most, is_needed) in fields.items()
    ]
