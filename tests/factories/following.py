"""Orders of a tea shop that have been placed, and what follows them."""

import datetime as dt
from decimal import Decimal

from reorder.domain.catalog.models import Product
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.answers import NewAcknowledgement, NewAnswer
from reorder.domain.purchasing.documents import DocumentTerms
from reorder.domain.purchasing.exchange import NewRate
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import ALISHAN, BUYER, MONDAY, MONDAY_MORNING, make_offer, make_supplier, propose

X12_TERMS = DocumentTerms(
    formats=("pdf", "x12"), own_qualifier="ZZ", own_id="TEAHOUSE", their_qualifier="01", their_id="123456789"
)
TEAS = (("MATCHA-30", 8), ("OOLONG-150", 12))


def two_teas_ordered(
    *, currency: str = "TWD", unit_cost_minor: int = 20_000, weights: tuple[int | None, int | None] = (30, 150)
) -> PurchaseOrderRow:
    """Eight matcha and twelve oolong on order from Alishan for Keelung, expected on Saturday the 28th."""
    make_place()
    make_supplier(currency=currency)
    for (sku, _), grams in zip(TEAS, weights, strict=True):
        make_product(sku=sku)
        Product.objects.filter(sku=sku).update(weight_grams=grams)
        make_offer(sku=sku, supplier_sku=f"A-{sku}", unit_cost_minor=unit_cost_minor)
    (order,) = restock.approve(proposal_ids=propose(*TEAS), decided_by=BUYER, moment=MONDAY_MORNING)
    return order


def said(*answers: NewAnswer, key: str = "answer-1", reference: str = "S-778") -> NewAcknowledgement:
    """What Alishan says on the Tuesday after."""
    return NewAcknowledgement(
        idempotency_key=key,
        acknowledged_at=MONDAY_MORNING + dt.timedelta(days=1),
        source="page",
        supplier_reference=reference,
        recorded_by=BUYER,
        lines=answers,
    )


def receive(order: PurchaseOrderRow, *, key: str = "note-1", day: int = 27, **lines: int) -> restock.Received:
    """What came, by SKU with underscores; nothing named: all that is missing."""
    counted = {sku.replace("_", "-"): Decimal(units) for sku, units in lines.items()} or None
    return restock.receive(
        number=order.number,
        lines=counted,
        received_at=MONDAY_MORNING.replace(day=day),
        idempotency_key=key,
        received_by=BUYER,
    )


def save_rate(currency: str = "USD", rate: str = "32", *, day: dt.date = MONDAY) -> None:
    """What one unit is worth in the shop's currency from a day on."""
    operations.save_rates(
        rates=[NewRate(currency=currency, rate_date=day, rate=Decimal(rate), source="Bank of Taiwan")],
        saved_by=BUYER,
        today=dt.date(2026, 11, 30),
    )


def exchange_with(*, supplier: str = ALISHAN, terms: DocumentTerms = X12_TERMS) -> None:
    """Orders to this supplier go out as PDF and X12."""
    operations.save_document_terms(supplier_code=supplier, terms=terms, saved_by=BUYER)
