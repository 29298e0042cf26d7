"""A report as PDF: figures on top, then tables. Pure: the same values and moment give the same bytes."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.typesetting import FONT, typeset

# What a page cannot show: control characters, and marks that turn the direction of what follows.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table under its title; the first column is text, the others stand to the right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def report_pdf(
    *,
    title: str,
    said: str,
    shop_name: str,
    figures: Sequence[tuple[str, str, str]],
    tables: Sequence[PaperTable],
    language: str,
    moment: dt.datetime,
) -> bytes:
    """A4 pages with page numbers, in the language that the given words are already in."""
    with translation.override(language):
        page = _("Page {page} of {pages}")
    values = {
        "font": FONT,
        "lang": "zh" if language == "zh-hant" else "en",
        "region": "TW",
        "shop": _clean(shop_name),
        "title": _clean(title),
        "said": _clean(said),
        "page": page,
        "figures": [[_clean(part) for part in one] for one in figures],
        "tables": [
            {
                "title": _clean(one.title),
                "note": _clean(one.note),
                "heads": [_clean(head) for head in one.heads],
                "rows": [[_clean(cell) for cell in row] for row in one.rows],
            }
            for one in tables
            if one.rows
        ],
    }
    return typeset(template="report", values=values, moment=moment)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)
