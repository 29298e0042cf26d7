"""A calendar out of a file: its entries land once, whatever cannot be read is told line by line."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.planning import calendar
from reorder.domain.planning.errors import BadEntry
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import NewEntry, refuse_bad_entry
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.shop_calendar.files import BadLine, read_calendar
from reorder.flows.shop_calendar.knowing import known_among
from reorder.kernel.clock import date_at


@dataclass(frozen=True, slots=True)
class CalendarImported:
    """How many entries were new, how many stood already, and the lines that are no entries."""

    added_count: int
    known_count: int
    faults: Sequence[BadLine]


def import_calendar(
    *,
    name: str,
    content: bytes,
    kind: str,
    place_codes: frozenset[str],
    moment: dt.datetime,
    decided_by: str,
) -> CalendarImported:
    """Enter everything that a CSV or ICS file says; the same file again adds nothing. Raises BadCalendarFile.

    `kind` (promotion, event, holiday, closed) is what entries are that do not say it.
    """
    time_zone = settings.REORDER.time_zone
    today = date_at(moment=moment, time_zone=time_zone)
    read = read_calendar(name=name, content=content, kind=kind, today=today, time_zone=time_zone)
    known = known_among(told=[entry for _line, entry in read.entries])
    faults, good = list(read.faults), []
    for line, entry in read.entries:
        reason = _refusal(entry=entry, place_codes=place_codes)
        try:
            refuse_bad_entry(entry=entry, known=known, today=today)
        except BadEntry as fault:
            reason = str(fault.parameters["reason"])
        if reason:
            faults.append(BadLine(line, reason))
        else:
            good.append(entry)
    with one_transaction():
        made = calendar.record_entries(entries=good, author=decided_by, moment=moment)
        record_audit(
            actor=decided_by,
            action="planning.import_calendar",
            subject_kind="calendar",
            subject_key=name[:200],
            details={"added": len(made), "known": len(good) - len(made), "refused": len(faults)},
        )
    return CalendarImported(len(made), len(good) - len(made), sorted(faults, key=lambda fault: fault.line))


def _refusal(*, entry: NewEntry, place_codes: frozenset[str]) -> str:
    if place_codes and (entry.place_code == ALL_PLACES or entry.place_code not in place_codes):
        return "there is no such place"
    return ""
