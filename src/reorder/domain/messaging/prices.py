"""What one more message costs by each channel, and whether its month has room: what choosing a channel asks."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.domain.messaging import accounts, paces, quotas
from reorder.domain.messaging.channels import get_card
from reorder.domain.messaging.channels.base import AccountValues
from reorder.domain.messaging.channels.pacing import read_price_micros
from reorder.domain.messaging.quotas import QuotaState

_FREE: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPrice:
    """The next message by a channel: its price in millionths of the shop's currency, and how many are left (None: no
    end).
    """

    channel: str
    way: str
    price_micros: int
    left_count: int | None


def list_channel_prices(*, today: dt.date) -> dict[str, ChannelPrice]:
    """By channel, of the account that is asked first; a channel without an account is not among them.

    Mail is always there: by the settings where no account is.
    """
    found: dict[str, ChannelPrice] = {}
    for row in accounts.list_accounts(is_active=True):
        if row.channel in found or get_card(provider=row.provider).posts:
            continue
        state = _month_of(provider=row.provider, plan=str(row.options.get("plan") or ""), way=row.code, today=today)
        values = AccountValues(
            code=row.code, channel=row.channel, provider=row.provider, name=row.name, options=row.options, secrets={}
        )
        found[row.channel] = ChannelPrice(
            channel=row.channel,
            way=row.code,
            price_micros=state.next_micros if state else read_price_micros(account=values),
            left_count=state.left_count if state else None,
        )
    settings_mail = ChannelPrice(channel="email", way=accounts.SETTINGS_MAIL, price_micros=_FREE, left_count=None)
    return {"email": settings_mail, **found}


def _month_of(*, provider: str, plan: str, way: str, today: dt.date) -> QuotaState | None:
    if provider != "line":
        return None
    used = paces.count_billed(ways=[way], since=today.replace(day=1)).get(way, 0)
    return quotas.state_of(plan=quotas.LINE_PLANS[plan or "light"], used_count=used)
