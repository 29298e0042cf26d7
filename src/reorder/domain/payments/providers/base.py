"""What a way of paying must be able to do; one class a way, and nothing else in the program knows their names.

A provider runs inside the transaction that records its answer. One that must ask another server answers `waiting` and
lets a job do the asking, so that no transaction waits for a network.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol

from reorder.domain.payments.rules import PaymentTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """What is asked of a provider: an amount of one order, by one key that makes it happen once."""

    order_id: int
    customer_id: int
    currency: str
    amount_minor: int
    key: str
    actor: str
    moment: dt.datetime
    terms: PaymentTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A provider's answer: `waiting` for money, `owed` at the door, or `paid` at once; until when it waits."""

    state: Literal["waiting", "owed", "paid"]
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Money that goes back to a customer the way it came."""

    order_id: int
    customer_id: int
    currency: str
    amount_minor: int
    key: str
    actor: str
    reason: str
    moment: dt.datetime


class PaymentProvider(Protocol):
    """One way of paying."""

    code: str
    # Whether the order may leave before the money is here.
    ships_before_paid: bool

    def find_obstacle(self, *, terms: PaymentTerms) -> str:
        """Why the shop cannot offer it, one of `errors.REASON_TEMPLATES`; empty when it can."""
        ...

    def start_charge(self, *, request: ChargeRequest) -> Charge:
        """Ask for the money; raises an error of ours when that fails, and then nothing happened."""
        ...

    def give_back(self, *, request: GiveBack) -> Literal["owed", "sent"]:
        """Send money back, or say that a person must: `owed`."""
        ...
