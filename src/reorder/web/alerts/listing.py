"""The list of alerts: its tabs, columns and filters, a row of it, and the desk where each is mended."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from reorder.domain.planning.alert_list import AlertRow, AlertTab
from reorder.insights.inbox import InboxLine, InboxSummary
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_amount, format_share
from reorder.kernel.money import minor_digits
from reorder.web.alerts.words import ENDED_WORDS, KIND_WORDS
from reorder.web.lists import BadCursor, Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.templatetags.reorder import day, reason, state_mark, word
from reorder.web.templatetags.reorder import moment as said_moment

# Severities as people read them; the extractor finds them here.
SEVERITY_TEMPLATES: Final = ("critical", "warning", "info")
_USUAL: Final = frozenset({"about", "kind", "stake", "why", "since"})
_MORE: Final = {"snoozed": frozenset({"until", "note"}), "resolved": frozenset({"resolved", "ended"})}
_LESS: Final = {"snoozed": frozenset({"since"}), "resolved": frozenset({"since"})}
_LARGEST: Final = 2**63


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an alert is mended; `key` names it in `DESK_WORDS`."""

    key: str
    url: str


def make_spec(*, tab: str, summary: InboxSummary | None = None, snoozed_count: int | None = None) -> ListSpec:
    """The list as one tab shows it."""
    shown = (_USUAL | _MORE.get(tab, frozenset())) - _LESS.get(tab, frozenset())
    heads = (
        ("about", _("About"), "text", ""),
        ("kind", _("What"), "state", ""),
        (
            "stake",
            _("At stake"),
            "number",
            _("An estimate: margin that may be lost, or money that lies in goods. Each alert says which."),
        ),
        ("why", _("Why"), "text", ""),
        ("place", _("Place"), "text", ""),
        ("probability", _("Probability"), "number", _("That more is wanted than is there.")),
        ("since", _("Since"), "date", _("The day on which it was seen first.")),
        ("until", _("Put off until"), "date", ""),
        ("note", _("Note"), "text", ""),
        ("resolved", _("Ended"), "date", ""),
        ("ended", _("How it ended"), "text", ""),
    )
    return ListSpec(
        page="alerts",
        columns=tuple(
            Column(key, label, kind, is_default=key in shown, help=words)  # type: ignore[arg-type]  # kinds as above
            for key, label, kind, words in heads
        ),
        tabs=(
            Tab("open", _("Open"), summary.open_count if summary else None),
            Tab("critical", _("Critical"), summary.critical_count if summary else None),
            Tab("snoozed", _("Put off"), snoozed_count),
            Tab("resolved", _("Resolved")),
        ),
        search_label=_("Search by product, SKU or order"),
        filters=("kind", "place", "severity"),
    )


def tab_of(state: ListState) -> AlertTab:
    """The tab that the address names; `read_state` has checked it."""
    return cast("AlertTab", state.tab)


def read_after(state: ListState) -> tuple[int | dt.datetime, int] | None:
    """The place in the tab that the address names; raises BadCursor."""
    match state.after:
        case None:
            return None
        case (int(stake), int(last_id)) if (
            state.tab != "resolved" and 0 <= last_id < _LARGEST and abs(stake) < _LARGEST
        ):
            return stake, last_id
        case (str(text), int(last_id)) if state.tab == "resolved" and 0 <= last_id < _LARGEST:
            try:
                moment = dt.datetime.fromisoformat(text)
            except ValueError:
                raise BadCursor from None
            if moment.tzinfo is None:
                raise BadCursor
            return moment, last_id
        case _:
            raise BadCursor


def desk_of(*, line: InboxLine) -> Desk:
    """Where this alert is mended."""
    row = line.row
    if row.order_number and row.kind in {"late_order", "unconfirmed_order"}:
        return Desk("order", reverse("buying:order", args=[row.order_number]))
    if line.proposal_id and row.kind in {"runs_out", "below_safety_stock"}:
        return Desk("proposal", reverse("buying:proposal", args=[line.proposal_id]))
    if line.product_id:
        return Desk("product", reverse("products:detail", args=[line.product_id]))
    if line.is_category:
        return Desk("demand", f"{reverse('demand:index')}?subject={row.subject}")
    return _desk_of_shop(row=row)


