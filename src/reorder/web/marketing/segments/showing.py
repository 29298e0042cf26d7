"""How segments, their members and files are shown: rows, sentences, the chart, faults in the reader's words."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segment_lists import ListImportRow
from reorder.domain.marketing.segments import MemberRow, SegmentRow
from reorder.insights.segment_pages import ListedSegment, SegmentPage
from reorder.kernel import formatting
from reorder.kernel.clock import current_date
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.charts import Chart, Series
from reorder.web.customers.listing import name_of
from reorder.web.lists import Cell, Column, Row
from reorder.web.marketing.segments import words
from reorder.web.marketing.segments.ready_words import say_segment
from reorder.web.templatetags.reorder import day, word
from reorder.web.templatetags.reorder import moment as said_moment


def import_view(one: ListImportRow) -> dict[str, Any]:
    """A file of a list with its words."""
    return {
        "row": one,
        "mode": words.MODES[one.mode],
        "url": reverse("segments:list_import", args=[one.segment_code, one.id]),
        "rejected_url": reverse("segments:rejected", args=[one.segment_code, one.id]) if one.rejected_count else "",
        "said": _import_words(one),
    }


def explain_fault(error: ReorderError) -> str:
    """What a flow refused, in the reader's language; fields of rules are called as the form calls them."""
    label = words.FIELDS.get(str(error.parameters.get("field"))) if isinstance(error, BadRule) else None
    if label is not None:
        error = type(error)(**{**error.parameters, "field": label})
    return explain_error(error=error, translate=_)


def _import_words(one: ListImportRow) -> str:
    if one.state == "failed":
        return one.error
    if one.state != "done":
        return ngettext("{count} row read so far.", "{count} rows read so far.", one.read_count).format(
            count=formatting.format_units(one.read_count)
        )
    said = _("{read} rows: {came} joined, {left} left, {known} changed nothing, {rejected} named nobody.")
    counts = {"read": one.read_count, "came": one.came_count, "left": one.left_count, "known": one.known_count}
    return said.format(
        **{name: formatting.format_units(count) for name, count in counts.items()},
        rejected=formatting.format_units(one.rejected_count),
    )


def list_row(one: ListedSegment, *, columns: Sequence[Column]) -> Row:
    """A segment as a row of the list."""
    row = one.row
    cells = {
        "name": Cell(say_segment(code=row.code, name=row.name)),
        "members": Cell(formatting.format_units(row.members_count), css="number"),
        "change": Cell(_signed(one.change), css="number"),
        "kind": Cell(kind_of(row)),
        "tag": Cell(row.member_tag),
        "counted": Cell(_counted(row)),
        "changed": Cell(row.changed_by),
        "code": Cell(row.code),
    }
    return Row(
        key=row.code,
        url=reverse("segments:show", args=[row.code]),
        cells=[cells[column.key] for column in columns],
    )


def member_row(one: MemberRow, *, columns: Sequence[Column]) -> Row:
    """A member as a row of the list."""
    value = one.expected_value
    cells = {
        "name": Cell(name_of(key=one.key, name=one.name, is_erased=one.is_erased)),
        "since": Cell(said_moment(one.since_at)),
        "rfm": Cell(word(one.rfm_segment) if one.rfm_segment else ""),
        "value": Cell(
            "–" if value is None else formatting.format_amount(value, currency=settings.REORDER.currency), css="number"
        ),
    }
    return Row(
        key=str(one.customer_id),
        url=reverse("customers:customer", args=[one.customer_id]),
        cells=[cells[column.key] for column in columns],
    )


def members_chart(page: SegmentPage) -> Chart | None:
    """Members by day, where two days at least are known."""
    if len(page.days) < 2:
        return None
    first, last = page.days[0], page.days[-1]
    said = {"first": formatting.format_units(first.members_count), "last": formatting.format_units(last.members_count)}
    return Chart(
        id="members",
        title=_("{first} members on {one}, {last} on {other}").format(
            **said, one=day(first.date), other=day(last.date)
        ),
        labels=[day(one.date) for one in page.days],
        series=[
            Series(name=_("members"), values=[one.members_count for one in page.days]),
            Series(name=_("joined"), values=[one.came_count for one in page.days], kind="bar", colour="info"),
            Series(name=_("went out"), values=[one.left_count for one in page.days], kind="bar", colour="soon"),
        ],
        axis_name=_("day"),
    )


def list_state(found: Sequence[ListedSegment]) -> str:
    """How many segments there are, and how many are being counted."""
    waiting = sum(1 for one in found if one.row.counted_at is None and not one.row.fault)
    said = ngettext("{count} segment", "{count} segments", len(found)).format(count=len(found))
    if not waiting:
        return _("{facts}.").format(facts=said)
    being = ngettext("{count} is being counted", "{count} are being counted", waiting).format(count=waiting)
    return _("{facts}.").format(facts=_("; ").join([said, being]))


def state_of(row: SegmentRow) -> str:
    """How many members a segment has and when they were counted, or why they could not be."""
    if row.fault:
        return row.fault
    return _("{facts}.").format(facts=_("; ").join([count_words(row.members_count), _counted(row)]))


def count_words(count: int) -> str:
    """So many members."""
    return ngettext("{count} member", "{count} members", count).format(count=formatting.format_units(count))


def _counted(row: SegmentRow) -> str:
    if row.is_list:
        return _("kept by hand")
    if row.counted_at is None:
        return _("being counted")
    return _("counted {moment}").format(moment=said_moment(row.counted_at))


def kind_of(row: SegmentRow) -> str:
    """What a segment is: rules or a list."""
    return _("List") if row.is_list else _("Rules")


def _signed(number: int | None) -> str:
    if number is None:
        return "–"
    said = formatting.format_units(abs(number))
    return f"+{said}" if number > 0 else f"−{said}" if number else "0"


def today() -> dt.date:
    """The day of the shop."""
    return current_date(time_zone=settings.REORDER.time_zone)
