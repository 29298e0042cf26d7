"""Sheets of one look, as `orders.typ` draws them: pick lists, slips, manifests, return slips. Pure."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.typesetting import printable, typeset, words_in

LANGUAGES: Final = ("en", "zh-hant")
# A box to tick.
BOX: Final = "[ ]"
_LONG_WORD: Final = re.compile(r"[^\s\u2e80-\uffff]{18,}")


def language_of(*, wanted: str) -> str:
    """The language of a document; an unknown one is English."""
    return wanted if wanted in LANGUAGES else "en"


def sheet(**given: Any) -> dict[str, Any]:
    """A sheet with title, columns, aligns, heads and rows; what else is not given is empty."""
    usual: dict[str, Any] = {
        "number": "",
        "bars": [],
        "warning": "",
        "block_title": "",
        "block": [],
        "facts": [],
        "sums": [],
        "note": "",
    }
    return usual | given


def sheets_pdf(
    *, sheets: Sequence[dict[str, Any]], title: str, language: str, shop_name: str, moment: dt.datetime
) -> bytes:
    """All sheets as one PDF, each on pages of its own; `language` is one of LANGUAGES."""
    with translation.override(language):
        page = _("Page {page} of {pages}")
    values = {
        **words_in(language=language),
        "shop": printable(shop_name),
        "title": title,
        "page": page,
        "sheets": list(sheets),
    }
    return typeset(template="orders", values=values, moment=moment)


def breakable(text: str) -> str:
    """Long words without a space may break at every sixth letter, so that no column runs over its neighbour."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(re.findall(".{1,6}", word[0])), printable(text))
