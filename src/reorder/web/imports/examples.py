"""What a file of each kind may hold, and an empty one to fill in, with headers in the reader's language."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from reorder.connectors.base import Kind
from reorder.connectors.tidy import REQUIRED, WORDS
from reorder.domain.staff.rules import Ability
from reorder.web.access import desk
from reorder.web.imports.words import KINDS, meaning_label


@dataclass(frozen=True, slots=True)
class KindView:
    """One kind of file: what its rows are, what it needs, what it may have besides."""

    kind: str
    label: str
    needed: Sequence[str]
    optional: Sequence[str]


def kinds_of_files() -> list[KindView]:
    """The kinds of files that are read, in the active language."""
    return [
        KindView(
            kind=kind.value,
            label=str(KINDS[kind]),
            needed=[meaning_label(word) for word in _needed(kind)],
            optional=[meaning_label(word) for word in WORDS[kind] if word not in _needed(kind)],
        )
        for kind in Kind
    ]


def header_of(*, kind: Kind, language: str) -> list[str]:
    """Column names of a file of this kind: ours in English, the first Chinese one where the reader reads Chinese."""
    if not language.startswith("zh"):
        return list(WORDS[kind])
    return [next((name for name in names if not name.isascii()), ours) for ours, names in WORDS[kind].items()]


@desk(Ability.IMPORT_FILES)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty file with the header of one kind; a spreadsheet shows its Chinese by the byte order mark."""
    if kind not in set(Kind):
        raise Http404
    text = io.StringIO()
    csv.writer(text).writerow(header_of(kind=Kind(kind), language=get_language() or "en"))
    answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{kind}.csv") or ""
    return answer


def _needed(kind: Kind) -> Sequence[str]:
    """An event is somebody's, by one of two columns; the first one is asked for."""
    return ("customer_id", *REQUIRED[kind]) if kind is Kind.EVENTS else REQUIRED[kind]
