"""Freight, duty and other costs of an order or a delivery, entered and taken back."""

import datetime as dt

from reorder.domain.purchasing import operations
from reorder.domain.purchasing.landing import NewCharge
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.kernel.ids import idempotency_key as key_of
from reorder.kernel.money import Money


def add_charge(*, number: str, charge: NewCharge, idempotency_key: str, decided_by: str) -> bool:
    """Spread a cost over an order's goods, at any time, closed orders too; False when the key was used before.

    Raises UnknownPurchaseOrder, BadCharge, WeightsMissing.
    """
    with one_transaction():
        order = operations.lock_purchase_order(number=number)
        key = key_of("charge", number, idempotency_key)
        is_new = operations.record_charge(order=order, charge=charge, idempotency_key=key, recorded_by=decided_by)
        if is_new:
            _audit(action="purchasing.add_charge", number=number, charge=charge, decided_by=decided_by)
    return is_new


def withdraw_charge(*, number: str, charge_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Take a cost back that was entered by mistake. Raises UnknownPurchaseOrder, UnknownCharge."""
    with one_transaction():
        order = operations.lock_purchase_order(number=number)
        charge = operations.withdraw_charge(order=order, charge_id=charge_id, withdrawn_by=decided_by, moment=moment)
        _audit(action="purchasing.withdraw_charge", number=number, charge=charge, decided_by=decided_by)


def _audit(*, action: str, number: str, charge: NewCharge, decided_by: str) -> None:
    record_audit(
        actor=decided_by,
        action=action,
        subject_kind="purchase_order",
        subject_key=number,
        details={
            "kind": charge.kind,
            "basis": charge.basis,
            "amount": f"{Money(charge.amount_minor, charge.currency).major} {charge.currency}",
        },
    )
