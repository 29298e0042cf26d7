"""What suppliers said to orders."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.purchasing.models import Acknowledgement


@dataclass(frozen=True, slots=True)
class AnswerLineRow:
    """What was said to one line."""

    sku: str
    product_name: str
    answer: str
    asked_units: Decimal
    accepted_units: Decimal
    ordered_cost_minor: int
    unit_cost_minor: int | None
    promised_date: dt.date | None


@dataclass(frozen=True, slots=True)
class AcknowledgementRow:
    """One answer with its lines by SKU."""

    id: int
    supplier_reference: str
    note: str
    source: str
    acknowledged_at: dt.datetime
    recorded_by: str
    lines: tuple[AnswerLineRow, ...]


def find_answer_fingerprint(*, idempotency_key: str) -> str | None:
    """What was said under this key, as a fingerprint; None when nothing was."""
    found = Acknowledgement.objects.filter(idempotency_key=idempotency_key)
    return found.values_list("fingerprint", flat=True).first()


def list_acknowledgements(*, order_id: int) -> list[AcknowledgementRow]:
    """Answers to an order, the newest first."""
    found = Acknowledgement.objects.filter(order_id=order_id).prefetch_related("lines__order_line__product")
    return [
        AcknowledgementRow(
            id=one.pk,
            supplier_reference=one.supplier_reference,
            note=one.note,
            source=one.source,
            acknowledged_at=one.acknowledged_at,
            recorded_by=one.recorded_by,
            lines=tuple(
                sorted(
                    (
                        AnswerLineRow(
                            sku=line.order_line.product.sku,
                            product_name=line.order_line.product.name,
                            answer=line.answer,
                            asked_units=line.asked_units,
                            accepted_units=line.accepted_units,
                            ordered_cost_minor=line.order_line.unit_cost_minor,
                            unit_cost_minor=line.unit_cost_minor,
                            promised_date=line.promised_date,
                        )
                        for line in one.lines.all()
                    ),
                    key=lambda line: line.sku,
                )
            ),
        )
        for one in found.order_by("-acknowledged_at", "-pk")
    ]
