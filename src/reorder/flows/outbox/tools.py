"""What adapters of channels get from outside: the guarded way out over HTTP, the clock, our address."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from django.conf import settings

from reorder.connectors.base import outgoing
from reorder.connectors.base.outgoing import OutgoingLimits
from reorder.domain.messaging.channels.base import ChannelTools, ChannelUnreached, ChannelUnsure
from reorder.flows.guarded_calls import guarded_send
from reorder.flows.shop_links import shop_address
from reorder.kernel.http_calls import HttpSend

_LIMITS: Final = OutgoingLimits(seconds=20.0, connect_seconds=5.0, maximum_bytes=1_000_000, redirects=0)
_IMPATIENT: Final = OutgoingLimits(seconds=5.0, connect_seconds=3.0, maximum_bytes=1_000_000, redirects=0)


def channel_tools(*, way: str, now: Callable[[], dt.datetime], is_impatient: bool = False) -> ChannelTools:
    """The tools of one account; impatient ones for while somebody waits for a page."""
    options = settings.REORDER
    return ChannelTools(
        send=channel_send(way=way, limits=_IMPATIENT if is_impatient else _LIMITS),
        now=now,
        public_url=shop_address(),
        home=settings.HOME,
        currency=options.currency,
        allowed_networks=tuple(options.outgoing_networks),
        is_address_allowed=lambda host: outgoing.is_host_allowed(host=host, networks=options.outgoing_networks),
    )


def callback_address(*, callback_key: str, query: str = "") -> str:
    """Where a provider tells us of the messages of an account; providers sign it along."""
    return f"{shop_address()}/channels/{callback_key}/callback{f'?{query}' if query else ''}"


def channel_send(*, way: str, limits: OutgoingLimits) -> HttpSend:
    """The guarded way out for a channel's requests."""
    return guarded_send(
        limits=limits,
        unreached=lambda cause: ChannelUnreached(way=way, cause=cause),
        unsure=lambda cause: ChannelUnsure(way=way, cause=cause),
    )
