"""A bank transfer: the customer is told the account and the reference, staff confirm what arrived."""

import datetime as dt
from typing import Literal

from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack
from reorder.domain.payments.rules import PaymentTerms


class BankTransfer:
    """Waits for the days that the shop laid down."""

    code = "bank_transfer"
    ships_before_paid = False

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Nobody can transfer to no account."""
        return "" if terms.transfer_account else "the shop has no bank account in its settings"

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """Waits until the days are over."""
        return Charge(state="waiting", expires_at=request.moment + dt.timedelta(days=request.terms.transfer_days))

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """A person transfers it back."""
        return "owed"
