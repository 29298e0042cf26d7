"""Ways out, what became of what left by them, and what that cost: for the pages of setup and of marketing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from reorder.domain.messaging import accounts, deliverability, paces, quotas
from reorder.domain.messaging.accounts import SETTINGS_MAIL, ChannelAccountRow
from reorder.domain.messaging.channels import get_card
from reorder.domain.messaging.deliverability import DomainFate, FaultCount, WayFate
from reorder.domain.messaging.quotas import QuotaState
from reorder.kernel.clock import date_at

_WINDOW: Final = dt.timedelta(days=30)
_SETTINGS_TITLE: Final = "Mail server of the settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """A way out: an account, or the mail of the settings (no `account_id`); what it sent today and why it rests."""

    account_id: int | None
    code: str
    name: str
    channel: str
    provider: str
    title: str
    is_active: bool
    checked_at: dt.datetime | None
    check_fault: Mapping[str, Any] | None
    rests_until: dt.datetime | None
    rest_code: str
    rest_error: str
    sent_today_count: int
    posts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WayCost:
    """What left by a way this month and what it cost; `quota` where its provider sells by the month."""

    code: str
    name: str
    channel: str
    sent_count: int
    billed_count: int
    cost_micros: int
    quota: QuotaState | None
    last_month_micros: int
    last_month_count: int

    @property
    def month_micros(self) -> int:
        """Everything that this month has cost by this way."""
        return self.quota.month_micros if self.quota else self.cost_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverability:
    """What became of the messages of the last 30 days."""

    since: dt.datetime
    ways: list[WayFate]
    domains: list[DomainFate]
    faults: list[FaultCount]
    strays: Mapping[str, int]
    resting: list[WayRow]
    names: Mapping[str, str]


def list_ways(*, moment: dt.datetime) -> list[WayRow]:
    """Every way out, in the order in which each channel chooses."""
    today = _today(moment)
    return _ways(accounts.list_accounts(), paces.list_days(since=today), today, moment)


def list_costs(*, moment: dt.datetime) -> list[WayCost]:
    """What each way sent and cost this month and last, dearest first."""
    first = _today(moment).replace(day=1)
    return _costs(accounts.list_accounts(), paces.list_days(since=_month_before(first)), first)


def read_ways_and_costs(*, moment: dt.datetime) -> tuple[list[WayRow], list[WayCost]]:
    """Both, of one reading."""
    today = _today(moment)
    first = today.replace(day=1)
    rows, days = accounts.list_accounts(), paces.list_days(since=_month_before(first))
    return _ways(rows, days, today, moment), _costs(rows, days, first)


def read_deliverability(*, moment: dt.datetime) -> Deliverability:
    """What became of the messages of the last 30 days, and which ways rest now."""
    since = moment - _WINDOW
    ways = list_ways(moment=moment)
    return Deliverability(
        since=since,
        ways=deliverability.list_way_fates(since=since),
        domains=deliverability.list_domain_fates(since=since),
        faults=deliverability.list_fault_counts(since=since),
        strays=deliverability.count_strays(since=since),
        resting=[one for one in ways if one.rests_until is not None],
        names={one.code: one.name for one in ways},
    )


def _today(moment: dt.datetime) -> dt.date:
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)


def _month_before(first: dt.date) -> dt.date:
    return (first - dt.timedelta(days=1)).replace(day=1)


def _ways(
    rows: Sequence[ChannelAccountRow], days: Sequence[paces.DayRow], today: dt.date, moment: dt.datetime
) -> list[WayRow]:
    resting = paces.list_resting(moment=moment)
    sent: dict[str, int] = {}
    for day in days:
        if day.day_date >= today:
            sent[day.way] = sent.get(day.way, 0) + day.sent_count
    found = [_way(row, resting, sent) for row in rows]
    has_mail = any(row.channel == "email" and row.is_active for row in rows)
    rest = resting.get(SETTINGS_MAIL)
    own = WayRow(
        account_id=None,
        code=SETTINGS_MAIL,
        name=_SETTINGS_TITLE,
        channel="email",
        provider=SETTINGS_MAIL,
        title=_SETTINGS_TITLE,
        is_active=not has_mail,
        checked_at=None,
        check_fault=None,
        rests_until=rest.rests_until if rest else None,
        rest_code=rest.reason_code if rest else "",
        rest_error=rest.error if rest else "",
        sent_today_count=sent.get(SETTINGS_MAIL, 0),
    )
    return [own, *found]


def _costs(rows: Sequence[ChannelAccountRow], days: Sequence[paces.DayRow], first: dt.date) -> list[WayCost]:
    sums: dict[tuple[str, bool], list[int]] = {}
    for day in days:
        held = sums.setdefault((day.way, day.day_date >= first), [0, 0, 0])
        for place, number in enumerate((day.sent_count, day.billed_count, day.cost_micros)):
            held[place] += number
    known = {row.code: row for row in rows}
    codes = {way for way, _ in sums} | {code for code, row in known.items() if row.is_active}
    found = [_cost(code, known.get(code), sums) for code in codes]
    return sorted(found, key=lambda one: (-one.month_micros, one.name))


def _way(row: ChannelAccountRow, resting: Mapping[str, paces.PaceRow], sent: Mapping[str, int]) -> WayRow:
    card = get_card(provider=row.provider)
    rest = resting.get(row.code)
    return WayRow(
        account_id=row.id,
        code=row.code,
        name=row.name,
        channel=row.channel,
        provider=row.provider,
        title=card.title,
        is_active=row.is_active,
        checked_at=row.checked_at,
        check_fault=row.check_fault,
        rests_until=rest.rests_until if rest else None,
        rest_code=rest.reason_code if rest else "",
        rest_error=rest.error if rest else "",
        sent_today_count=sent.get(row.code, 0),
        posts=card.posts,
    )


def _cost(code: str, row: ChannelAccountRow | None, sums: Mapping[tuple[str, bool], list[int]]) -> WayCost:
    sent, billed, cost = sums.get((code, True), [0, 0, 0])
    last_sent, _, last_cost = sums.get((code, False), [0, 0, 0])
    plan = quotas.LINE_PLANS.get(str(row.options.get("plan") or "light")) if row and row.provider == "line" else None
    return WayCost(
        code=code,
        name=row.name if row else _SETTINGS_TITLE if code == SETTINGS_MAIL else code,
        channel=row.channel if row else "email",
        sent_count=sent,
        billed_count=billed,
        cost_micros=cost,
        quota=quotas.state_of(plan=plan, used_count=billed) if plan else None,
        last_month_micros=last_cost,
        last_month_count=last_sent,
    )
