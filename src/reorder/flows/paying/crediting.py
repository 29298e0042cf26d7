"""Store credit that staff give a customer, or take back."""

import datetime as dt

from reorder.domain.customers.operations import lock_customer
from reorder.domain.payments import credit
from reorder.domain.payments.credit import NewCreditMove
from reorder.domain.payments.errors import BadPaymentAmount
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.kernel.formatting import format_money
from reorder.kernel.ids import idempotency_key


def give_store_credit(
    *, customer_id: int, amount_minor: int, currency: str, reason: str, key: str, actor: str, moment: dt.datetime
) -> int:
    """Give a customer store credit; returns the balance after it, in minor units. The same key again gives nothing.

    Raises UnknownCustomer, CustomerErased, BadPaymentAmount, PaymentKeyReused.
    """
    _refuse(amount_minor, currency)
    return _move(
        customer_id=customer_id,
        amount_minor=amount_minor,
        currency=currency,
        kind="given",
        reason=reason,
        key=key,
        actor=actor,
        moment=moment,
    )


def take_store_credit(
    *, customer_id: int, amount_minor: int, currency: str, reason: str, key: str, actor: str, moment: dt.datetime
) -> int:
    """Take store credit back from a customer; returns the balance after it. The same key again takes nothing.

    Raises UnknownCustomer, CustomerErased, BadPaymentAmount, NotEnoughCredit, PaymentKeyReused.
    """
    _refuse(amount_minor, currency)
    return _move(
        customer_id=customer_id,
        amount_minor=-amount_minor,
        currency=currency,
        kind="taken_back",
        reason=reason,
        key=key,
        actor=actor,
        moment=moment,
    )


def _refuse(amount_minor: int, currency: str) -> None:
    if amount_minor <= 0:
        raise BadPaymentAmount(amount=format_money(amount_minor, currency=currency), reason="it must be above zero")


def _move(
    *,
    customer_id: int,
    amount_minor: int,
    currency: str,
    kind: str,
    reason: str,
    key: str,
    actor: str,
    moment: dt.datetime,
) -> int:
    with one_transaction():
        customer_key = lock_customer(customer_id=customer_id)
        is_new = credit.move_credit(
            move=NewCreditMove(
                customer_id=customer_id,
                currency=currency,
                kind=kind,
                amount_minor=amount_minor,
                cause_kind="staff",
                reason=reason.strip(),
                actor=actor,
                happened_at=moment,
                key=idempotency_key("credit", key),
            )
        )
        if is_new:
            record_audit(
                actor=actor,
                action="payments.give_credit" if amount_minor > 0 else "payments.take_credit",
                subject_kind="customer",
                subject_key=customer_key,
                details={"amount_minor": amount_minor, "currency": currency},
            )
        return credit.get_balance(customer_id=customer_id, currency=currency)
