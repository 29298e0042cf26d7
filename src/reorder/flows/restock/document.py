"""What a supplier gets: the purchase order as CSV, and the letter it comes with. Pure; no cell can act as a formula."""

import csv
import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.messaging.rules import DraftAttachment, MessageDraft
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.kernel.ids import idempotency_key
from reorder.kernel.money import Money
from reorder.kernel.spreadsheets import harmless_cell

COLUMNS = (
    "order_number",
    "ordered_date",
    "expected_date",
    "deliver_to",
    "deliver_to_name",
    "line",
    "supplier_sku",
    "sku",
    "name",
    "units",
    "unit_cost",
    "line_cost",
    "currency",
)


def order_as_csv(*, order: PurchaseOrderRow, placed_date: dt.date) -> bytes:
    """The order as CSV, UTF-8 with a byte-order mark so that spreadsheets read Chinese names; the same bytes always."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, line in enumerate(order.lines, start=1):
        cells = (
            order.number,
            placed_date.isoformat(),
            order.expected_date.isoformat(),
            order.place_code,
            order.place_name,
            str(number),
            line.supplier_sku,
            line.sku,
            line.product_name,
            plain_units(line.ordered_units),
            str(Money(line.unit_cost_minor, order.currency).major),
            str(Money(line.cost_minor, order.currency).major),
            order.currency,
        )
        writer.writerow([harmless_cell(text=cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def order_letter(*, order: PurchaseOrderRow, content: bytes, shop_name: str, moment: dt.datetime) -> MessageDraft:
    """The message that sends an order to its supplier, in the supplier's language, with the CSV attached."""
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
        idempotency_key=idempotency_key("purchase_order", order.number),
        purpose="supplier",
        address=order.supplier_email,
        subject=_one_line(subject.format(**facts)),
        body_text=body.format(**facts),
        reason_code="restock.letter.order",
        reason_parameters={"number": order.number, "supplier": order.supplier_code},
        send_after=moment,
        attachments=(DraftAttachment(filename=f"{order.number}.csv", media_type="text/csv", content=content),),
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
            f"{line.supplier_sku or line.sku}  {line.product_name}  {plain_units(missing[line.sku])}"
            for line in order.lines
            if line.sku in missing
        ),
    }
    return MessageDraft(
        idempotency_key=idempotency_key("purchase_order_cancelled", order.number),
        purpose="supplier",
        address=order.supplier_email,
        subject=_one_line(subject.format(**facts)),
        body_text=body.format(**facts),
        reason_code="restock.letter.cancelled",
        reason_parameters={"number": order.number, "supplier": order.supplier_code},
        send_after=moment,
    )


def plain_units(units: Decimal) -> str:
    """Units for reading: 12.000 is 12, 2.500 is 2.5."""
    text = f"{units:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _one_line(text: str) -> str:
    """A subject cannot break a line: what follows would be read as another mail header."""
    return " ".join(text.split())
