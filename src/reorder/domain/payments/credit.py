"""Store credit: an append-only ledger of moves, and balances that it sums to; a balance is never below zero."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction

from reorder.domain.payments.errors import BadPaymentAmount, NotEnoughCredit, PaymentKeyReused
from reorder.domain.payments.models import CreditBalance, CreditMove
from reorder.domain.payments.rules import MOST_MINOR
from reorder.domain.storage import run_sql
from reorder.kernel.formatting import format_money

_ADD: Final = """
INSERT INTO payments_creditbalance AS known (customer_id, currency, balance_minor)
VALUES (%(customer)s, %(currency)s, %(amount)s)
ON CONFLICT (customer_id, currency) DO UPDATE SET balance_minor = known.balance_minor + excluded.balance_minor
"""
_TAKE: Final = """
UPDATE payments_creditbalance SET balance_minor = balance_minor + %(amount)s
WHERE customer_id = %(customer)s AND currency = %(currency)s AND balance_minor + %(amount)s >= 0
"""
_COMPARE: Final = """
SELECT coalesce(moved.customer_id, known.customer_id), coalesce(moved.currency, known.currency),
       coalesce(moved.sum_minor, 0)::bigint, coalesce(known.balance_minor, 0)
FROM (SELECT customer_id, currency, sum(amount_minor) AS sum_minor FROM payments_creditmove GROUP BY 1, 2) AS moved
FULL JOIN payments_creditbalance AS known
  ON known.customer_id = moved.customer_id AND known.currency = moved.currency
WHERE coalesce(moved.sum_minor, 0) <> coalesce(known.balance_minor, 0) ORDER BY 1, 2 LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCreditMove:
    """Credit given (+) or taken (−), with its cause and the key that makes it happen once."""

    customer_id: int
    currency: str
    kind: str
    amount_minor: int
    cause_kind: str
    cause_key: str = ""
    reason: str = ""
    actor: str
    happened_at: dt.datetime
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMoveRow:
    """One move as it is shown."""

    id: int
    kind: str
    currency: str
    amount_minor: int
    cause_kind: str
    cause_key: str
    reason: str
    actor: str
    happened_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDifference:
    """A balance that is not what its moves sum to."""

    customer_id: int
    currency: str
    moved_minor: int
    balance_minor: int


def move_credit(*, move: NewCreditMove) -> bool:
    """Give or take store credit, with its ledger entry; False when the key has done just that already.

    Raises BadPaymentAmount, NotEnoughCredit, and PaymentKeyReused when the key stands for another move.
    """
    if not 0 < abs(move.amount_minor) <= MOST_MINOR:
        raise BadPaymentAmount(
            amount=format_money(move.amount_minor, currency=move.currency),
            reason="it is too large" if move.amount_minor else "it must be above zero",
        )
    try:
        with transaction.atomic():
            # The ledger first: a repeated key fails here, before the balance is touched.
            CreditMove.objects.create(
                customer_id=move.customer_id,
                currency=move.currency,
                kind=move.kind,
                amount_minor=move.amount_minor,
                cause_kind=move.cause_kind,
                cause_key=move.cause_key,
                reason=move.reason,
                actor=move.actor,
                happened_at=move.happened_at,
                idempotency_key=move.key,
            )
            _change_balance(move)
    except IntegrityError:
        known = CreditMove.objects.filter(idempotency_key=move.key).first()
        if known is None:
            raise
        if (known.customer_id, known.currency, known.amount_minor) != (
            move.customer_id,
            move.currency,
            move.amount_minor,
        ):
            raise PaymentKeyReused(key=move.key) from None
        return False
    return True


def get_balance(*, customer_id: int, currency: str) -> int:
    """Store credit of a customer in minor units; 0 where there never was any."""
    found = CreditBalance.objects.filter(customer_id=customer_id, currency=currency)
    return found.values_list("balance_minor", flat=True).first() or 0


def list_balances(*, customer_id: int) -> list[tuple[str, int]]:
    """Currencies in which a customer has store credit, and how much of each in minor units."""
    found = CreditBalance.objects.filter(customer_id=customer_id, balance_minor__gt=0).order_by("currency")
    return list(found.values_list("currency", "balance_minor"))


def list_credit_moves(*, customer_id: int, before: int | None = None, limit: int = 50) -> list[CreditMoveRow]:
    """Moves of a customer's store credit, the latest first, from before the move `before` on."""
    found = CreditMove.objects.filter(customer_id=customer_id).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    return [
        CreditMoveRow(
            id=row.pk,
            kind=row.kind,
            currency=row.currency,
            amount_minor=row.amount_minor,
            cause_kind=row.cause_kind,
            cause_key=row.cause_key,
            reason=row.reason,
            actor=row.actor,
            happened_at=row.happened_at,
        )
        for row in found[:limit]
    ]


def merge_credit(*, keep_id: int, absorb_id: int, decided_by: str, moment: dt.datetime) -> int:
    """Give the kept customer what the absorbed one has, by a pair of moves a currency; returns how many pairs."""
    balances = list_balances(customer_id=absorb_id)
    for currency, minor in balances:
        for customer_id, amount in ((absorb_id, -minor), (keep_id, minor)):
            move_credit(
                move=NewCreditMove(
                    customer_id=customer_id,
                    currency=currency,
                    kind="merged",
                    amount_minor=amount,
                    cause_kind="merge",
                    cause_key=str(absorb_id),
                    actor=decided_by,
                    happened_at=moment,
                    key=f"merge:{absorb_id}:{keep_id}:{currency}:{customer_id}",
                )
            )
    return len(balances)


def compare_credit_with_moves(*, limit: int = 20) -> list[CreditDifference]:
    """Balances that are not what their moves sum to; empty when all are right."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, [limit])
        return [
            CreditDifference(customer_id=row[0], currency=row[1], moved_minor=row[2], balance_minor=row[3])
            for row in cursor.fetchall()
        ]


def _change_balance(move: NewCreditMove) -> None:
    given = {"customer": move.customer_id, "currency": move.currency, "amount": move.amount_minor}
    changed = run_sql(statement=_ADD if move.amount_minor > 0 else _TAKE, parameters=given)
    if not changed:
        balance = get_balance(customer_id=move.customer_id, currency=move.currency)
        raise NotEnoughCredit(
            amount=format_money(-move.amount_minor, currency=move.currency),
            balance=format_money(balance, currency=move.currency),
        )
