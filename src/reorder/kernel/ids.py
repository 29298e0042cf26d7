"""Typed identifiers, and the keys by which rooms speak of the same thing without importing each other."""

import hashlib
from typing import NewType

CustomerId = NewType("CustomerId", int)
ProductId = NewType("ProductId", int)
OrderId = NewType("OrderId", int)
PlaceId = NewType("PlaceId", int)
SupplierId = NewType("SupplierId", int)
RunId = NewType("RunId", int)

_CATEGORY_PREFIX = "category:"


def category_subject(*, category_code: str) -> str:
    """The planning key of a whole category, used where single products are too sparse; a product's key is its SKU."""
    return _CATEGORY_PREFIX + category_code


def is_category_subject(*, subject: str) -> bool:
    return subject.startswith(_CATEGORY_PREFIX)


def category_code_of(*, subject: str) -> str:
    return subject.removeprefix(_CATEGORY_PREFIX)


def idempotency_key(*parts: object) -> str:
    """A stable 40-character key for a fact made of `parts`; equal parts give the same key on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
