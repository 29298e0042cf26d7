"""The list of customers: its tabs and columns, and each row said in the reader's language."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext as _

from reorder.domain.planning.customer_list import SEGMENTS
from reorder.insights.customers import (
    ALL,
    COUNT_LIMIT,
    FORTNIGHT,
    PAUSED,
    WEEK,
    CustomerCounts,
    CustomersPage,
    ListedCustomer,
    Place,
    order_of_tab,
)
from reorder.kernel import formatting
from reorder.kernel.clock import date_at
from reorder.web.lists import BadCursor, Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.templatetags.reorder import day, share, word

COLUMNS: Final = (
    Column("name", gettext_lazy("Customer")),
    Column("key", gettext_lazy("Shop's id"), is_default=False),
    Column("segment", gettext_lazy("Segment"), "state", help=gettext_lazy(
        "From the last night's scores: how recently, how often and for how much somebody buys, compared with all "
        "customers of the shop."
    )),
    Column(
        "next",
        gettext_lazy("Due next"),
        help=gettext_lazy(
            "The product that is needed first, the day on which the next purchase is as likely behind us as ahead, and "
            "the days that hold it with 50% probability."
        ),
    ),
    Column("last", gettext_lazy("Last order"), "date"),
    Column("orders", gettext_lazy("Orders"), "number"),
    Column("value", gettext_lazy("Value next year"), "number", help=gettext_lazy(
        "What this customer is expected to spend in the next 365 days: expected orders times expected amount of one."
    )),
    Column("churn", gettext_lazy("Churn risk"), "number", help=gettext_lazy(
        "The chance that this customer has left for good, judged by the time since the last order and the usual rhythm."
    )),
    Column("rfm", gettext_lazy("RFM"), "text", is_default=False, help=gettext_lazy(
        "Recency, frequency and money: scores by rank among all customers, 1 being the worst."
    )),
    Column("window", gettext_lazy("80% window"), "date", is_default=False),
    Column("active", gettext_lazy("Still active"), "number", is_default=False),
    Column("hit", gettext_lazy("Reminder hits"), "number", is_default=False, help=gettext_lazy(
        "The chance that the next purchase falls within 3 days of the remind date."
    )),
)  # fmt: skip
SEGMENT_TABS: Final = SEGMENTS
# Words of segments and states as people read them; the extractor collects this table.
WORD_TEMPLATES: Final = (
    "champions",
    "loyal",
    "new",
    "promising",
    "needs attention",
    "about to sleep",
    "at risk",
    "cannot lose",
    "hibernating",
    "lost",
    "paused",
    "held out",
    "marketing",
    "transactional",
    "email",
)
_TONES: Final[Mapping[str, str]] = {
    "champions": "good",
    "loyal": "good",
    "new": "info",
    "promising": "info",
    "needs_attention": "soon",
    "about_to_sleep": "soon",
    "at_risk": "bad",
    "cannot_lose": "bad",
    "hibernating": "quiet",
    "lost": "quiet",
}


def customer_list(*, counts: CustomerCounts) -> ListSpec:
    """The list with what is known of how many each tab holds."""

    def bounded(count: int) -> int | None:
        return count if count < COUNT_LIMIT else None

    valued = counts.valued_count if counts.as_of_date else None
    return ListSpec(
        page="customers",
        columns=COLUMNS,
        tabs=(
            Tab(ALL, gettext_lazy("All"), valued),
            Tab(WEEK, gettext_lazy("Due within 7 days"), bounded(counts.week_count)),
            Tab(FORTNIGHT, gettext_lazy("Due within 14 days"), bounded(counts.fortnight_count)),
            *(Tab(key, word(key).capitalize(), counts.segments.get(key, 0)) for key in SEGMENT_TABS),
            Tab(PAUSED, gettext_lazy("Marketing paused"), bounded(counts.paused_count)),
        ),
        search_label=gettext_lazy("Name, e-mail address or shop's id"),
    )


def name_of(*, name: str, key: str, is_erased: bool) -> str:
    """What to call somebody: the name as the shop keeps it, else the key; nobody's after erasure."""
    if is_erased:
        return _("Erased customer")
    return name or key


def place_of(*, state: ListState) -> Place | None:
    """Where the page begins, read from the address; raises BadCursor."""
    if state.after is None:
        return None
    if len(state.after) != 2:
        raise BadCursor
    place, customer_id = state.after
    if isinstance(customer_id, bool) or not isinstance(customer_id, int) or not 0 < customer_id < 2**63:
        raise BadCursor
    return _sort_value(place, order=order_of_tab(tab=state.tab)), customer_id


def _sort_value(place: object, *, order: str) -> float | dt.date | dt.datetime:
    try:
        match order:
            case "value" if isinstance(place, int | float) and not isinstance(place, bool):
                return float(place)
            case "due" if isinstance(place, str):
                return dt.date.fromisoformat(place)
            case "paused" if isinstance(place, str):
                moment = dt.datetime.fromisoformat(place)
                return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise BadCursor


def rows_of(*, page: CustomersPage, columns: Sequence[Column]) -> list[Row]:
    """The rows as `list.html` draws them."""
    language = get_language() or "en"
    return [
        Row(
            key=str(listed.line.id),
            url=reverse("customers:customer", args=[listed.line.id]),
            side_url=reverse("customers:side", args=[listed.line.id]),
            cells=[_CELLS[column.key](listed, language) for column in columns],
        )
        for listed in page.rows
    ]


