"""The decisions of the Overview as cards in the reader's words, the most urgent and the most money first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.buying import BuyingSummary
from reorder.insights.inbox import InboxSummary
from reorder.insights.overview import DUE_COUNTED_MOST, Overview, SegmentChange
from reorder.kernel.formatting import format_amount, format_day, format_money, format_short_day
from reorder.kernel.money import minor_digits

_URGENCY = {"now": 0, "soon": 1, "info": 2, "good": 3, "": 4}
_RUN_OUTS_SHOWN = 3
SEGMENT_TEMPLATES = ("at risk", "needs attention", "lost")


@dataclass(frozen=True, slots=True)
class Card:
    """One decision: how urgent, how much money is at stake (for the order), where it is made, and why the number."""

    title: str
    tone: str
    url: str
    action: str
    figure: str = ""
    figure_note: str = ""
    lines: tuple[str, ...] = ()
    why: str = ""
    risk_minor: int = 0


def make_cards(*, overview: Overview, actor: Actor, inbox: InboxSummary | None = None) -> list[Card]:
    """The cards of this person."""
    cards = [
        *_alerts(inbox),
        *_orders(overview),
        *_buying(overview, actor),
        *_arrivals(overview, actor),
        *_customers(overview, actor),
    ]
    cards += _messages(overview, actor)
    return sorted(cards, key=lambda card: (_URGENCY[card.tone], -card.risk_minor))


def _alerts(inbox: InboxSummary | None) -> Iterator[Card]:
    """What waits in the inbox; nothing before anything does."""
    if inbox is None or not inbox.open_count:
        return
    count, critical = inbox.open_count, inbox.critical_count
    title = ngettext("{count} alert is open", "{count} alerts are open", count)
    now = ngettext("{count} needs you now", "{count} need you now", critical)
    yield Card(
        title=title.format(count=f"{count:,}"),
        tone="now" if critical else "soon",
        url=reverse("alerts:index") + ("?tab=critical" if critical else ""),
        action=_("See them"),
        figure=_estimate(inbox.stake_minor),
        figure_note=_("at stake") if inbox.stake_minor else "",
        lines=(now.format(count=f"{critical:,}"),) if critical else (),
        why=_("Stock that runs out or lies, lots that expire, late orders, plans that drift, and data that is wrong."),
        risk_minor=sum(inbox.stake_minor.values()),
    )


def _orders(overview: Overview) -> Iterator[Card]:
    """Orders that need a human, the late ones among them, and what came in today; nothing while there is nothing."""
    found = overview.orders
    if found is None or not (found.needing_count or found.new_count):
        return
    fresh = ngettext("{count} new order today", "{count} new orders today", found.new_count)
    fresh = fresh.format(count=_bounded(found.new_count))
    fresh_url = f"{reverse('orders:index')}?tab=all&from={overview.today.isoformat()}"
    if not found.needing_count:
        yield Card(title=fresh, tone="info", url=fresh_url, action=_("See them"))
        return
    queue = reverse("orders:exceptions")
    title = ngettext("{count} order needs a human", "{count} orders need a human", found.needing_count)
    late = ngettext("{count} should have left by now", "{count} should have left by now", found.late_count)
    lines = [(f"{queue}?kind=late", late.format(count=f"{found.late_count:,}"))] if found.late_count else []
    lines += [(fresh_url, fresh)] if found.new_count else []
    yield Card(
        title=title.format(count=f"{found.needing_count:,}"),
        tone="now" if found.late_count else "soon",
        url=queue,
        action=_("See them"),
        figure=_estimate(found.risk_minor),
        figure_note=_("money at risk"),
        lines=tuple(format_html('<a href="{}">{}</a>', url, said) for url, said in lines),
        why=_(
            "Orders that are checked, short of goods, unpaid for long, late, or whose customer waits for an answer; "
            "at risk is what they come to."
        ),
        risk_minor=sum(found.risk_minor.values()),
    )


def _money(amounts: Mapping[str, int]) -> str:
    return " + ".join(format_money(minor, currency=code) for code, minor in sorted(amounts.items()))


def _estimate(amounts: Mapping[str, int]) -> str:
    """Whole units: more would pretend to be exact."""
    return " + ".join(
        format_amount(minor / 10 ** minor_digits(currency=code), currency=code)
        for code, minor in sorted(amounts.items())
    )


def _buying(overview: Overview, actor: Actor) -> Iterator[Card]:
    summary = overview.buying
    if summary is None:
        return
    may_decide = actor.may(Ability.DECIDE_PROPOSALS)
    if summary.proposals_count and (may_decide or not actor.may(Ability.RECEIVE_GOODS)):
        yield _proposals(summary, may_decide=may_decide)
    if summary.runs_out_count:
        yield _run_outs(summary)


def _proposals(summary: BuyingSummary, *, may_decide: bool) -> Card:
    count, due = summary.proposals_count, summary.due_today_count
    lines = [_("Buying all of it costs {cost}.").format(cost=_money(summary.cost_minor))]
    if due:
        sentence = ngettext("{count} must be ordered today.", "{count} must be ordered today.", due)
        lines.insert(0, sentence.format(count=f"{due:,}"))
    title = ngettext("{count} purchase to decide", "{count} purchases to decide", count)
    return Card(
        title=title.format(count=f"{count:,}"),
        tone="now" if due else "soon",
        url=reverse("buying:index"),
        action=_("Decide") if may_decide else _("Look"),
        figure=_estimate(summary.risk_minor),
        figure_note=_("money at risk"),
        lines=tuple(lines),
        why=_(
            "At risk is the margin of the sales that are expected to be lost until the next delivery when nothing is "
            "bought now, over all open proposals."
        ),
        risk_minor=sum(summary.risk_minor.values()),
    )


def _run_outs(summary: BuyingSummary) -> Card:
    count, language = summary.runs_out_count, get_language() or "en"
    shown = summary.runs_out_soon[:_RUN_OUTS_SHOWN]
    lines = [
        _("{day}: {product}, {place}").format(
            product=one.product_name, place=one.place_code, day=format_short_day(one.on_date, language=language)
        )
        for one in shown
    ]
    title = ngettext("{count} product runs out within 5 days", "{count} products run out within 5 days", count)
    return Card(
        title=title.format(count=f"{count:,}"),
        tone="now",
        url=reverse("buying:index"),
        action=_("See them"),
        lines=tuple(lines),
        why=_("Free stock divided by the units that the plan expects to be sold a day, where a purchase is proposed."),
        risk_minor=1,
    )


def _arrivals(overview: Overview, actor: Actor) -> Iterator[Card]:
    facts = overview.facts
    if not actor.may(Ability.VIEW_BUYING):
        return
    action = _("Receive") if actor.may(Ability.RECEIVE_GOODS) else _("Look")
    if count := facts.arriving_late_count:
        title = ngettext("{count} purchase order is late", "{count} purchase orders are late", count)
        yield Card(
            title=title.format(count=f"{count:,}"),
            tone="now" if actor.role == "warehouse" else "soon",
            url=_orders_address() + "?tab=late",
            action=action,
            lines=(_("Their expected day is over. Receive what came, or ask the supplier."),),
        )
    if count := facts.arriving_today_count:
        title = ngettext("{count} purchase order is due today", "{count} purchase orders are due today", count)
        yield Card(title=title.format(count=f"{count:,}"), tone="info", url=_orders_address(), action=action)
    if count := facts.partly_received_count:
        title = ngettext("{count} delivery came short", "{count} deliveries came short", count)
        yield Card(
            title=title.format(count=f"{count:,}"),
            tone="soon",
            url=_orders_address() + "?tab=partly_received",
            action=action,
            lines=(_("A part was received; the rest is still expected."),),
        )


def _orders_address() -> str:
    return reverse("buying:orders")


def _customers(overview: Overview, actor: Actor) -> Iterator[Card]:
    due = overview.due
    if due is None:
        return
    if count := due.week_count:
        more = due.fortnight_count - count
        title = ngettext("{count} customer is due this week", "{count} customers are due this week", count)
        later = ngettext("{count} more the week after.", "{count} more the week after.", more)
        yield Card(
            title=title.format(count=_bounded(count)),
            tone="info",
            url=reverse("customers:index") + "?tab=week",
            action=_("See who"),
            lines=(later.format(count=_bounded(more)),) if more > 0 else (),
            why=_(
                "Customers whose next purchase is expected within seven days, by the median of what the model predicts."
            ),
        )
    grown = [change for change in overview.segments if change.previous_count is not None and _growth(change) > 0]
    if grown:
        yield Card(
            title=_("More customers drift away"),
            tone="soon",
            url=reverse("customers:index") + f"?tab={grown[0].segment}",
            action=_("See them"),
            lines=tuple(
                _("{segment}: {count} (+{more})").format(
                    segment=_(change.segment.replace("_", " ")), count=f"{change.count:,}", more=f"{_growth(change):,}"
                )
                for change in grown
            ),
            why=_("Customers by recency, frequency and value of their purchases, against the night before."),
        )


def _growth(change: SegmentChange) -> int:
    return change.count - (change.previous_count or 0)


def _messages(overview: Overview, actor: Actor) -> Iterator[Card]:
    summary = overview.messages
    if summary is None:
        return
    may_decide = actor.may(Ability.DECIDE_MARKETING_MESSAGES) or actor.may(Ability.DECIDE_SUPPLIER_MESSAGES)
    outbox = reverse("outbox:index")
    if count := summary.parked_count:
        title = ngettext("{count} message may not have arrived", "{count} messages may not have arrived", count)
        yield Card(
            title=title.format(count=_bounded(count)),
            tone="now",
            url=f"{outbox}?tab=parked",
            action=_("Settle") if may_decide else _("Look"),
            lines=(_("The connection broke while they were sent. Nothing is sent twice without you."),),
        )
    if count := summary.failed_count:
        title = ngettext("{count} message failed this week", "{count} messages failed this week", count)
        yield Card(
            title=title.format(count=_bounded(count)), tone="soon", url=f"{outbox}?tab=failed", action=_("See why")
        )
    if count := summary.waiting_count if summary.is_approval_needed else 0:
        title = ngettext("{count} message waits for your yes", "{count} messages wait for your yes", count)
        yield Card(
            title=title.format(count=_bounded(count)),
            tone="soon",
            url=f"{outbox}?tab=waiting",
            action=_("Read and approve") if may_decide else _("Look"),
        )
    if count := summary.planned_today_count:
        title = ngettext("{count} message goes out today", "{count} messages go out today", count)
        yield Card(
            title=title.format(count=_bounded(count)),
            tone="info",
            url=outbox,
            action=_("Read before they go") if may_decide else _("Look"),
            why=_("Each was planned for one person, with its reason; any of them can be stopped until it is sent."),
        )


def _bounded(count: int) -> str:
    """A count as counted: it stops at ten thousand."""
    return f"{count:,}+" if count >= DUE_COUNTED_MOST else f"{count:,}"


def say_age(*, overview: Overview) -> str:
    """How old the figures are, in one honest sentence."""
    night = overview.night
    if night.run is None:
        return _("No night has been run yet, so there are no figures.")
    day = format_day(night.run.as_of_date, language=get_language() or "en")
    if night.age_days == 0:
        return _("The figures are from last night ({day}).").format(day=day)
    sentence = ngettext(
        "The figures are from the night of {day}, {count} day old.",
        "The figures are from the night of {day}, {count} days old.",
        night.age_days,
    )
    return sentence.format(day=day, count=night.age_days)
