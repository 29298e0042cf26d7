"""How suppliers keep their word, over 90 or 365 days: a list to compare, and one supplier with both spans."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.purchasing.queries import ENOUGH_LINES, Scorecard
from reorder.domain.staff.rules import Ability
from reorder.insights import buying_suppliers
from reorder.insights.buying_suppliers import SPANS
from reorder.kernel.formatting import format_share
from reorder.web.access import desk, get_actor
from reorder.web.buying.following_words import shop_money
from reorder.web.buying.reading import today
from reorder.web.exports import table_response
from reorder.web.templatetags.reorder import in_a_row

# A name, and for each span a figure and what it stands on.
Fact = tuple[str, list[tuple[str, str]]]


@desk(Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    days = _days(request)
    cards = buying_suppliers.list_scorecards(actor=get_actor(request), today=today(), days=days)
    late = sum(card.late_orders_count for card in cards)
    state = _("{count} suppliers; {late} orders are late.").format(count=len(cards), late=late)
    # Suppliers that have something to show come first.
    cards.sort(key=lambda card: not (card.received_lines or card.due_lines or card.open_orders_count))
    missing = buying_suppliers.list_currencies_without_rate()
    context = {
        "rows": [row_of(card) for card in cards],
        "days": days,
        "spans": SPANS,
        "state": state,
        "enough": ENOUGH_LINES,
        "missing_rates": ", ".join(one.currency for one in missing),
        "may_manage": get_actor(request).may(Ability.MANAGE_SUPPLIERS),
    }
    return render(request, "buying/suppliers.html", context)


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """One supplier over each span."""
    actor = get_actor(request)
    cards = buying_suppliers.get_scorecards_of(actor=actor, today=today(), supplier_id=supplier_id)
    spans = [(_("{days} days").format(days=days), card) for days, card in zip(SPANS, cards, strict=True)]
    context = {
        "supplier": cards[0],
        "spans": [name for name, _card in spans],
        "facts": _facts([card for _name, card in spans]),
        "enough": ENOUGH_LINES,
        "is_thin": not cards[-1].has_enough,
        "may_manage": actor.may(Ability.MANAGE_SUPPLIERS),
    }
    return render(request, "buying/supplier.html", context)


@desk(Ability.VIEW_BUYING)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV or XLSX; shares as numbers between 0 and 1, empty where nothing is known."""
    days = _days(request)
    heads = [
        _("Supplier"),
        _("Supplier's name"),
        _("Days"),
        _("Lines due"),
        _("Lines on time"),
        _("On time"),
        _("Fill rate"),
        _("Delivered lines"),
        _("Deliveries"),
        _("Mean lead time in days"),
        _("Spread in days"),
        _("Half within days"),
        _("Nine of ten within days"),
        _("Agreed lead time in days"),
        _("Price changes"),
        _("Mean price change"),
        _("Short"),
        _("Over"),
        _("Damaged"),
        _("Wrong item"),
        _("Refused for quality"),
        _("Open orders"),
        _("Late orders"),
        _("Landed cost on top"),
        _("Enough deliveries"),
    ]
    cards = buying_suppliers.list_scorecards(actor=get_actor(request), today=today(), days=days)
    return table_response(request=request, name=_("suppliers"), heads=heads, rows=_export_rows(cards, days))


def row_of(card: Scorecard) -> dict[str, object]:
    """One supplier as the list shows it."""
    return {
        "card": card,
        "on_time": _share(card.on_time_share),
        "fill": _share(card.fill_share),
        "lead": _days_words(card.p50_lead_days),
        "worst": _days_words(card.p90_lead_days),
        "price": _signed(card.price_change_share),
        "landed": _share(card.landed_share),
    }


def _facts(cards: list[Scorecard]) -> list[Fact]:
    """Rows of the page of one supplier: a name, and for each span a figure and what it stands on."""
    counted = [_("{count} lines").format(count=card.received_lines) for card in cards]
    return [
        (
            _("On time"),
            [
                (
                    _share(card.on_time_share),
                    _("{part} of {all} lines").format(part=card.on_time_lines, all=card.due_lines),
                )
                for card in cards
            ],
        ),
        (_("Fill rate"), [(_share(card.fill_share), _("by cost of what was wanted")) for card in cards]),
        (
            _("Lead time, mean"),
            list(zip([_days_words(card.mean_lead_days) for card in cards], counted, strict=True)),
        ),
        (
            _("Lead time, spread"),
            [(_days_words(card.sd_lead_days), _("standard deviation")) for card in cards],
        ),
        (
            _("Half within"),
            [
                (_days_words(card.p50_lead_days), _("agreed: {days} days").format(days=card.agreed_lead_days))
                for card in cards
            ],
        ),
        (_("Nine of ten within"), [(_days_words(card.p90_lead_days), "") for card in cards]),
        *_trouble(cards),
    ]


def _trouble(cards: list[Scorecard]) -> list[Fact]:
    """What went wrong, what became dearer, and what is still to come."""
    return [
        (_("Faulty goods"), [(str(card.discrepancies_count), _fault_words(card)) for card in cards]),
        (
            _("Price changes"),
            [
                (str(card.price_changes_count), _("{share} on average").format(share=_signed(card.price_change_share)))
                for card in cards
            ],
        ),
        (
            _("Landed cost on top"),
            [
                (
                    _share(card.landed_share),
                    _("{landed} on goods for {goods}").format(
                        landed=shop_money(card.landed_cost_minor), goods=shop_money(card.goods_cost_minor)
                    ),
                )
                for card in cards
            ],
        ),
        (
            _("Orders still to come"),
            [(str(card.open_orders_count), _("{count} late").format(count=card.late_orders_count)) for card in cards],
        ),
    ]


def _fault_words(card: Scorecard) -> str:
    counts = {
        _("short"): card.short_count,
        _("over"): card.over_count,
        _("damaged"): card.damaged_count,
        _("wrong item"): card.wrong_item_count,
        _("quality"): card.quality_refused_count,
    }
    return in_a_row(*(f"{name} {count}" for name, count in counts.items() if count)) or _("none")


def _export_rows(cards: list[Scorecard], days: int) -> Iterator[list[object]]:
    for card in cards:
        yield [
            card.supplier_code,
            card.supplier_name,
            days,
            card.due_lines,
            card.on_time_lines,
            _rounded(card.on_time_share),
            _rounded(card.fill_share),
            card.received_lines,
            card.receipts_count,
            _rounded(card.mean_lead_days),
            _rounded(card.sd_lead_days),
            _rounded(card.p50_lead_days),
            _rounded(card.p90_lead_days),
            card.agreed_lead_days,
            card.price_changes_count,
            _rounded(card.price_change_share),
            card.short_count,
            card.over_count,
            card.damaged_count,
            card.wrong_item_count,
            card.quality_refused_count,
            card.open_orders_count,
            card.late_orders_count,
            _rounded(card.landed_share),
            _("yes") if card.has_enough else _("no"),
        ]


def _days(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(one) for one in SPANS} else SPANS[0]


def _share(share: float | None) -> str:
    return "–" if share is None else format_share(share)


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{share:+.1%}"


def _days_words(days: float | None) -> str:
    return "–" if days is None else _("{days} days").format(days=f"{days:.1f}".removesuffix(".0"))


def _rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)
