"""One customer, said in the reader's language: sentences of evidence, bands, and the entries of the timeline."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reorder.insights.customer_page import (
    CustomerPage,
    DuePage,
    DuePlace,
    DueProduct,
    TimelinePage,
    TimelinePlace,
)
from reorder.insights.quality import DateError
from reorder.kernel import formatting
from reorder.kernel.clock import date_at
from reorder.web.charts import place_band
from reorder.web.customers.listing import name_of, segment_mark
from reorder.web.lists import BadCursor, decode_cursor, encode_cursor
from reorder.web.templatetags.reorder import day, weekday


def page_context(*, page: CustomerPage, today: dt.date) -> dict[str, Any]:
    """Everything the page, or its side panel, shows."""
    facts = page.facts
    is_erased = facts.erased_at is not None
    return {
        "page": page,
        "facts": facts,
        "customer_id": facts.id,
        "is_erased": is_erased,
        "name": name_of(name=facts.name, key=facts.key, is_erased=is_erased),
        "segment": segment_mark(page.value.segment if page.value else None),
        "state": _state(page=page, today=today),
        "rfm": _rfm(page),
        "since": date_at(moment=page.orders.first_at, time_zone=settings.REORDER.time_zone) if page.orders else None,
        "today": today,
        **due_context(page=page.due, today=today),
        **timeline_context(page=page.timeline),
    }


def due_context(*, page: DuePage, today: dt.date) -> dict[str, Any]:
    """The due dates of one page."""
    return {
        "due": [_due(product, today=today, date_errors=page.date_errors) for product in page.products],
        "due_after": encode_cursor(page.after) if page.after else "",
        "own_rhythm_error": _accuracy(page.date_errors.get("pair")),
    }


def timeline_context(*, page: TimelinePage) -> dict[str, Any]:
    """The entries of one page of the timeline."""
    return {
        "entries": page.entries,
        "timeline_after": encode_cursor((page.after[0].isoformat(), *page.after[1:])) if page.after else "",
    }


def read_due_place(request: HttpRequest) -> DuePlace:
    """Where the next due dates begin; raises BadCursor."""
    values = decode_cursor(request.GET.get("after", ""))
    match values:
        case (bool(has_ended), str(date), str(subject)) if "\x00" not in subject:
            try:
                return has_ended, dt.date.fromisoformat(date), subject
            except ValueError:
                raise BadCursor from None
    raise BadCursor


def read_timeline_place(request: HttpRequest) -> TimelinePlace:
    """Where the next entries begin; raises BadCursor."""
    values = decode_cursor(request.GET.get("after", ""))
    match values:
        case (str(moment), str(kind), int(entry_id)) if 0 <= entry_id < 2**63 and kind.isalpha():
            try:
                read = dt.datetime.fromisoformat(moment)
            except ValueError:
                raise BadCursor from None
            return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)), kind, entry_id
    raise BadCursor


def _state(*, page: CustomerPage, today: dt.date) -> str:
    """One sentence: how often they bought, when last, what they need next."""
    if page.facts.erased_at is not None:
        return _("Personal data was erased on {day}; orders stay without a name.").format(
            day=day(date_at(moment=page.facts.erased_at, time_zone=settings.REORDER.time_zone))
        )
    said = []
    if page.orders is None:
        said.append(_("No orders yet"))
    else:
        count = page.orders.orders_count
        days = (today - date_at(moment=page.orders.last_at, time_zone=settings.REORDER.time_zone)).days
        said.append(ngettext("{count} order", "{count} orders", count).format(count=formatting.format_units(count)))
        said.append(
            _("the last one today")
            if days <= 0
            else ngettext("the last one {days} day ago", "the last one {days} days ago", days).format(days=days)
        )
    if page.due.products and not page.due.products[0].row.has_ended:
        first = page.due.products[0].row
        said.append(
            _("{product} expected around {day}").format(
                product=first.name,
                day=formatting.format_short_day(first.due_date, language=get_language() or "en"),
            )
        )
    return _("{facts}.").format(facts=_("; ").join(said))


def _rfm(page: CustomerPage) -> list[dict[str, object]]:
    """The three scores, each with what it means and what it rests on."""
    value = page.value
    if value is None:
        return []
    days = round(value.recency_days)
    return [
        {
            "name": _("Recency"),
            "score": value.r_score,
            "evidence": ngettext("last order {days} day before", "last order {days} days before", days).format(
                days=days
            ),
        },
        {
            "name": _("Frequency"),
            "score": value.f_score,
            "evidence": ngettext("{count} day with an order", "{count} days with an order", value.frequency).format(
                count=formatting.format_units(value.frequency)
            ),
        },
        {
            "name": _("Money"),
            "score": value.m_score,
            "evidence": _("{amount} so far").format(
                amount=formatting.format_amount(value.monetary, currency=settings.REORDER.currency)
            ),
        },
    ]


def _due(product: DueProduct, *, today: dt.date, date_errors: Mapping[str, DateError]) -> dict[str, Any]:
    row = product.row
    language = get_language() or "en"
    half = _span(row.due_p25_date, row.due_p75_date, language)
    wide = _span(row.due_p10_date, row.due_p90_date, language)
    return {
        "product": product,
        "row": row,
        "mark": place_band(
            middle=row.due_date,
            half=(row.due_p25_date, row.due_p75_date),
            wide=(row.due_p10_date, row.due_p90_date),
            today=today,
        ),
        "spans": _("50%: {half} · 80%: {wide}").format(half=half, wide=wide),
        "label": _("{product}: 50% between {half}, 80% between {wide}").format(product=row.name, half=half, wide=wide),
        "accuracy": _accuracy(date_errors.get(row.evidence)),
        "weak_evidence": _weak_evidence(product),
        "reminder": _reminder(product),
    }


def _accuracy(error: DateError | None) -> str:
    """How far off dates that rest on this kind of evidence were lately; empty where nobody has looked."""
    if error is None:
        return ""
    return _("{days} days on average").format(days=f"{error.mean_days:.1f}")


def _span(first: dt.date, last: dt.date, language: str) -> str:
    if first.year != last.year:
        return f"{formatting.format_day(first, language=language)} – {formatting.format_day(last, language=language)}"
    return (
        f"{formatting.format_short_day(first, language=language)} – "
        f"{formatting.format_short_day(last, language=language)}"
    )


def _weak_evidence(product: DueProduct) -> str:
    """What is said when the customer has not bought the product often enough to have a rhythm of their own."""
    row = product.row
    days = max(round(row.usual_gap_days), 1)
    patterns = {
        "customer": _("Not enough data yet: judged by how this customer buys other things again ({days} days)."),
        "product": _("Not enough data yet: using the product's usual rhythm ({days} days)."),
        "category": _("Not enough data yet: using the usual rhythm of {category} ({days} days)."),
        "store": _("Not enough data yet: using the usual rhythm of the whole shop ({days} days)."),
    }
    pattern = patterns.get(row.evidence)
    return pattern.format(days=formatting.format_units(days), category=row.category_code) if pattern else ""


def _reminder(product: DueProduct) -> str:
    """Whether, when and why then a reminder goes out."""
    if product.reminder_at is None:
        return ""
    local = product.reminder_at.astimezone(ZoneInfo(settings.REORDER.time_zone))
    pattern = (
        _("Would be reminded {weekday} {day} {time}; kept back to measure what reminders earn.")
        if product.is_held_out
        else _("Reminder planned for {weekday} {day} {time}.")
    )
    said = pattern.format(weekday=weekday(local.date()), day=day(local.date()), time=f"{local:%H:%M}")
    why = _contact_reasons(product, sent_date=local.date())
    return formatting.format_sentences([said, why] if why else [said], language=get_language() or "en")


def _contact_reasons(product: DueProduct, *, sent_date: dt.date) -> str:
    """Why then; empty for a reminder that was planned before reasons were kept."""
    if not product.contact:
        return ""
    is_own = product.contact.get("code") == "contact.own_hour"
    parts = [_("around the customer's usual hour") if is_own else _("the shop's hour")]
    ahead, delivery = (product.row.due_date - sent_date).days, int(product.contact.get("delivery_days", 0))
    if ahead > 0 and delivery:
        pattern = ngettext(
            "{ahead} day before the due day, and parcels take {delivery}",
            "{ahead} days before the due day, and parcels take {delivery}",
            ahead,
        )
        parts.append(pattern.format(ahead=ahead, delivery=delivery))
    return _("Why then: {reasons}.").format(reasons=_("; ").join(parts))
