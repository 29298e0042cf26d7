"""Why this person, and why now: one sentence a check, in the order in which the night made them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.insights.messages import CAP_DAYS, MessageItem, MessagePage
from reorder.kernel.clock import current_date
from reorder.kernel.formatting import format_money, format_share, format_weekday
from reorder.web.charts import BandMark, place_band
from reorder.web.templatetags.reorder import _language, day, moment, reason


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `is_well` None: neither for nor against."""

    name: str
    sentence: str
    is_well: bool | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """One product with its evidence then and its due date now."""

    item: MessageItem
    sentence: str
    band: BandMark | None
    due_sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything beside the words of a message."""

    sentence: str
    outcome: str
    items: Sequence[ItemView]
    checks: Sequence[Check]


def explain_message(*, page: MessagePage, moment: dt.datetime) -> Explanation:
    """The reasons of one message in the active language."""
    facts = page.facts
    checks: list[Check] = []
    if facts.purpose == "marketing" and page.customer is not None:
        checks = [_consent(page), *_pause(page), _cap(page), _holdout(page)]
    checks.append(_time(page))
    checks += _worth(page)
    if facts.expires_at is not None and facts.state in {"planned", "held_out"}:
        checks.append(_expiry(facts.expires_at, now=moment))
    return Explanation(
        sentence=reason(facts.reason_code, facts.reason_parameters),
        outcome=reason(facts.outcome_code) if facts.outcome_code else "",
        items=[_item(item) for item in page.items],
        checks=checks,
    )


def _consent(page: MessagePage) -> Check:
    consent = page.consent
    if consent is None:
        return Check(
            _("Consent"), _("The customer never agreed to marketing mail; it will not be sent."), is_well=False
        )
    pattern = _("Agreed on {day} ({source}).") if consent.is_granted else _("Refused on {day} ({source}).")
    said = pattern.format(day=moment(consent.declared_at), source=consent.source)
    return Check(_("Consent"), said, is_well=consent.is_granted)


def _pause(page: MessagePage) -> list[Check]:
    pause = page.pause
    if pause is None:
        return []
    if pause.resumes_date:
        said = _("Paused by {name} until {day}: {reason}").format(
            name=pause.paused_by, day=day(pause.resumes_date), reason=_(pause.reason)
        )
    else:
        said = _("Paused by {name}: {reason}").format(name=pause.paused_by, reason=_(pause.reason))
    return [Check(_("Pause"), said, is_well=False)]


def _cap(page: MessagePage) -> Check:
    limit = settings.REORDER.messages_per_week
    said = ngettext(
        "{count} other message in the {days} days before; {limit} are allowed.",
        "{count} other messages in the {days} days before; {limit} are allowed.",
        page.cap_count,
    ).format(count=page.cap_count, days=CAP_DAYS, limit=limit)
    return Check(_("Weekly limit"), said, is_well=page.cap_count < max(limit, 1))


def _holdout(page: MessagePage) -> Check:
    share = format_share(settings.REORDER.holdout_share)
    if page.facts.state == "held_out":
        said = _("This customer is one of the {share} who get no reminders, so that we see what reminders earn.")
        return Check(_("Holdout"), said.format(share=share))
    said = _("Not one of the {share} who get no reminders for comparison.")
    return Check(_("Holdout"), said.format(share=share), is_well=True)


def _time(page: MessagePage) -> Check:
    local = page.local_send_at
    clock = f"{local:%H:%M}"
    weekday = format_weekday(local.date(), language=_language())
    if page.facts.purpose != "marketing":
        return Check(_("Time"), _("As soon as it was planned, on {day}.").format(day=moment(page.facts.send_after)))
    if _is_own_hour(page):
        said = _("{weekday} {day}, {clock}: around the hour at which this customer usually orders.")
    elif page.has_own_zone:
        said = _("{weekday} {day}, {clock} on the customer's own clock.")
    else:
        said = _("{weekday} {day}, {clock} on the shop's clock; the customer's is not known.")
    return Check(_("Time"), said.format(weekday=weekday, day=day(local.date()), clock=clock), is_well=True)


def _is_own_hour(page: MessagePage) -> bool:
    """Whether it still goes out at the customer's hour; who sends it sooner or later changes that."""
    contact = page.facts.reason_parameters.get("contact") or {}
    return contact.get("code") == "contact.own_hour" and contact.get("hour") == page.local_send_at.hour


