"""The ways of paying, by code; a new one is a class of its own file and a row here."""

from collections.abc import Mapping
from typing import Final

from reorder.domain.payments.errors import UnknownProvider
from reorder.domain.payments.providers.bank_transfer import BankTransfer
from reorder.domain.payments.providers.base import Charge, ChargeRequest, GiveBack, PaymentProvider
from reorder.domain.payments.providers.cash_on_delivery import CashOnDelivery
from reorder.domain.payments.providers.elsewhere import Elsewhere
from reorder.domain.payments.providers.manual import Manual
from reorder.domain.payments.providers.store_credit import StoreCredit
from reorder.domain.payments.rules import PaymentTerms

_PROVIDERS: Final[Mapping[str, PaymentProvider]] = {
    one.code: one for one in (BankTransfer(), CashOnDelivery(), Elsewhere(), Manual(), StoreCredit())
}


def get_provider(*, code: str) -> PaymentProvider:
    """The way of paying with this code; raises UnknownProvider."""
    if code not in _PROVIDERS:
        raise UnknownProvider(provider=code)
    return _PROVIDERS[code]


def list_offered(*, terms: PaymentTerms) -> list[str]:
    """Codes of the ways of paying that the shop can offer."""
    return [code for code, one in _PROVIDERS.items() if not one.find_obstacle(terms=terms)]


__all__ = [
    "Charge",
    "ChargeRequest",
    "GiveBack",
    "PaymentProvider",
    "get_provider",
    "list_offered",
]
