"""Column keys of WooCommerce's order export plugins; found by name, because their order is a setting."""

import re
from collections.abc import Sequence

from reorder.connectors.base import normal_header

_ORDER_WORDS: dict[str, tuple[str, ...]] = {
    "order_id": ("order_number", "order_id", "order_number_formatted"),
    "ordered_at": ("order_date", "date", "date_created"),
    "status": ("status", "order_status"),
    "currency": ("order_currency", "currency"),
    "customer_id": ("customer_id", "customer_user"),
    "email": ("billing_email", "customer_email"),
    "first_name": ("billing_first_name", "shipping_first_name"),
    "last_name": ("billing_last_name", "shipping_last_name"),
    "postcode": ("shipping_postcode", "billing_postcode"),
    "country": ("shipping_country", "billing_country"),
}
_ITEM_WORDS: dict[str, tuple[str, ...]] = {
    "line_id": ("item_id", "line_item_id"),
    "sku": ("item_sku", "line_item_sku"),
    "product_name": ("item_name", "line_item_name"),
    "quantity": ("item_quantity", "line_item_quantity"),
    "total": ("item_total", "line_item_total"),
}


def find_order_columns(*, header: Sequence[str]) -> dict[str, str]:
    """Our name → the file's column, for facts of the order."""
    return _find(header=header, words=_ORDER_WORDS)


def find_item_columns(*, header: Sequence[str]) -> dict[str, str]:
    """Our name → the file's column, for facts of a line where each has a row of its own."""
    return _find(header=header, words=_ITEM_WORDS)


def item_cells(*, header: Sequence[str]) -> list[str]:
    """The columns `line_item_1`, `line_item_2`, … in their order."""
    numbered = {name: re.fullmatch(r"line_item_(\d+)", normal_header(name=name)) for name in header}
    return sorted((name for name, match in numbered.items() if match), key=lambda name: int(numbered[name][1]))  # type: ignore[index]


def _find(*, header: Sequence[str], words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(normal_header(name=column), column)
    found = {
        ours: next((by_name[word] for word in synonyms if word in by_name), None) for ours, synonyms in words.items()
    }
    return {ours: column for ours, column in found.items() if column is not None}
