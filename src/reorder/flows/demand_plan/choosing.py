"""A person says how a series is forecast and what a new product sells like; the next night follows."""

import datetime as dt
from collections.abc import Collection, Sequence
from importlib.util import find_spec

from reorder.domain.catalog import intake
from reorder.domain.catalog.intake import GivenProduct
from reorder.domain.planning import effects
from reorder.domain.planning.errors import BadMethods, UnknownMethods
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.engine import demand


def choose_methods(
    *,
    subject: str,
    place_code: str,
    methods: Sequence[str],
    note: str,
    place_codes: Collection[str],
    moment: dt.datetime,
    decided_by: str,
) -> None:
    """Have a series forecast by these methods (their mean) from the next night on.

    `place_codes` limits the places (empty: all). Raises BadMethods.
    """
    if any(method not in demand.METHODS for method in methods):
        raise BadMethods(reason="there is no such method")
    if "prophet" in methods and find_spec("prophet") is None:
        raise BadMethods(reason="prophet is not installed here; to add it: pip install 'reorder[prophet]'")
    if place_codes and place_code not in place_codes:
        raise BadMethods(reason="nothing is forecast for it there")
    with one_transaction():
        effects.choose_methods(
            subject=subject, place_code=place_code, methods=methods, note=note, author=decided_by, moment=moment
        )
        record_audit(
            actor=decided_by,
            action="planning.choose_methods",
            subject_kind="demand",
            subject_key=subject,
            details={"place": place_code, "methods": list(methods), "note": note.strip()},
        )


def withdraw_methods(
    *, subject: str, place_code: str, place_codes: Collection[str], moment: dt.datetime, decided_by: str
) -> None:
    """Back to the choice by backtest, from the next night on. Raises UnknownMethods."""
    if place_codes and place_code not in place_codes:
        raise UnknownMethods(subject=subject)
    with one_transaction():
        effects.withdraw_methods(subject=subject, place_code=place_code, moment=moment)
        record_audit(
            actor=decided_by,
            action="planning.withdraw_methods",
            subject_kind="demand",
            subject_key=subject,
            details={"place": place_code},
        )


def choose_like(*, sku: str, like_sku: str | None, decided_by: str) -> None:
    """Say which product a new one sells like, None for no product. Raises BadLike."""
    with one_transaction():
        intake.save_product(
            sku=sku, facts=GivenProduct(given=frozenset({"like_sku"}), like_sku=like_sku), saved_by=decided_by
        )
