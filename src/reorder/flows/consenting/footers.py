"""The foot of marketing: who writes and from where, and how to refuse, free of charge; whatever its template forgot.

Taiwan's act asks for a free way to refuse with the first message at the latest, the GDPR and CAN-SPAM with each one,
CAN-SPAM for a postal address too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.customers.queries import list_customer_names
from reorder.domain.messaging.compliance import get_policy
from reorder.domain.messaging.operations import unsubscribe_token, unsubscribe_url
from reorder.domain.messaging.preferences import list_marketed
from reorder.flows.repeat_cycle.wording import language_of

# Channels whose messages are too short for more than the way out.
_SHORT: Final = frozenset({"sms", "line", "chat"})
# A page of ours or a reply with a mark of ours stands there already, whatever message it names.
_WAY: Final = re.compile(r"(/u/|unsubscribe(%20|\+| ))\d+(\.\d+)?(:|%3A)[\w-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footed:
    """A marketing message to a customer; `language` empty: the customer's."""

    id: int
    customer_id: int
    channel: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """What must stand in a message: each sentence that is not there yet is added. `way` is a page, or a mail."""

    way: str
    refusal: str
    sender: str
    first: str
    language: str
    is_short: bool


def write_feet(*, messages: Sequence[Footed]) -> dict[int, Foot]:
    """The foot of each message, by its id; set-based."""
    people = list_customer_names(ids=sorted({one.customer_id for one in messages}))
    earlier = list_marketed(customer_ids=list(people))
    address = " ".join(get_policy().postal_address.split())
    made: dict[int, Foot] = {}
    for one in messages:
        person = people.get(one.customer_id)
        language = one.language or language_of(
            customer_language=person.language if person else "", shop_language=settings.REORDER.language
        )
        made[one.id] = _foot(one, language=language, address=address, is_first=one.customer_id not in earlier)
    return made


def add_foot(*, text: str, html: str, foot: Foot) -> tuple[str, str]:
    """Text and HTML with the foot; what stands there already is not said twice, an empty form stays empty. Pure."""
    return (
        "\n".join([text.rstrip("\n"), "", *missing, ""]) if text and (missing := _missing(text, foot)) else text,
        _into(html, foot) if html else html,
    )


def _foot(one: Footed, *, language: str, address: str, is_first: bool) -> Foot:
    shop = " ".join(settings.REORDER.shop_name.split())
    way = unsubscribe_url(customer_id=one.customer_id, message_id=one.id)
    with translation.override(language):
        if way:
            refusal = _("Refuse, or choose what you hear: {url}").format(url=way)
        else:
            mark = unsubscribe_token(customer_id=one.customer_id, message_id=one.id)
            way = f"mailto:{settings.REORDER.mail_from}?subject={quote(f'unsubscribe {mark}')}"
            refusal = _("To refuse, reply with this subject: unsubscribe {mark}").format(mark=mark)
        first = _("This is our first message of this kind. You may refuse more of them at any time, free of charge.")
    return Foot(
        way=way,
        refusal=refusal,
        sender=f"{shop}, {address}" if address else "",
        first=first if is_first else "",
        language=language,
        is_short=one.channel in _SHORT,
    )


def _missing(text: str, foot: Foot) -> list[str]:
    has_way = bool(_WAY.search(text)) or foot.way in text
    sentences = [
        foot.first if not foot.is_short and foot.first not in text else "",
        "" if has_way else foot.refusal,
        "" if foot.is_short or not foot.sender or foot.sender.partition(", ")[2] in text else foot.sender,
    ]
    return [sentence for sentence in sentences if sentence]


def _into(html: str, foot: Foot) -> str:
    missing = _missing(html, foot)
    if not missing:
        return html
    lines = "<br>".join(_linked(escape(sentence), escape(foot.way)) for sentence in missing)
    block = f'<p style="font-size:12px;color:#666">{lines}</p>'
    place = html.lower().rfind("</body>")
    return html + block if place < 0 else html[:place] + block + html[place:]


def _linked(sentence: str, way: str) -> str:
    return sentence.replace(way, f'<a href="{way}">{way}</a>')
