"""What adapters of channels get from outside: the guarded way out over HTTP, the clock, our address."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from reorder.connectors.base import outgoing
from reorder.connectors.base.outgoing import OutgoingLimits
from reorder.domain.messaging.channels.base import ChannelTools, ChannelUnreached, ChannelUnsure, HttpAnswer, HttpSend
from reorder.flows.shop_links import shop_address

_LIMITS: Final = OutgoingLimits(seconds=20.0, connect_seconds=5.0, maximum_bytes=1_000_000, redirects=0)
_IMPATIENT: Final = OutgoingLimits(seconds=5.0, connect_seconds=3.0, maximum_bytes=1_000_000, redirects=0)


def channel_tools(*, way: str, now: Callable[[], dt.datetime], is_impatient: bool = False) -> ChannelTools:
    """The tools of one account; impatient ones for while somebody waits for a page."""
    options = settings.REORDER
    return ChannelTools(
        send=guarded_send(way=way, limits=_IMPATIENT if is_impatient else _LIMITS),
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


def guarded_send(*, way: str, limits: OutgoingLimits) -> HttpSend:
    """One address checked, bounded in time and size, no redirects; raises ChannelUnreached, ChannelUnsure."""

    def send(
        *, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        answer = outgoing.fetch_once(
            url=url,
            allowed_networks=settings.REORDER.outgoing_networks,
            method=method,
            headers=headers,
            body=body,
            limits=limits,
            unreached=lambda cause: ChannelUnreached(way=way, cause=cause),
            unsure=lambda cause: ChannelUnsure(way=way, cause=cause),
        )
        return HttpAnswer(status=answer.status, headers=answer.headers, body=answer.body)

    return send
