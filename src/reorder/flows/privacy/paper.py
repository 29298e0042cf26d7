"""An export as a paper: PDF, in the language of its reader. Pure."""

import datetime as dt
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.typesetting import printable, typeset, words_in
from reorder.flows.privacy.exporting import PersonExport
from reorder.flows.privacy.wording import sections_of
from reorder.kernel.formatting import format_moment

# More rows of one table than anybody reads on paper; the JSON file has them all.
_MOST_ROWS: Final = 200


def export_pdf(*, export: PersonExport, language: str, time_zone: str) -> bytes:
    """A4 pages with everything that is known; raises FontsMissing."""
    with translation.override(language):
        values = {
            **words_in(language=language),
            "shop": printable(export.shop),
            "title": _("Personal data"),
            "said": printable(_said(export, moment=export.made_at, language=language, time_zone=time_zone)),
            "page": _("Page {page} of {pages}"),
            "sections": [
                {
                    "title": printable(one.title),
                    "rows": [[[printable(name), printable(value)] for name, value in row] for row in one.rows],
                }
                for one in sections_of(export=export, language=language, most_rows=_MOST_ROWS)
            ],
        }
    return typeset(template="person", values=values, moment=export.made_at)


def _said(export: PersonExport, *, moment: dt.datetime, language: str, time_zone: str) -> str:
    return _("{name}, as of {moment}. Of long lists the first 200 rows; the file has all of them.").format(
        name=export.name, moment=format_moment(moment, language=language, time_zone=time_zone)
    )