def _desk_of_shop(*, row: AlertRow) -> Desk:
    """Where an alert that is about no product is mended."""
    if row.kind == "late_parcels" and row.key == "under_way":
        return Desk("trouble", reverse("shipping:trouble") + "?kind=late")
    if row.kind == "late_parcels":
        return Desk("late", reverse("orders:exceptions") + "?kind=late")
    if row.kind == "privacy_requests":
        return Desk("privacy", reverse("privacy:index"))
    if row.kind == "unwelcome_marketing":
        kind, _colon, rest = row.key.partition(":")
        return Desk("results", reverse("results:source", args=[kind, rest.rpartition(":")[0]]))
    if row.key == "ledger":
        return Desk("health", reverse("runs:health"))
    if row.key.startswith("webhook|"):
        return Desk("webhooks", reverse("setup:webhooks"))
    if row.run_key:
        return Desk("runs", reverse("runs:detail", args=[row.run_key]))
    return Desk("runs", reverse("runs:index"))


def row_of(*, line: InboxLine, state: ListState, can_snooze: bool) -> Row:
    """One alert as a row: its name leads to its details, and they to the desk where it is mended."""
    url = f"{reverse('alerts:index')}{line.row.id}/"
    return Row(
        key=str(line.row.id),
        url=url,
        side_url=f"{url}side/",
        cells=[_cell(line, column.key) for column in state.columns],
        can_select=can_snooze and line.row.resolved_at is None,
    )


def name_of(*, line: InboxLine) -> str:
    """What an alert is about, in words."""
    return line.name or str(KIND_WORDS[line.row.kind])


def say_stake(*, row: AlertRow) -> str:
    """An estimate in whole units: more would pretend to be exact."""
    if not row.stake_minor:
        return "–"
    return format_amount(row.stake_minor / 10 ** minor_digits(currency=row.currency), currency=row.currency)


def _cell(line: InboxLine, key: str) -> Cell:
    row = line.row
    if key == "about":
        code = row.subject if row.subject and not line.is_category else row.supplier_code
        below = " · ".join(filter(None, (code, row.place_code)))
        return Cell(format_html('{} <span class="row-code">{}</span>', name_of(line=line), below), "row-name")
    said, css = _SAID[key](row)
    return Cell(said, css)


@lru_cache(maxsize=128)
def _say_kind(kind: str, severity: str, language: str) -> SafeString:
    """Kind and severity in the active language, which is named because the answer is kept."""
    with override(language):
        return format_html('{} <span class="row-code">{}</span>', KIND_WORDS[kind], state_mark(severity))


# Each cell but the first, said from its row, with its style.
_SAID: Final[Mapping[str, Callable[[AlertRow], tuple[str, str]]]] = {
    "kind": lambda row: (_say_kind(row.kind, row.severity, get_language() or "en"), "state"),
    "place": lambda row: (row.place_code or "–", ""),
    "why": lambda row: (reason(row.reason_code, row.reason_parameters), "told"),
    "stake": lambda row: (say_stake(row=row), "number"),
    "probability": lambda row: ("–" if row.probability is None else format_share(row.probability), "number"),
    "since": lambda row: (day(date_at(moment=row.first_seen_at, time_zone=settings.REORDER.time_zone)), "date"),
    "until": lambda row: (said_moment(row.snoozed_until), "date"),
    "note": lambda row: (" · ".join(filter(None, (row.snoozed_by, row.snooze_note))), "told"),
    "resolved": lambda row: (said_moment(row.resolved_at), "date"),
    "ended": lambda row: (str(ENDED_WORDS[row.kind]), "told"),
}


def export_values(*, line: InboxLine) -> list[object]:
    """One alert as a line of an exported table, as `export_heads` names it."""
    row = line.row
    stake = row.stake_minor / 10 ** minor_digits(currency=row.currency)
    return [
        name_of(line=line),
        row.subject,
        str(KIND_WORDS[row.kind]),
        word(row.severity),
        row.place_code,
        row.order_number,
        reason(row.reason_code, row.reason_parameters),
        stake,
        row.currency,
        row.probability,
        row.first_seen_at,
        row.last_seen_at,
        row.snoozed_until,
        row.snooze_note,
        row.resolved_at,
    ]


def export_heads() -> list[str]:
    """The heads of the exported table."""
    heads = (
        _("About"),
        _("SKU"),
        _("What"),
        _("How urgent"),
        _("Place"),
        _("Order"),
        _("Why"),
        _("At stake"),
        _("Currency"),
        _("Probability"),
        _("Since"),
        _("Seen last"),
        _("Put off until"),
        _("Note"),
        _("Ended"),
    )
    return [str(head) for head in heads]
