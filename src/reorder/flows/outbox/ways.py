"""Ways out that are open now: for each channel the first account that does not rest, with what it may still send."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from django.conf import settings

from reorder.domain.messaging import accounts, paces, quotas
from reorder.domain.messaging.accounts import SETTINGS_MAIL
from reorder.domain.messaging.channels import MailNotReady, get_card, make_channel, open_channel
from reorder.domain.messaging.channels.base import AccountValues, ChannelTools, MessageChannel
from reorder.domain.messaging.channels.pacing import (
    domain_of,
    read_date,
    read_domain_limits,
    read_price_micros,
    read_rate,
    warm_up_limit,
)
from reorder.flows.outbox.lanes import Answered, Lane
from reorder.flows.outbox.tools import channel_tools
from reorder.kernel.clock import date_at
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
_SETTINGS_LANES: Final = 2
_GROUPS_A_LANE: Final = 2


@dataclass(slots=True, kw_only=True)
class Way:
    """One account in one pass: its lanes, how much it may still send, and how well it fares.

    Until something was answered it has one lane with one message, so that an outage costs one attempt of one message.
    """

    code: str
    channel: str
    sender: str
    price_micros: int
    lanes_most: int
    most_at_once: int
    per_second: float | None
    left_count: int | None
    domains_left: dict[str, int]
    make: Callable[[], MessageChannel]
    is_proven: bool = False
    is_down: bool = False
    lanes: list[Lane] = field(default_factory=list)
    ready_at: float = 0.0

    def free_lane(self, *, answers: "SimpleQueue[Answered]") -> Lane | None:
        """A lane that takes another group now; None when all have enough, or the pace says to wait."""
        if self.is_down or time.monotonic() < self.ready_at:
            return None
        lane = min(self.lanes, key=lambda one: one.held, default=None)
        if not self.is_proven:
            return self._opened(answers) if lane is None else lane if not lane.held else None
        if lane is None or (lane.held and len(self.lanes) < self.lanes_most):
            return self._opened(answers)
        return lane if lane.held < _GROUPS_A_LANE else None

    def took(self, *, count: int) -> None:
        """Heed the pace after so many messages."""
        if self.per_second is not None:
            self.ready_at = max(self.ready_at, time.monotonic()) + count / self.per_second

    def spend(self, *, address: str) -> None:
        """Count a message against what may still be sent."""
        if self.left_count is not None:
            self.left_count -= 1
        domain = domain_of(address=address)
        if domain in self.domains_left:
            self.domains_left[domain] -= 1

    def may_send(self, *, address: str) -> bool:
        """Whether day, month and mail service have room for this message."""
        if self.left_count is not None and self.left_count <= 0:
            return False
        return self.domains_left.get(domain_of(address=address), 1) > 0

    @property
    def is_open(self) -> bool:
        """Whether it takes another message today."""
        return not self.is_down and (self.left_count is None or self.left_count > 0)

    @property
    def shut_domains(self) -> list[str]:
        """Mail services that take no more from us today."""
        return sorted(name for name, left in self.domains_left.items() if left <= 0)

    def close(self) -> None:
        """End the lanes after what they hold."""
        for lane in self.lanes:
            lane.close()
        self.lanes.clear()

    def _opened(self, answers: "SimpleQueue[Answered]") -> Lane:
        made = Lane(channel=self.make(), answers=answers, name=f"{self.code}-{len(self.lanes)}")
        self.lanes.append(made)
        return made


def open_ways(*, now: Callable[[], dt.datetime]) -> dict[str, Way]:
    """The way of each channel; a channel without an account, or whose accounts all rest, has none.

    Raises MailNotReady when the mail of the settings is the only way and cannot be used as it is set.
    """
    moment = now()
    resting = paces.list_resting(moment=moment)
    ways: dict[str, Way] = {}
    rows = [row for row in accounts.list_accounts(is_active=True) if not get_card(provider=row.provider).posts]
    for row in rows:
        if row.channel in ways or row.code in resting:
            continue
        try:
            account = accounts.open_account(account_id=row.id)
            tools = channel_tools(way=row.code, now=now)
            ways[row.channel] = way_of_account(account=account, tools=tools, moment=moment)
        except ReorderError as fault:
            log.error("channel account %s cannot be used: %s", row.code, fault)
            accounts.note_check(account_id=row.id, moment=moment, fault=fault_of(fault))
    if not any(row.channel == "email" for row in rows) and SETTINGS_MAIL not in resting:
        _add_settings_mail(ways)
    return ways


def _add_settings_mail(ways: dict[str, Way]) -> None:
    """The mail of the settings; where they cannot be used that stops nobody else, but is never passed over silently."""
    try:
        open_channel()
    except MailNotReady as fault:
        if not ways:
            raise
        log.error("the mail of the settings cannot be used: %s", fault)
        return
    ways["email"] = way_of_settings()


def way_of_settings() -> Way:
    """The mail server that the settings name."""
    return Way(
        code=SETTINGS_MAIL,
        channel="email",
        sender=settings.REORDER.mail_from,
        price_micros=0,
        lanes_most=_SETTINGS_LANES,
        most_at_once=1,
        per_second=None,
        left_count=None,
        domains_left={},
        make=open_channel,
    )


def way_of_account(*, account: AccountValues, tools: ChannelTools, moment: dt.datetime) -> Way:
    """The way of an account. Raises BadAccountOption, ExtraMissing when it cannot be opened as it stands."""
    card = get_card(provider=account.provider)
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    make_channel(account=account, tools=tools)
    sent_today = paces.count_day(way=account.code, day=today)
    left = warm_up_limit(begins_on=read_date(text=account.option("warm_up_from")), today=today)
    left = None if left is None else left - sum(sent_today.values())
    price = read_price_micros(account=account)
    if account.provider == "line":
        used = paces.count_billed(ways=[account.code], since=today.replace(day=1)).get(account.code, 0)
        state = quotas.state_of(plan=quotas.LINE_PLANS[account.option("plan", "light")], used_count=used)
        left, price = state.left_count, state.next_micros
    limits = read_domain_limits(text=account.option("domain_per_day"))
    return Way(
        code=account.code,
        channel=account.channel,
        sender=account.option("sender", settings.REORDER.mail_from),
        price_micros=price,
        lanes_most=card.lanes_most,
        most_at_once=card.most_at_once,
        per_second=read_rate(account=account),
        left_count=left,
        domains_left={domain: most - sent_today.get(domain, 0) for domain, most in limits.items()},
        make=lambda: make_channel(account=account, tools=tools),
    )


def fault_of(error: ReorderError) -> dict[str, object]:
    """An error as an account keeps it, to be said later in the reader's language."""
    said = {name: str(value)[:500] for name, value in error.parameters.items()}
    return {"code": error.code, "template": error.template, "parameters": said}
