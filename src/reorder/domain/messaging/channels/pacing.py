"""How fast a way out may go: what accounts of mail and of services have in common. Pure."""

import datetime as dt
from typing import Final

from reorder.domain.messaging.channels.base import AccountValues
from reorder.kernel.adapter_fields import AdapterField

RATE_FIELD: Final = AdapterField(
    name="per_second",
    label="Messages a second at most",
    is_needed=False,
    help="Empty: as fast as the other side answers.",
)
COST_FIELD: Final = AdapterField(
    name="price",
    label="Price of one message",
    is_needed=False,
    default="0",
    help="In the shop's currency, such as 0.35.",
)


def address_field(*, owner: str, default: str) -> AdapterField:
    """Where a service is reached; another server than its owner's is for trials and stand-ins."""
    return AdapterField(
        name="address",
        label="Address of the server",
        is_needed=False,
        default=default,
        help=f"Only for another server than {owner}'s own.",
    )


MAIL_PACE_FIELDS: Final = (
    RATE_FIELD,
    AdapterField(
        name="warm_up_from",
        label="Warm-up begins on",
        is_needed=False,
        help="A new sender starts with 50 mails a day, doubled daily. Such as 2026-12-01; empty: no warm-up.",
    ),
    AdapterField(
        name="domain_per_day",
        label="Mails a day to one mail service",
        is_needed=False,
        help="Such as gmail.com=5000 yahoo.com=2000. Empty: no limit.",
    ),
    COST_FIELD,
)
_FIRST_DAY: Final = 50
_WARM_AFTER_DAYS: Final = 14


def warm_up_limit(*, begins_on: dt.date | None, today: dt.date) -> int | None:
    """How many mails may leave today: 50, doubled each day; None without a limit, as after two weeks.

    Providers advise doubling from some dozens a day over two to four weeks (Google's guide for senders: "increase the
    volume slowly"; SendGrid's warm-up schedule begins at 50 and doubles).
    """
    if begins_on is None or (today - begins_on).days >= _WARM_AFTER_DAYS:
        return None
    days = (today - begins_on).days
    return 0 if days < 0 else _FIRST_DAY * 2**days


def read_date(*, text: str) -> dt.date | None:
    """A day as it is entered; None for nothing and for nonsense."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None


def read_domain_limits(*, text: str) -> dict[str, int]:
    """`gmail.com=5000 yahoo.com=2000` by domain; what is no such pair is left out."""
    found: dict[str, int] = {}
    for pair in text.replace(",", " ").split():
        domain, _, number = pair.partition("=")
        if domain and number.isascii() and number.isdigit():
            found[domain.lower()] = int(number[:9])
    return found


def read_rate(*, account: AccountValues) -> float | None:
    """Messages a second at most; None without a limit."""
    try:
        rate = float(account.option("per_second"))
    except ValueError:
        return None
    return rate if 0 < rate < 1e6 else None


def read_price_micros(*, account: AccountValues) -> int:
    """The price of one message in millionths of the shop's currency; 0 where none is entered."""
    try:
        price = float(account.option("price", "0"))
    except ValueError:
        return 0
    return round(price * 1_000_000) if 0 <= price < 1e6 else 0


def domain_of(*, address: str) -> str:
    """The mail service of an address; empty for what is no mail address."""
    _, at, domain = address.rpartition("@")
    return domain.strip().lower() if at else ""
