"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_PAYMENTS: Final = "SELECT id FROM payments_payment WHERE order_id = ANY(%(orders)s)"
_LAW: Final = "the law asks for books; amounts and days stay"

TABLES: Final = (
    PersonalTable(
        table="payments_paymententry",
        where=f"t.payment_id IN ({_PAYMENTS})",
        erasure="empty",
        personal=("note",),
        empties={"note": "''"},
        hidden=("idempotency_key",),
        why=_LAW,
    ),
    PersonalTable(
        table="payments_refund",
        where=f"t.payment_id IN ({_PAYMENTS})",
        erasure="empty",
        personal=("reason",),
        empties={"reason": "''"},
        hidden=("idempotency_key",),
        why=_LAW,
    ),
    PersonalTable(
        table="payments_payment",
        where="t.order_id = ANY(%(orders)s)",
        erasure="keep",
        hidden=("idempotency_key",),
        why=_LAW,
    ),
    PersonalTable(
        table="payments_creditmove",
        where="t.customer_id = ANY(%(ids)s)",
        erasure="empty",
        personal=("reason",),
        empties={"reason": "''"},
        hidden=("idempotency_key",),
        why=_LAW,
    ),
    PersonalTable(table="payments_creditbalance", where="t.customer_id = ANY(%(ids)s)", erasure="keep", why=_LAW),
)
