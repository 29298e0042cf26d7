"""Store credit: paid at once out of what the customer has, and given back there."""

from typing import Literal

from reorder.domain.payments import credit
from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack
from reorder.domain.payments.rules import PaymentTerms
from reorder.kernel.ids import idempotency_key


class StoreCredit:
    """Spends the balance, never below zero."""

    code = "store_credit"
    ships_before_paid = False

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Every shop can owe its customers something."""
        return ""

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """Paid at once; raises NotEnoughCredit."""
        credit.move_credit(
            move=credit.NewCreditMove(
                customer_id=request.customer_id,
                currency=request.currency,
                kind="spent",
                amount_minor=-request.amount_minor,
                cause_kind="order",
                cause_key=str(request.order_id),
                actor=request.actor,
                happened_at=request.moment,
                key=idempotency_key("credit spent", request.key),
            )
        )
        return Charge(state="paid")

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """Back on the balance, at once."""
        credit.move_credit(
            move=credit.NewCreditMove(
                customer_id=request.customer_id,
                currency=request.currency,
                kind="refunded",
                amount_minor=request.amount_minor,
                cause_kind="order",
                cause_key=str(request.order_id),
                reason=request.reason,
                actor=request.actor,
                happened_at=request.moment,
                key=idempotency_key("credit back", request.key),
            )
        )
        return "sent"
