"""Lays the ready-made templates down: words of a file a language, blocks by kind, one frame.

A template that is there already is left as people made it.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from reorder.domain.marketing.content import (
    LANGUAGES,
    NewVersion,
    create_template,
    find_template,
    let_go,
    save_draft,
)
from reorder.flows.content.ready_made.blocks import block_of, text_of, with_words

OURS: Final = "reorder"
_SHORT_CHANNELS: Final = ("line", "sms", "web_push", "app_push", "chat")


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A template that comes with the program: its kind, and the blocks of its mail."""

    kind: str
    blocks: tuple[str, ...]
    link: str = "reorder_url"


READY_MADE: Final[Mapping[str, ReadyMade]] = {
    "replenishment": ReadyMade("due", ("items", "reorder", "coupon", "recommendations")),
    "how-to": ReadyMade("how_to", ("articles", "items_plain", "order"), link=""),
    "second-order": ReadyMade("second_order", ("recommendations", "coupon", "shop"), link=""),
    "cart-left": ReadyMade("cart_left", ("items_plain", "cart", "coupon")),
    "browse-left": ReadyMade("browse_left", ("items_plain", "reorder", "recommendations")),
    "search-left": ReadyMade("search_left", ("items_plain", "reorder", "recommendations")),
    "back-in-stock": ReadyMade("back_in_stock", ("items_plain", "reorder")),
    "price-drop": ReadyMade("price_drop", ("items_plain", "reorder")),
    "win-back": ReadyMade("win_back", ("items_plain", "coupon", "reorder", "recommendations")),
    "birthday": ReadyMade("birthday", ("coupon", "recommendations", "shop"), link=""),
    "anniversary": ReadyMade("anniversary", ("coupon", "recommendations", "shop"), link=""),
    "tier-change": ReadyMade("tier", ("coupon", "recommendations", "shop"), link=""),
    "points-expiring": ReadyMade("points", ("recommendations", "shop"), link=""),
    "trial-follow-up": ReadyMade("trial", ("items_plain", "reorder", "coupon", "articles")),
    "review-request": ReadyMade("review", ("items_plain", "order"), link=""),
    "subscription-upsell": ReadyMade("subscription", ("items", "reorder", "coupon")),
    "new-arrival": ReadyMade("new_arrival", ("items_plain", "reorder", "articles")),
    "campaign": ReadyMade("general", ("items_plain", "coupon", "articles", "shop"), link=""),
}


def ready_made_codes() -> tuple[str, ...]:
    """Codes of the templates that come with the program."""
    return tuple(READY_MADE)


def say_name(*, code: str, name: str, language: str) -> str:
    """What a template is called: one of ours in the reader's language, until somebody gives it another name."""
    if code not in READY_MADE or name not in {_words(one)[code]["name"] for one in LANGUAGES}:
        return name
    return str(_words(language if language in LANGUAGES else LANGUAGES[0])[code]["name"])


def lay_down(*, laid_by: str, moment: dt.datetime, codes: tuple[str, ...] = ()) -> list[str]:
    """Make the ready-made templates that are not there yet, with live versions; returns their codes.

    `codes`: only these of them. They were written and tried by us, so nobody else need approve them.
    """
    made: list[str] = []
    for code in codes or ready_made_codes():
        if find_template(code=code) is not None:
            continue
        with transaction.atomic():
            _lay(code, laid_by=laid_by, moment=moment)
        made.append(code)
    return made


def write_mail(*, code: str, language: str) -> str:
    """The MJML of a ready-made template."""
    words = _words(language)
    said = words[code]
    made = _frame()
    parts = {
        "heading": said["heading"],
        "greeting": words["greeting"],
        "intro": said["intro"],
        "blocks": "\n".join(block_of(name=name, language=language) for name in READY_MADE[code].blocks),
        "closing": said["closing"],
    }
    for name, text in parts.items():
        made = made.replace(f"[[{name}]]", text)
    return with_words(text=made, language=language)


def write_text(*, code: str, language: str) -> str:
    """The same mail as text."""
    words = _words(language)
    said = words[code]
    blocks = "\n".join(text_of(name=name, language=language) for name in READY_MADE[code].blocks)
    parts = (words["greeting"], "", said["intro"], blocks, "", said["closing"], "{{shop.name}}", "", "-- ")
    return with_words(text="\n".join((*parts, "[[foot]]")), language=language)


def _lay(code: str, *, laid_by: str, moment: dt.datetime) -> None:
    own = READY_MADE[code]
    create_template(
        code=code,
        name=_words(settings.REORDER.language)[code]["name"],
        kind=own.kind,
        purpose="marketing",
        created_by=laid_by,
        is_ready_made=True,
    )
    for language in LANGUAGES:
        for channel, content in _forms(code, language).items():
            draft = save_draft(
                template_code=code,
                version=NewVersion(channel=channel, language=language, content=content),
                number=None,
                saved_by=OURS,
                moment=moment,
            )
            let_go(
                template_code=code,
                number=draft.number,
                approved_by=laid_by,
                moment=moment,
                is_another_needed=False,
            )


def _forms(code: str, language: str) -> dict[str, dict[str, str]]:
    said, own = _words(language)[code], READY_MADE[code]
    link = f"{{{{#{own.link}}}}}{{{{{own.link}}}}}{{{{/{own.link}}}}}" if own.link else "{{shop.url}}"
    url = f"{link}{{{{^{own.link}}}}}{{{{shop.url}}}}{{{{/{own.link}}}}}" if own.link else link
    push = {"title": said["heading"], "text": said["short"], "url": url}
    forms: dict[str, dict[str, str]] = {
        "email": {
            "subject": said["subject"],
            "preheader": said["preheader"],
            "mjml": write_mail(code=code, language=language),
            "text": write_text(code=code, language=language),
        }
    }
    for channel in _SHORT_CHANNELS:
        is_push = channel.endswith("push")
        forms[channel] = dict(push) if is_push else {"text": f"{{{{shop.name}}}}: {said['short']} {link}"}
    return forms


@lru_cache
def _words(language: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"words.{language}.toml").read_text(encoding="utf-8"))


@lru_cache
def _frame() -> str:
    return files(__package__).joinpath("frame.mjml").read_text(encoding="utf-8")
