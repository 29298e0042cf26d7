"""A report as PDF: figures on top, then tables. Pure: the same values and moment give the same bytes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.typesetting import printable, typeset, words_in


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
        **words_in(language=language),
        "shop": printable(shop_name),
        "title": printable(title),
        "said": printable(said),
        "page": page,
        "figures": [[printable(part) for part in one] for one in figures],
        "tables": [
            {
                "title": printable(one.title),
                "note": printable(one.note),
                "heads": [printable(head) for head in one.heads],
                "rows": [[printable(cell) for cell in row] for row in one.rows],
            }
            for one in tables
            if one.rows
        ],
    }
    return typeset(template="report", values=values, moment=moment)
