"""Proposals and suppliers as the page draws them: every value said already, so that a row costs next to nothing."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.planning.stock_rules import StockRuleRow
from reorder.domain.purchasing.queries import ProposalRow
from reorder.insights.buying import LinePage, ProposalLine, SupplierGroup
from reorder.kernel.formatting import format_money, format_share, format_units
from reorder.web.buying.reading import Ticked
from reorder.web.buying.words import days_words, estimate_words, exact_units, money_words, short_day_words
from reorder.web.measures import unit_words
from reorder.web.templatetags.reorder import listed, reason, word


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal of the list; `tone` colours the mark of what changed."""

    id: int
    key: str
    url: str
    name: str
    sku: str
    place: str
    units: str
    cost: str
    cost_minor: int
    currency: str
    risk: str
    order_by: str
    is_due: bool
    cover: str
    cover_with: str
    service: str
    service_with: str
    rule: str
    reason: str
    mark: str
    tone: str
    note: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One supplier's head and, where they are shown, lines; `sums` are count and cost for the running total."""

    id: int
    code: str
    name: str
    mark: str
    count: int
    figures: str
    risk: str
    due: str
    edited: str
    minimums: Sequence[str]
    has_minimum_left: bool
    costs: str
    is_ticked: bool
    lines: Sequence[Line]
    more_url: str
    is_open: bool


def line_of(line: ProposalLine, *, today: dt.date, is_ticked: bool = True) -> Line:
    """A proposal, said."""
    row = line.row
    mark, tone = _mark(line)
    return Line(
        id=row.id,
        key=f"{row.id}.{row.edits_count}.{row.supplier_code}",
        url=reverse("buying:proposal", args=[row.id]),
        name=row.product_name,
        sku=row.sku,
        place=row.place_code,
        units=unit_words(units=row.units, unit=row.order_unit, held=row.order_unit_units),
        cost=format_money(row.cost_minor, currency=row.currency),
        cost_minor=row.cost_minor,
        currency=row.currency,
        risk=estimate_words({row.risk_currency: row.risk_minor}),
        order_by=_("today") if row.order_by_date <= today else short_day_words(row.order_by_date),
        is_due=row.order_by_date <= today,
        cover=days_words(_cover_days(row, 0.0)),
        cover_with=days_words(_cover_days(row, float(row.units))),
        service=format_share(line.service.without_share) if line.service else "",
        service_with=format_share(line.service.with_share) if line.service else "–",
        rule=rule_words(line.rule) if line.rule else "",
        reason=reason_words(row),
        mark=mark,
        tone=tone,
        note=edited_words(row) if row.is_edited else "",
        is_ticked=is_ticked,
    )


def group_of(
    group: SupplierGroup,
    *,
    mark: str,
    page: LinePage | None,
    today: dt.date,
    ticked: Ticked | None = None,
) -> Group:
    """A supplier's proposals, with the lines of `page` when it is open."""
    count = ngettext("{count} proposal", "{count} proposals", group.count).format(count=f"{group.count:,}")
    due = ngettext("{count} to order today", "{count} to order today", group.due_count)
    edited = ngettext("{count} changed by hand", "{count} changed by hand", group.edited_count)
    return Group(
        id=group.supplier_id,
        code=group.supplier_code,
        name=group.supplier_name,
        mark=mark,
        count=group.count,
        figures=f"{count} · {money_words(group.cost_minor)}",
        risk=estimate_words(group.risk_minor),
        due=due.format(count=f"{group.due_count:,}") if group.due_count else "",
        edited=edited.format(count=f"{group.edited_count:,}") if group.edited_count else "",
        minimums=[
            _("{place}: {amount} more to the minimum of {minimum}").format(
                place=one.place_name,
                amount=format_money(one.missing_minor, currency=one.currency),
                minimum=format_money(one.minimum_minor, currency=one.currency),
            )
            if one.missing_minor
            else _("{place}: the minimum of {minimum} is met").format(
                place=one.place_name, minimum=format_money(one.minimum_minor, currency=one.currency)
            )
            for one in group.minimums
        ],
        has_minimum_left=any(one.missing_minor for one in group.minimums),
        costs=json.dumps(group.cost_minor),
        is_ticked=ticked is None or group.supplier_code in ticked.whole,
        lines=[line_of(one, today=today, is_ticked=_is_ticked(one, ticked)) for one in page.lines] if page else (),
        more_url=more_url(supplier_code=group.supplier_code, page=page) if page else "",
        is_open=page is not None,
    )


def _is_ticked(line: ProposalLine, ticked: Ticked | None) -> bool:
    """As somebody left it, when the page comes back after an error."""
    if ticked is None:
        return True
    if line.row.supplier_code in ticked.whole:
        return line.row.id not in ticked.without
    return line.row.id in ticked.lines


def more_url(*, supplier_code: str, page: LinePage) -> str:
    """Where the next lines of a supplier are; empty when these are the last."""
    if page.next_after is None:
        return ""
    risk_minor, proposal_id = page.next_after
    return lines_url(supplier_code=supplier_code) + f"&risk={risk_minor}&id={proposal_id}"


def lines_url(*, supplier_code: str) -> str:
    """The lines of one supplier from the first on."""
    return f"{reverse('buying:lines')}?{urlencode({'supplier': supplier_code})}"


def reason_words(row: ProposalRow) -> str:
    """Why it is proposed; the code itself when a later version knows it and this one does not."""
    return reason(row.reason_code, row.reason_parameters)


def edited_words(row: ProposalRow) -> str:
    """Who asks for something else than the plan, and what the plan had asked for."""
    sentence = _("{who} changed it; the plan asked for {units} of {supplier} by {date}.").format(
        who=row.edited_by,
        units=exact_units(row.planned_units) if row.planned_units is not None else "–",
        supplier=row.planned_supplier_code,
        date=short_day_words(row.planned_order_by_date) if row.planned_order_by_date else "–",
    )
    return f"{sentence} {_('Why: {reason}').format(reason=row.edit_reason)}" if row.edit_reason else sentence


def rule_words(rule: StockRuleRow) -> str:
    """What a person laid down for the product: `at least 20, at most 60 (Mei)`."""
    parts = []
    if rule.minimum_units is not None:
        parts.append(_("at least {units}").format(units=format_units(rule.minimum_units)))
    if rule.maximum_units is not None:
        parts.append(_("at most {units}").format(units=format_units(rule.maximum_units)))
    if rule.service_level is not None:
        parts.append(_("{share} to last").format(share=format_share(rule.service_level)))
    if rule.method:
        parts.append(word(rule.method))
    return f"{listed(parts)} ({rule.author})"


def _cover_days(row: ProposalRow, units: float) -> float | None:
    """How long what is here and on the way lasts, with so many more."""
    return max(row.position_units + units, 0.0) / row.daily_units if row.daily_units > 0 else None


def _mark(line: ProposalLine) -> tuple[str, str]:
    before = exact_units(line.units_before) if line.units_before is not None else ""
    marks = {
        "new": (_("newly proposed"), "info"),
        "changed": (_("was {units}").format(units=before), "info"),
        "again": (_("again"), "soon"),
    }
    return marks.get(line.changed, ("", ""))
