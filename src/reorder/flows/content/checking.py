"""The look at a message before it goes: spam, size, pictures; and, when asked, whether its links lead anywhere."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.conf import settings

from reorder.connectors.base.outgoing import OutgoingLimits, fetch
from reorder.domain.marketing.content_forms import Written
from reorder.domain.marketing.content_judging import Finding, judge_message
from reorder.flows.content.links import Marks, is_way_out, list_links, mark_links
from reorder.flows.content.rendering import Rendered
from reorder.flows.content.shortening import CHANNEL as SHORTENED
from reorder.flows.content.shortening import Shortener
from reorder.flows.shop_links import shop_address
from reorder.insights.message_values import find_postal_address
from reorder.kernel.errors import ReorderError

_MOST_LINKS: Final = 20
_LIMITS: Final = OutgoingLimits(seconds=5.0, connect_seconds=3.0, maximum_bytes=2_000_000)


def look_over(*, rendered: Rendered, channel: str, purpose: str) -> list[Finding]:
    """What to look at before this goes; nothing is asked of anybody.

    Text messages are counted as they go: with short links.
    """
    written = _written(rendered)
    if channel == SHORTENED:
        written = mark_links(written=written, marks=Marks(utm={}, short=Shortener(message_id=0)))
    return judge_message(
        written=written,
        channel=channel,
        is_marketing=purpose == "marketing",
        postal_address=find_postal_address(),
    )


def try_links(*, rendered: Rendered) -> list[Finding]:
    """Links that do not answer as a page should, asked by the guarded client; at most 20, side by side.

    Our own pages and the way out are not asked: one is ours, the other would act.
    """
    urls = [url for url in list_links(written=_written(rendered)) if not _is_ours(url)][:_MOST_LINKS]
    with ThreadPoolExecutor(max_workers=5) as pool:
        causes = list(pool.map(_cause, urls))
    return [
        Finding("dead_link", {"url": url, "cause": cause}) for url, cause in zip(urls, causes, strict=True) if cause
    ]


def _is_ours(url: str) -> bool:
    return is_way_out(url=url) or url.startswith(f"{shop_address()}/")


def _cause(url: str) -> str:
    try:
        answer = fetch(url=url, allowed_networks=settings.REORDER.outgoing_networks, limits=_LIMITS)
    except ReorderError as fault:
        return str(fault)
    return str(answer.status) if answer.status >= 400 else ""


def _written(rendered: Rendered) -> Written:
    return Written(subject=rendered.subject, text=rendered.text, html=rendered.html, payload=dict(rendered.payload))
