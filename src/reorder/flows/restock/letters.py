"""Letters to suppliers, in the supplier's language: an order with its files, and its cancellation."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from reorder.domain.messaging.rules import DraftAttachment, MessageDraft
from reorder.domain.purchasing.documents import FORMATS
from reorder.domain.purchasing.letter_keys import claim_letter_key, lines_letter_key
from reorder.domain.purchasing.queries import ClaimRow, PurchaseOrderRow, get_document_terms
from reorder.domain.purchasing.rules import cancellation_letter_key, order_letter_key
from reorder.flows.restock.document import order_as_csv, order_as_pdf, order_as_x12
from reorder.flows.shop_day import shop_date
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal

# What was wrong with a delivery, as letters and pages say it.
FAULT_WORD_TEMPLATES: Final = {
    "short": "less came than the delivery note says",
    "over": "more came than was ordered",
    "damaged": "damaged",
    "wrong_item": "wrong item",
    "quality_refused": "refused for its quality",
}


def order_letter(*, order: PurchaseOrderRow, shop_name: str, send_after: dt.datetime) -> MessageDraft:
    """The message that sends an order to its supplier, in the supplier's language, with the files that they want."""
    with translation.override(order.supplier_language):
        subject = _("Purchase order {number} from {shop}")
        body = _(
            "Dear {supplier},\n\nplease deliver the goods of the attached purchase order {number} "
            "({lines} lines, {cost} {currency}) to {place} by {date}.\n\n{shop}\n"
        )
    facts = {
        "number": order.number,
        "shop": shop_name,
        "supplier": order.supplier_name,
        "lines": len(order.lines),
        "cost": Money(order.cost_minor, order.currency).major,
        "currency": order.currency,
        "place": order.place_name,
        "date": order.expected_date.isoformat(),
    }
    return MessageDraft(
        idempotency_key=order_letter_key(number=order.number),
        purpose="supplier",
        address=order.supplier_email,
        subject=_one_line(subject.format(**facts)),
        body_text=body.format(**facts),
        reason_code="restock.letter.order",
        reason_parameters={"number": order.number, "supplier": order.supplier_code},
        send_after=send_after,
        attachments=tuple(_files(order=order, moment=send_after)),
    )


def cancellation_letter(
    *, order: PurchaseOrderRow, missing: Mapping[str, Decimal], shop_name: str, moment: dt.datetime
) -> MessageDraft:
    """The message that tells a supplier that the rest of an order is no longer wanted."""
    with translation.override(order.supplier_language):
        subject = _("Purchase order {number} is cancelled")
        body = _(
            "Dear {supplier},\n\nplease do not deliver what is still open of purchase order {number}:\n\n{lines}\n\n"
            "{shop}\n"
        )
    return _withdrawal(
        order=order,
        key=cancellation_letter_key(number=order.number),
        subject=subject,
        body=body,
        facts={"shop": shop_name, "lines": _listed_lines(order=order, missing=missing)},
        reason_code="restock.letter.cancelled",
        moment=moment,
    )


def lines_cancelled_letter(
    *, order: PurchaseOrderRow, missing: Mapping[str, Decimal], shop_name: str, moment: dt.datetime
) -> MessageDraft:
    """The message that tells a supplier which lines are no longer wanted while the rest of the order stands."""
    with translation.override(order.supplier_language):
        subject = _("Purchase order {number}: some lines are cancelled")
        body = _(
            "Dear {supplier},\n\nplease do not deliver these lines of purchase order {number}; everything else stands:"
            "\n\n{lines}\n\n{shop}\n"
        )
    return _withdrawal(
        order=order,
        key=lines_letter_key(number=order.number, units=missing, given_up=order.lines),
        subject=subject,
        body=body,
        facts={"shop": shop_name, "lines": _listed_lines(order=order, missing=missing)},
        reason_code="restock.letter.lines_cancelled",
        moment=moment,
    )


def _withdrawal(
    *,
    order: PurchaseOrderRow,
    key: str,
    subject: str,
    body: str,
    facts: Mapping[str, str],
    reason_code: str,
    moment: dt.datetime,
) -> MessageDraft:
    """What is no longer wanted of an order; `subject` and `body` are in the supplier's language already."""
    told = {"number": order.number, "supplier": order.supplier_name, **facts}
    return MessageDraft(
        idempotency_key=key,
        purpose="supplier",
        address=order.supplier_email,
        subject=_one_line(subject.format(**told)),
        body_text=body.format(**told),
        reason_code=reason_code,
        reason_parameters={"number": order.number, "supplier": order.supplier_code},
        send_after=moment,
    )


def claim_letter(*, claim: ClaimRow, content: bytes, shop_name: str, moment: dt.datetime) -> MessageDraft:
    """The message that lists what was wrong with deliveries, in the supplier's language, with the list as CSV."""
    with translation.override(claim.supplier_language):
        subject = _("Claim {number} from {shop}")
        body = _(
            "Dear {supplier},\n\nthe following goods did not arrive as ordered. Please send a credit note or replace "
            "them, and name the claim {number}:\n\n{lines}\n\n{shop}\n"
        )
        kinds = {kind: gettext(words) for kind, words in FAULT_WORD_TEMPLATES.items()}
    facts = {
        "number": claim.number,
        "shop": shop_name,
        "supplier": claim.supplier_name,
        "lines": "\n".join(
            f"{line.order_number}  {line.supplier_sku or line.sku}  {line.product_name}  "
            f"{plain_decimal(number=line.units)}  {kinds[line.kind]}" + (f"  ({line.note})" if line.note else "")
            for line in claim.lines
        ),
    }
    return MessageDraft(
        idempotency_key=claim_letter_key(number=claim.number),
        purpose="supplier",
        address=claim.supplier_email,
        subject=_one_line(subject.format(**facts)),
        body_text=body.format(**facts),
        reason_code="restock.letter.claim",
        reason_parameters={"number": claim.number, "supplier": claim.supplier_code},
        send_after=moment,
        attachments=(DraftAttachment(filename=f"{claim.number}.csv", media_type="text/csv", content=content),),
    )


def _files(*, order: PurchaseOrderRow, moment: dt.datetime) -> Iterator[DraftAttachment]:
    """The order in every format that its supplier wants; X12 only once both addresses are known."""
    terms = get_document_terms(supplier_code=order.supplier_code)
    for one in FORMATS:
        if one not in terms.formats or (one == "x12" and not terms.can_exchange):
            continue
        if one == "pdf":
            kind, content = "application/pdf", order_as_pdf(order=order, language=order.supplier_language)
        elif one == "csv":
            kind, content = "text/csv", order_as_csv(order=order, placed_date=shop_date(moment=order.placed_at))
        else:
            kind, content = "application/edi-x12", order_as_x12(order=order, moment=moment)
        yield DraftAttachment(filename=f"{order.number}.{one}", media_type=kind, content=content)


def _listed_lines(*, order: PurchaseOrderRow, missing: Mapping[str, Decimal]) -> str:
    return "\n".join(
        f"{line.supplier_sku or line.sku}  {line.product_name}  {plain_decimal(number=missing[line.sku])}"
        for line in order.lines
        if line.sku in missing
    )


def _one_line(text: str) -> str:
    """A subject cannot break a line: what follows would be read as another mail header."""
    return " ".join(text.split())
