"""Paid by hand: cash at the counter, a card terminal, anything that staff see with their own eyes."""

from typing import Literal

from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack
from reorder.domain.payments.rules import PaymentTerms


class Manual:
    """Waits until staff confirm the money; staff give it back too."""

    code = "manual"
    ships_before_paid = False

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Every shop has hands."""
        return ""

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """Waits without an end: a person decides."""
        return Charge(state="waiting")

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """A person hands it over."""
        return "owed"