def _worth(page: MessagePage) -> list[Check]:
    """Why this day, and what the reminder is expected to win; nothing for messages planned before it was known."""
    contact = page.facts.reason_parameters.get("contact")
    if not isinstance(contact, Mapping):
        return []
    return [_day_check(page, delivery_days=int(contact["delivery_days"])), _win_check(contact)]


def _day_check(page: MessagePage, *, delivery_days: int) -> Check:
    due_dates = [item.due_date for item in page.message.items if item.due_date]
    ahead = (min(due_dates) - page.local_send_at.date()).days if due_dates else 0
    parcel = ngettext("a parcel takes {days} day", "a parcel takes {days} days", delivery_days).format(
        days=delivery_days
    )
    if ahead > 0:
        pattern = ngettext(
            "{days} day before the due day: {parcel}, and from now on a purchase is most likely.",
            "{days} days before the due day: {parcel}, and from now on a purchase is most likely.",
            ahead,
        )
        return Check(_("Day"), pattern.format(days=ahead, parcel=parcel), is_well=True)
    said = _("The due day has come: {parcel}, and a purchase will not grow more likely.").format(parcel=parcel)
    return Check(_("Day"), said, is_well=True)


def _win_check(contact: Mapping[str, Any]) -> Check:
    orders = f"{float(contact['extra_orders']):.2f}"
    minor = contact.get("extra_margin_minor")
    if minor is None:
        return Check(_("Worth"), _("Expected to bring {orders} extra orders.").format(orders=orders))
    money = format_money(int(minor), currency=str(contact["currency"]))
    said = _("Expected to bring {orders} extra orders and {money} of extra margin.")
    return Check(_("Worth"), said.format(orders=orders, money=money), is_well=int(minor) > 0)


def _expiry(expires_at: dt.datetime, *, now: dt.datetime) -> Check:
    said = _("Of use until {day}; after that it is stopped by itself.").format(day=moment(expires_at))
    return Check(_("Valid"), said, is_well=expires_at > now)


def _item(item: MessageItem) -> ItemView:
    due = item.due
    band = None
    if due is not None:
        band = place_band(
            middle=due.due_date,
            half=(due.due_p25_date, due.due_p75_date),
            wide=(due.due_p10_date, due.due_p90_date),
            today=current_date(time_zone=settings.REORDER.time_zone),
        )
    return ItemView(item=item, sentence=_evidence(item), band=band, due_sentence=_due(item))


def _evidence(item: MessageItem) -> str:
    parts: list[str] = []
    if item.gap_days is not None:
        days = max(item.gap_days, 1)
        own = ngettext(
            "Bought about every {days} day by this customer", "Bought about every {days} days by this customer", days
        )
        usual = ngettext(
            "Lasts about {days} day for most customers", "Lasts about {days} days for most customers", days
        )
        parts.append((own if item.is_own_rhythm else usual).format(days=days))
    if item.last_bought_date:
        parts.append(_("last bought on {day}").format(day=day(item.last_bought_date)))
    if item.hit_percent is not None and item.remind_date:
        parts.append(
            _("{percent}% likely within 3 days of {day}").format(percent=item.hit_percent, day=day(item.remind_date))
        )
    return _("{facts}.").format(facts=_(", ").join(parts)) if parts else ""


def _due(item: MessageItem) -> str:
    due = item.due
    if due is None:
        return ""
    return _("As known today: due {day}, between {first} and {last} with 80%.").format(
        day=day(due.due_date), first=day(due.due_p10_date), last=day(due.due_p90_date)
    )
