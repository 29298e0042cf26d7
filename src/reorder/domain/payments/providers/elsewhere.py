"""Paid where the order came from, before it came to us; we only give back what is asked of us."""

from typing import Literal

from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack
from reorder.domain.payments.rules import PaymentTerms


class Elsewhere:
    """Never asked for here: it stands for what a channel reported as paid."""

    code = "elsewhere"
    ships_before_paid = False

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Not a way that a customer of ours can choose."""
        return "the order was not paid elsewhere"

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """What was paid there is paid."""
        return Charge(state="paid")

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """A person gives it back where it was paid."""
        return "owed"
