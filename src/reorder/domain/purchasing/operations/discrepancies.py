"""What was wrong with deliveries: recorded with the receipt, claimed from the supplier, settled by a person."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import connection

from reorder.domain.purchasing.delivery_faults import CLAIMED_KINDS, DeliveryFault
from reorder.domain.purchasing.errors import NothingToClaim, UnknownDiscrepancy
from reorder.domain.purchasing.models import Claim, Discrepancy, Receipt, Supplier
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.purchasing.queries.discrepancies import ClaimRow, get_claim

_LONGEST_NOTE: Final = 300


def record_faults(*, order: PurchaseOrderRow, receipt_key: str, faults: Sequence[DeliveryFault]) -> None:
    """Write what was wrong with a delivery beside its receipt. More than ordered needs no claim: it is settled."""
    receipt = Receipt.objects.get(idempotency_key=receipt_key)
    line_ids = {line.sku: line.id for line in order.lines}
    Discrepancy.objects.bulk_create(
        Discrepancy(
            receipt=receipt,
            order_line_id=line_ids[fault.sku],
            kind=fault.kind,
            units=fault.units,
            note=" ".join(fault.note.split())[:_LONGEST_NOTE],
            state="open" if fault.kind in CLAIMED_KINDS else "settled",
        )
        for fault in faults
    )


def make_claim(
    *, supplier_code: str, place_codes: frozenset[str], made_by: str, moment: dt.datetime, year: int
) -> ClaimRow:
    """Put everything that is open with a supplier (at these places, when named) on one claim.

    Raises UnknownSupplier, NothingToClaim. Rows are locked: two people cannot claim the same goods.
    """
    supplier = Supplier.objects.filter(code=supplier_code).first()
    found = Discrepancy.objects.select_for_update(of=("self",)).filter(receipt__order__supplier=supplier, state="open")
    if place_codes:
        found = found.filter(receipt__order__place__code__in=sorted(place_codes))
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    if supplier is None or not ids:
        raise NothingToClaim(supplier=supplier_code)
    claim = Claim.objects.create(supplier=supplier, number=_take_number(year=year), made_at=moment, made_by=made_by)
    Discrepancy.objects.filter(pk__in=ids, state="open").update(state="claimed", claim=claim)
    return get_claim(number=claim.number)


def settle_discrepancy(*, discrepancy_id: int, settlement: str, settled_by: str, moment: dt.datetime) -> None:
    """Somebody says how it ended: credited, replaced, or given up. Raises UnknownDiscrepancy."""
    changed = (
        Discrepancy.objects.filter(pk=discrepancy_id)
        .exclude(state="settled")
        .update(
            state="settled",
            settled_at=moment,
            settled_by=settled_by,
            settlement=" ".join(settlement.split())[:_LONGEST_NOTE],
        )
    )
    if changed != 1:
        raise UnknownDiscrepancy(discrepancy_id=discrepancy_id)


def _take_number(*, year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('purchasing_claim_number')")
        return f"CL-{year}-{cursor.fetchone()[0]:05}"
