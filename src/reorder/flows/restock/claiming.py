"""Claims: what was wrong with a supplier's deliveries, as one list by mail; settled by a person, one by one."""

import csv
import datetime as dt
import io

from django.conf import settings

from reorder.domain.messaging import operations as messaging
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.queries import ClaimRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.restock.letters import claim_letter
from reorder.flows.shop_day import shop_date
from reorder.kernel.jobs import JobName, defer_job
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal
from reorder.kernel.spreadsheets import harmless_cell

CLAIM_COLUMNS = (
    "claim",
    "order_number",
    "received_date",
    "supplier_sku",
    "sku",
    "name",
    "fault",
    "units",
    "unit_cost",
    "cost",
    "currency",
    "note",
)


def claim_supplier(
    *, supplier_code: str, place_codes: frozenset[str], decided_by: str, moment: dt.datetime
) -> ClaimRow:
    """Put everything open with a supplier on a claim and send it, where an e-mail address is known.

    Raises NothingToClaim.
    """
    with one_transaction():
        claim = operations.make_claim(
            supplier_code=supplier_code,
            place_codes=place_codes,
            made_by=decided_by,
            moment=moment,
            year=shop_date(moment=moment).year,
        )
        if claim.supplier_email:
            letter = claim_letter(
                claim=claim, content=claim_as_csv(claim=claim), shop_name=settings.REORDER.shop_name, moment=moment
            )
            messaging.plan_messages(drafts=[letter])
            defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        record_audit(
            actor=decided_by,
            action="purchasing.claim",
            subject_kind="claim",
            subject_key=claim.number,
            details={"supplier": supplier_code, "lines": len(claim.lines), "mailed": bool(claim.supplier_email)},
        )
    return claim


def settle_fault(*, discrepancy_id: int, settlement: str, decided_by: str, moment: dt.datetime) -> None:
    """Say how a discrepancy ended. Raises UnknownDiscrepancy."""
    with one_transaction():
        operations.settle_discrepancy(
            discrepancy_id=discrepancy_id, settlement=settlement, settled_by=decided_by, moment=moment
        )
        record_audit(
            actor=decided_by,
            action="purchasing.settle_discrepancy",
            subject_kind="discrepancy",
            subject_key=str(discrepancy_id),
            details={"settlement": settlement[:200]},
        )


def claim_as_csv(*, claim: ClaimRow) -> bytes:
    """The claim as CSV, UTF-8 with a byte-order mark; no cell can act as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CLAIM_COLUMNS)
    for line in claim.lines:
        cells = (
            claim.number,
            line.order_number,
            shop_date(moment=line.received_at).isoformat(),
            line.supplier_sku,
            line.sku,
            line.product_name,
            line.kind,
            plain_decimal(number=line.units),
            str(Money(line.unit_cost_minor, line.currency).major),
            str(Money(line.cost_minor, line.currency).major),
            line.currency,
            line.note,
        )
        writer.writerow([harmless_cell(text=cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")
