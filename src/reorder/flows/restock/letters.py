"""Letters to suppliers, in the supplier's language: an order with its files, and its cancellation."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.messaging.rules import DraftAttachment, MessageDraft
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.purchasing.rules import cancellation_letter_key, order_letter_key
from reorder.flows.restock.document import order_as_csv, order_as_pdf
from reorder.flows.restock.files import shop_date
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal


def order_letter(*, order: PurchaseOrderRow, shop_name: str, send_after: dt.datetime) -> MessageDraft:
    """The message that sends an order to its supplier, in the supplier's language, with the order as PDF and CSV."""
    files = (
        ("pdf", "application/pdf", order_as_pdf(order=order, language=order.supplier_language)),
        ("csv", "text/csv", order_as_csv(order=order, placed_date=shop_date(moment=order.placed_at))),
    )
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
        attachments=tuple(
            DraftAttachment(filename=f"{order.number}.{ending}", media_type=media_type, content=content)
            for ending, media_type, content in files
        ),
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
    facts = {
        "number": order.number,
        "shop": shop_name,
        "supplier": order.supplier_name,
        "lines": "\n".join(
            f"{line.supplier_sku or line.sku}  {line.product_name}  {plain_decimal(number=missing[line.sku])}"
            for line in order.lines
            if line.sku in missing
        ),
    }
    return MessageDraft(
        idempotency_key=cancellation_letter_key(number=order.number),
        purpose="supplier",
        address=order.supplier_email,
        subject=_one_line(subject.format(**facts)),
        body_text=body.format(**facts),
        reason_code="restock.letter.cancelled",
        reason_parameters={"number": order.number, "supplier": order.supplier_code},
        send_after=moment,
    )


def _one_line(text: str) -> str:
    """A subject cannot break a line: what follows would be read as another mail header."""
    return " ".join(text.split())
