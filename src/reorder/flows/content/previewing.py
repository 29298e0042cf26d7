"""What a version will look like, before it goes: for a real customer, or with the sample where none is named."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.customers.queries import find_customer_by_key, find_customers_by_words, list_customer_names
from reorder.domain.marketing.content import VersionRow, faults_of, get_version_by_number
from reorder.domain.marketing.content_errors import NotRenderable
from reorder.domain.marketing.content_forms import FormFault, Written
from reorder.domain.marketing.content_samples import sample_values
from reorder.domain.messaging.channels import Outgoing, Result, open_impatient_channel
from reorder.domain.messaging.operations import unsubscribe_url
from reorder.domain.messaging.rules import message_id_of
from reorder.domain.staff.operations import record_audit
from reorder.flows.content.filling import Asked, fill
from reorder.flows.content.links import Marks, mark_links, utm_of
from reorder.flows.content.rendering import Rendered, as_rendered, write_asked
from reorder.flows.mail_trial import Trial
from reorder.insights.message_values import list_likely_skus
from reorder.kernel.ids import idempotency_key

_GOODS_SHOWN: Final = 3
# Where the customer has nothing of the kind, the sample's stands in.
_STANDS_IN: Final = ("coupon", "cart", "search", "order", "parcel", "tier", "points")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A version written out, or why it cannot be; `faults` keep it from being let go."""

    rendered: Rendered | None
    faults: list[FormFault] = field(default_factory=list)
    refusal: NotRenderable | None = None
    customer_name: str = ""


def render_preview(
    *, template_code: str, version: int, customer_id: int | None, language: str, channel: str, moment: dt.datetime
) -> Preview:
    """A version by its number within the template, as this customer would get it. Raises UnknownVersion."""
    row = get_version_by_number(template_code=template_code, number=version)
    return preview_version(
        version=replace(row, language=language or row.language, channel=channel or row.channel),
        customer_id=customer_id,
        moment=moment,
    )


def preview_version(*, version: VersionRow, customer_id: int | None, moment: dt.datetime) -> Preview:
    """A version, also one that nobody has saved yet. Nothing is issued and nothing followed."""
    faults = faults_of(version=version)
    values, name = _values(version=version, customer_id=customer_id, moment=moment)
    try:
        written = write_asked(asked=_asked(version, customer_id or 0, moment), values=values)
    except (KeyError, AttributeError, TypeError, IndexError):
        # A form that lacks its fields; its faults say which.
        return Preview(rendered=None, faults=faults, customer_name=name)
    if isinstance(written, NotRenderable):
        return Preview(rendered=None, faults=faults, refusal=written, customer_name=name)
    return Preview(rendered=as_rendered(_marked(written, version)), faults=faults, customer_name=name)


def find_customer_of_preview(*, text: str) -> int | None:
    """The customer whom a person means by the shop's key, our number, or a name that only one has; None for nobody."""
    typed = text.strip().replace("\x00", "")
    if not typed:
        return None
    found = find_customer_by_key(key=typed)
    if found is not None:
        return found.id
    number = int(typed) if typed.isdecimal() and len(typed) < 19 else None
    if number is not None and list_customer_names(ids=[number]):
        return number
    called = find_customers_by_words(text=typed, limit=2)
    return called[0] if len(called) == 1 else None


def send_trial(
    *, version: VersionRow, customer_id: int | None, address: str, sent_by: str, moment: dt.datetime
) -> Trial:
    """Send a version of mail to oneself, past the outbox. Raises NotRenderable, MailNotReady."""
    preview = preview_version(version=version, customer_id=customer_id, moment=moment)
    if preview.rendered is None:
        raise preview.refusal or NotRenderable(reason="MJML cannot be read", value="")
    options = settings.REORDER
    key = idempotency_key("trial", version.template_code, version.number, address, moment.isoformat())
    outgoing = Outgoing(
        message_id=message_id_of(key=key, sender=options.mail_from),
        sender=options.mail_from,
        sender_name=" ".join(options.shop_name.split()),
        address=address,
        subject=f"[{version.template_code} {version.number}] {preview.rendered.subject}",
        text=preview.rendered.text,
        html=preview.rendered.html,
        dated=format_datetime(moment.astimezone(ZoneInfo(options.time_zone))),
    )
    with open_impatient_channel() as channel:
        outcome = channel.send(outgoing=outgoing)
    record_audit(
        actor=sent_by,
        action="content.send_trial",
        subject_kind="template",
        subject_key=version.template_code,
        details={"result": outcome.result},
    )
    is_delivered = outcome.result is Result.DELIVERED
    return Trial(
        address=address, is_delivered=is_delivered, error="" if is_delivered else outcome.error or outcome.code
    )


def _values(
    *, version: VersionRow, customer_id: int | None, moment: dt.datetime
) -> tuple[Mapping[str, Any] | NotRenderable, str]:
    sample = sample_values(language=version.language)
    if customer_id is None:
        return sample, str(sample["customer"]["name"])
    found = fill(asked=[_asked(version, customer_id, moment)])[0]
    if isinstance(found, NotRenderable):
        return found, ""
    values = found | {name: sample[name] for name in _STANDS_IN if not found.get(name)}
    # The way out of a preview leads nowhere: who clicks it in a trial mail would refuse for the customer.
    out = sample["unsubscribe_url"] if unsubscribe_url(customer_id=customer_id) else "mailto:"
    return values | {"unsubscribe_url": out, "preferences_url": out}, str(found["customer"]["name"])


def _asked(version: VersionRow, customer_id: int, moment: dt.datetime) -> Asked:
    skus = list_likely_skus(customer_id=customer_id, limit=_GOODS_SHOWN) if customer_id else []
    return Asked(version=version, customer_id=customer_id, language=version.language, moment=moment, skus=tuple(skus))


def _marked(written: Written, version: VersionRow) -> Written:
    utm = utm_of(own=version.utm, channel=version.channel, source_key=version.template_code, content="")
    return mark_links(written=written, marks=Marks(utm=utm))
