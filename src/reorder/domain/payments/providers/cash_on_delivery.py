"""Cash on delivery: the order leaves unpaid, the money is owed until the goods are handed over."""

from typing import Literal

from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack
from reorder.domain.payments.rules import PaymentTerms


class CashOnDelivery:
    """Owed at the door."""

    code = "cash_on_delivery"
    ships_before_paid = True

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Every shop may trust its customers."""
        return ""

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """Owed until delivered."""
        return Charge(state="owed")

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """A person transfers it back: the carrier takes no money to the door."""
        return "owed"
