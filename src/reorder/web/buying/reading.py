"""What forms of Buying carry: what is ticked and how it looked, ids and texts that somebody may have mangled."""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, QueryDict

from reorder.flows.restock import Selection
from reorder.kernel import clock
from reorder.kernel.errors import BadInput

_MOST_ID = 2**63 - 1


class UnreadableSelection(BadInput):
    code = "buying.unreadable_selection"
    template = "What was ticked cannot be read ({text!r}). Open Buying again and tick anew."


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was ticked: whole suppliers with the marks that the page showed, single lines, and lines taken out."""

    marks: dict[str, str]
    whole: frozenset[str]
    lines: dict[int, int]
    without: frozenset[int]
    attempt: str

    def selection(self, *, place_codes: frozenset[str]) -> Selection:
        """For the flow."""
        return Selection(
            whole={code: self.marks.get(code, "") for code in sorted(self.whole)},
            without=self.without,
            seen_edits=self.lines,
            place_codes=place_codes,
        )


def read_ticked(*, form: QueryDict) -> Ticked:
    """Of the suppliers named by the button `only`, or of all. Raises UnreadableSelection.

    A line is `id.edits.supplier`, ticked (`line`) or merely shown (`shown`); a mark is `mark|supplier`.
    """
    only = clean(form.get("only", ""))
    ticked = [_line(text) for text in form.getlist("line")]
    shown = [_line(text) for text in form.getlist("shown")]
    whole = {clean(code) for code in form.getlist("supplier")}
    marks = {code: mark for mark, _, code in (clean(text).partition("|") for text in form.getlist("mark"))}
    if only:
        ticked = [one for one in ticked if one[2] == only]
        whole &= {only}
    ids = {one[0] for one in ticked}
    return Ticked(
        marks=marks,
        whole=frozenset(whole),
        lines={one[0]: one[1] for one in ticked},
        without=frozenset(one[0] for one in shown if one[0] not in ids),
        attempt=clean(form.get("attempt", ""))[:64] or new_key(),
    )


def new_key() -> str:
    """A key that makes one form count once."""
    return secrets.token_hex(12)


def clean(text: str) -> str:
    """Without characters that a database refuses."""
    return text.replace("\x00", "")


def today() -> dt.date:
    """On the shop's calendar."""
    return clock.current_date(time_zone=settings.REORDER.time_zone)


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(getattr(request, "htmx", None))


def _line(text: str) -> tuple[int, int, str]:
    first, _, rest = clean(text).partition(".")
    edits, _, supplier = rest.partition(".")
    if not (first.isascii() and first.isdigit() and edits.isascii() and edits.isdigit() and int(first) <= _MOST_ID):
        raise UnreadableSelection(text=text[:60])
    return int(first), min(int(edits), _MOST_ID), supplier
