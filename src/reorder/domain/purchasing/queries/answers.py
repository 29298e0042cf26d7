"""What suppliers said to orders."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from reorder.domain.purchasing.models import Acknowledgement, AcknowledgementLine


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
    found = (
        AcknowledgementLine.objects.filter(acknowledgement__order_id=order_id)
        .order_by("-acknowledgement__acknowledged_at", "-acknowledgement_id", "order_line__product__sku")
        .values_list(
            "acknowledgement_id",
            "acknowledgement__supplier_reference",
            "acknowledgement__note",
            "acknowledgement__source",
            "acknowledgement__acknowledged_at",
            "acknowledgement__recorded_by",
            "order_line__product__sku",
            "order_line__product__name",
            "answer",
            "asked_units",
            "accepted_units",
            "order_line__unit_cost_minor",
            "unit_cost_minor",
            "promised_date",
        )
    )
    answers = []
    for _, group in groupby(found, key=itemgetter(0)):
        rows = list(group)
        answer_id, reference, note, source, said_at, said_by = rows[0][:6]
        answers.append(
            AcknowledgementRow(
                id=answer_id,
                supplier_reference=reference,
                note=note,
                source=source,
                acknowledged_at=said_at,
                recorded_by=said_by,
                lines=tuple(AnswerLineRow(*row[6:]) for row in rows),
            )
        )
    return answers
