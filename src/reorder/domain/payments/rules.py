"""Pure rules of payments: what an order's money comes to, and the reference that a customer names."""

from dataclasses import dataclass
from typing import Final

MOST_MINOR: Final = 10**15
OPEN_STATES: Final = ("waiting", "owed", "part_paid")
# States and kinds as people read them.
WORD_TEMPLATES: Final = (
    "waiting",
    "owed",
    "part paid",
    "paid",
    "ended",
    "sent",
    "manual",
    "bank transfer",
    "cash on delivery",
    "store credit",
    "elsewhere",
    "original",
    "given",
    "refunded",
    "spent",
    "taken back",
    "merged",
    "receipt",
    "refund",
    "unpaid",
    "part refunded",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """What the shop laid down about being paid: the bank account as customers read it, and how long it waits."""

    transfer_account: str = ""
    transfer_days: int = 3


def payment_state(*, total_minor: int, paid_minor: int, refunded_minor: int, is_cash_on_delivery: bool) -> str:
    """The payment state of an order of ours; net is what was paid and not given back.

    Nothing left of what was paid: refunded. Net covers the total: paid. It did, and part went back: part_refunded.
    Otherwise it is still owed, at the door or before.
    """
    net_minor = paid_minor - refunded_minor
    if refunded_minor and not net_minor:
        return "refunded"
    if net_minor >= total_minor:
        return "paid"
    if refunded_minor and paid_minor >= total_minor:
        return "part_refunded"
    return "cash_on_delivery" if is_cash_on_delivery else "unpaid"


def make_reference(*, payment_id: int) -> str:
    """What a customer names with a transfer: the payment's number, at least six digits, and a check digit (Luhn).

    One wrong digit, or two neighbours swapped (but 09 and 90), makes it no reference at all.
    """
    digits = f"{payment_id:06d}"
    return digits + str(_luhn_digit(digits))


def is_reference(*, text: str) -> bool:
    """Whether the check digit fits."""
    return len(text) >= 7 and text.isascii() and text.isdigit() and str(_luhn_digit(text[:-1])) == text[-1]


def _luhn_digit(digits: str) -> int:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return -sum(number // 10 + number % 10 for number in doubled) % 10
