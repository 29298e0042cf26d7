"""Messages written out: the version that was chosen, the values of now, links marked. Nothing is sent half-written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reorder.domain.marketing.content import VersionRow, list_versions_by_id
from reorder.domain.marketing.content_errors import NotRenderable
from reorder.domain.marketing.content_forms import BadForm, Written, write_form
from reorder.domain.marketing.content_message import MessageToRender
from reorder.domain.marketing.content_text import Missing, TooMuch
from reorder.domain.marketing.offer_errors import OfferUsedUp, UnknownOffer
from reorder.domain.messaging.analytics import list_followed
from reorder.domain.orders.coupons import CouponRow, find_coupon
from reorder.flows.content.filling import COUPON, OFFER, SKUS, Asked, fill
from reorder.flows.content.links import Marks, mark_links, utm_of
from reorder.flows.content.shortening import CHANNEL as SHORTENED
from reorder.flows.content.shortening import Shortener, keep_shortened
from reorder.flows.offers.issuing import issue_coupon
from reorder.insights.message_values import list_skus_of_messages
from reorder.kernel.clock import current_moment

_SHOWS_COUPON = frozenset({"coupon", "reorder_url", "cart"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its channel gets it; `payload` is the channel's own form, empty where text says all."""

    subject: str
    text: str
    html: str
    payload: dict[str, Any] = field(default_factory=dict)


def render_message(*, message: MessageToRender) -> Rendered:
    """Write one message out; raises NotRenderable, so that it is held with a reason instead of sent half-written."""
    made = render_messages(messages=[message])[0]
    if isinstance(made, NotRenderable):
        raise made
    return made


def render_messages(*, messages: Sequence[MessageToRender]) -> list[Rendered | NotRenderable]:
    """Write many out, in their order, with a handful of questions to the database whatever their number.

    Codes of offers are issued here, once a message. What cannot be written comes back as the reason.
    """
    versions = list_versions_by_id(version_ids={one.template_version_id or 0 for one in messages})
    skus = list_skus_of_messages(message_ids=[one.id for one in messages if SKUS not in one.variables])
    followed = list_followed(customer_ids=[one.customer_id for one in messages if one.customer_id is not None])
    prepared = [
        _prepare(one, versions.get(one.template_version_id or 0), _skus_of(one, skus.get(one.id, ())))
        for one in messages
    ]
    values = iter(fill(asked=[asked for asked in prepared if isinstance(asked, Asked)]))
    made: list[Rendered | NotRenderable] = []
    shortened: list[Shortener] = []
    for message, asked in zip(messages, prepared, strict=True):
        if isinstance(asked, NotRenderable):
            made.append(asked)
            continue
        written = write_asked(asked=asked, values=next(values))
        if isinstance(written, NotRenderable):
            made.append(written)
            continue
        utm = utm_of(
            own=asked.version.utm,
            channel=message.channel,
            source_key=message.source_key or asked.version.template_code,
            content="-".join(part for part in (message.step_key, message.variant) if part),
        )
        short = Shortener(message_id=message.id) if message.channel == SHORTENED else None
        marks = Marks(utm=utm, message_id=message.id if message.customer_id in followed else None, short=short)
        made.append(as_rendered(mark_links(written=written, marks=marks)))
        shortened += [short] if short else []
    if shortened:
        keep_shortened(shorteners=shortened, moment=current_moment())
    return made


def write_asked(*, asked: Asked, values: Mapping[str, Any] | NotRenderable) -> Written | NotRenderable:
    """The words of a version with these values, or why there are none."""
    if isinstance(values, NotRenderable):
        return values
    try:
        return write_form(
            channel=asked.version.channel, content=asked.version.content, values=values, language=asked.language
        )
    except Missing as fault:
        return NotRenderable(reason="a variable has no value", value=fault.path)
    except TooMuch:
        return NotRenderable(reason="it became longer than is allowed", value="")
    except BadForm as fault:
        return NotRenderable(reason="MJML cannot be read", value=str(fault)[:200])


def as_rendered(written: Written) -> Rendered:
    """The same under the names that senders know."""
    return Rendered(subject=written.subject, text=written.text, html=written.html, payload=dict(written.payload))


def _skus_of(message: MessageToRender, items: Sequence[str]) -> tuple[str, ...]:
    """The goods that a message is about: those that its source gave, else those that it was planned with."""
    given = message.variables.get(SKUS)
    return tuple(str(sku) for sku in given) if isinstance(given, list | tuple) else tuple(items)


def _prepare(message: MessageToRender, version: VersionRow | None, skus: tuple[str, ...]) -> Asked | NotRenderable:
    if version is None or message.customer_id is None:
        return NotRenderable(reason="there is no version of the template", value="")
    asked = Asked(
        version=version,
        customer_id=message.customer_id,
        language=message.language or version.language,
        moment=message.dated_at,
        variables=message.variables,
        skus=skus,
        message_id=message.id,
    )
    try:
        coupon = _coupon_of(message, asked)
    except (OfferUsedUp, UnknownOffer) as fault:
        return NotRenderable(reason="the offer cannot be given", value=str(fault))
    return asked if coupon is None else asked.with_coupon(coupon=coupon)


def _coupon_of(message: MessageToRender, asked: Asked) -> CouponRow | None:
    """The code that the message carries; one is issued where it has an offer and shows it."""
    if not _SHOWS_COUPON & asked.names:
        return None
    code = str(message.variables.get(COUPON) or "")
    offer_code = str(message.variables.get(OFFER) or "")
    if not code and offer_code:
        code = issue_coupon(
            offer_code=offer_code,
            customer_id=asked.customer_id,
            message_key=message.idempotency_key,
            moment=asked.moment,
        )
    return find_coupon(code=code) if code else None
