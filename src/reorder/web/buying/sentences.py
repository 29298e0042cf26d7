"""What the page of proposals says in one line: how much, how urgent, and what the night changed."""

import json
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.purchasing.queries import ChangedProposal
from reorder.insights.buying import Changes, SupplierGroup
from reorder.kernel.formatting import format_money
from reorder.kernel.money import minor_digits
from reorder.web.buying.words import estimate_words, money_words, short_day_words
from reorder.web.templatetags.reorder import in_a_row

KINDS = ("new", "changed", "again", "gone", "decided")


def state_words(groups: Sequence[SupplierGroup]) -> str:
    count = sum(group.count for group in groups)
    if not count:
        return _("Nothing is proposed.")
    cost: dict[str, int] = {}
    risk: dict[str, int] = {}
    for group in groups:
        for sums, own in ((cost, group.cost_minor), (risk, group.risk_minor)):
            for currency, minor in own.items():
                sums[currency] = sums.get(currency, 0) + minor
    sentence = ngettext(
        "{count} proposal, {cost}; {risk} at risk.", "{count} proposals, {cost}; {risk} at risk.", count
    )
    said = sentence.format(count=f"{count:,}", cost=money_words(cost), risk=estimate_words(risk))
    due = sum(group.due_count for group in groups)
    if due:
        today = ngettext("{count} to order today.", "{count} to order today.", due).format(count=f"{due:,}")
        said = in_a_row(said, today)
    return said


def changes_words(found: Changes | None) -> str:
    if found is None:
        return _("There is no earlier night to compare with yet.")
    counted = [
        kind_words(kind) + f" {found.counts[kind]:,}" for kind in KINDS if kind != "decided" and found.counts.get(kind)
    ]
    date = short_day_words(found.earlier_date)
    if not counted:
        return _("Nothing changed since the night of {date}.").format(date=date)
    return _("Since the night of {date}: {changes}.").format(date=date, changes=" · ".join(counted))


def kind_words(kind: str) -> str:
    return {
        "new": _("newly proposed"),
        "changed": _("changed units"),
        "again": _("again after a decision"),
        "gone": _("no longer needed"),
        "decided": _("decided"),
    }[kind]


def fate_words(row: ChangedProposal) -> str:
    if row.kind == "changed" and row.supplier_before != row.supplier_after:
        return _("Now from {supplier}, before from {earlier}.").format(
            supplier=row.supplier_after, earlier=row.supplier_before
        )
    return ""


def currencies(groups: Sequence[SupplierGroup]) -> str:
    """For the running total: sign and decimals of each currency."""
    codes = {code for group in groups for code in group.cost_minor}
    return json.dumps(
        {
            code: [format_money(0, currency=code).removesuffix("0"), minor_digits(currency=code)]
            for code in sorted(codes)
        }
    )