def totals_of(*, page: CustomersPage, columns: Sequence[Column]) -> list[Cell]:
    """Sums below a list that is shown whole; a part of a list has no honest sum."""
    summed = {
        "orders": formatting.format_units(sum(row.orders.orders_count for row in page.rows if row.orders)),
        "value": formatting.format_amount(
            sum(row.line.expected_value or 0.0 for row in page.rows), currency=settings.REORDER.currency
        ),
    }
    cells = [Cell(summed.get(column.key, ""), column.kind if column.key in summed else "") for column in columns]
    if columns[0].key not in summed:
        cells[0] = Cell(_("Together"))
    return cells


def segment_mark(segment: str | None) -> str:
    """A segment as a coloured mark with its word."""
    if segment is None:
        return format_html('<span class="quiet">{}</span>', _("not known yet"))
    return format_html('<span class="mark mark-{}">{}</span>', _TONES.get(segment, "quiet"), word(segment))


def _name(listed: ListedCustomer, language: str) -> Cell:
    line = listed.line
    name = name_of(name=line.name, key=line.key, is_erased=line.is_erased)
    if line.is_erased or name == line.key:
        return Cell(name)
    return Cell(format_html('{}<br><span class="quiet key-line">{}</span>', name, line.key), "clip")


def _segment(listed: ListedCustomer, language: str) -> Cell:
    mark = segment_mark(listed.line.segment)
    if not listed.line.is_paused:
        return Cell(mark)
    return Cell(format_html('{} <span class="mark mark-soon">{}</span>', mark, gettext("paused")))


def _next(listed: ListedCustomer, language: str) -> Cell:
    line = listed.line
    if line.due_date is None or line.due_p25_date is None or line.due_p75_date is None:
        return Cell("–")
    days = _span(line.due_p25_date, line.due_p75_date, language)
    return Cell(
        format_html(
            '{}<br><span class="key-line">{} <span class="quiet">{}</span></span>',
            line.product_name,
            formatting.format_short_day(line.due_date, language=language),
            days,
        ),
        "clip is-wide",
    )


def _window(listed: ListedCustomer, language: str) -> Cell:
    line = listed.line
    if line.due_p10_date is None or line.due_p90_date is None:
        return Cell("–", "date")
    return Cell(_span(line.due_p10_date, line.due_p90_date, language), "date")


def _span(first: dt.date, last: dt.date, language: str) -> str:
    said = (formatting.format_short_day(one, language=language) for one in (first, last))
    return " – ".join(said)


def _last(listed: ListedCustomer, language: str) -> Cell:
    return Cell(day(_last_date(listed)), "date")


def _last_date(listed: ListedCustomer) -> dt.date | None:
    return date_at(moment=listed.orders.last_at, time_zone=settings.REORDER.time_zone) if listed.orders else None


def _value(listed: ListedCustomer, language: str) -> Cell:
    value = listed.line.expected_value
    text = "–" if value is None else formatting.format_amount(value, currency=settings.REORDER.currency)
    return Cell(text, "number")


def _rfm(listed: ListedCustomer) -> str:
    line = listed.line
    return "–" if line.r_score is None else f"{line.r_score} {line.f_score} {line.m_score}"


_CELLS: Final[Mapping[str, Callable[[ListedCustomer, str], Cell]]] = {
    "name": _name,
    "key": lambda one, language: Cell("–" if one.line.is_erased else one.line.key, "key-cell"),
    "segment": _segment,
    "next": _next,
    "window": _window,
    "last": _last,
    "orders": lambda one, language: Cell(
        formatting.format_units(one.orders.orders_count) if one.orders else "0", "number"
    ),
    "value": _value,
    "churn": lambda one, language: Cell(share(one.line.churn_share), "number"),
    "rfm": lambda one, language: Cell(_rfm(one), "number"),
    "active": lambda one, language: Cell(share(one.line.active_share), "number"),
    "hit": lambda one, language: Cell(share(one.line.remind_hit_share), "number"),
}


def export_heads() -> list[str]:
    """Heads of the exported table."""
    return [
        _("Shop's id"),
        _("Customer"),
        _("Segment"),
        _("Due next"),
        _("SKU or category"),
        _("Due date"),
        _("50% from"),
        _("50% to"),
        _("Last order"),
        _("Orders"),
        _("Value next year"),
        _("Churn risk"),
        _("Recency score"),
        _("Frequency score"),
        _("Money score"),
        _("Marketing paused"),
    ]


def export_row(listed: ListedCustomer) -> list[object]:
    """One customer with typed values: the file is computed with."""
    line = listed.line
    return [
        "" if line.is_erased else line.key,
        name_of(name=line.name, key="", is_erased=line.is_erased),
        word(line.segment or ""),
        line.product_name or "",
        line.subject or "",
        line.due_date,
        line.due_p25_date,
        line.due_p75_date,
        _last_date(listed),
        listed.orders.orders_count if listed.orders else 0,
        None if line.expected_value is None else round(line.expected_value, 2),
        None if line.churn_share is None else round(line.churn_share, 4),
        line.r_score,
        line.f_score,
        line.m_score,
        _("yes") if line.is_paused else _("no"),
    ]
