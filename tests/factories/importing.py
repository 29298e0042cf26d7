"""Files to import, and what the books say afterwards."""

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from reorder.domain.orders.models import OrderLine

FIXTURES = Path(__file__).parent.parent / "fixtures"
ORDER_HEADER = "order_id,ordered_at,customer_id,email,sku,quantity,unit_price"


def write_lines(*, path: Path, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def write_many_orders(*, path: Path, orders_count: int) -> Path:
    """Orders A-0, A-1, … of two lines each."""
    lines = [
        f"A-{number},2026-03-{1 + number % 28:02d},C{number % 7},,{sku},1,100"
        for number in range(orders_count)
        for sku in ("OOLONG-150", "MATCHA-30")
    ]
    return write_lines(path=path, lines=[ORDER_HEADER, *lines])


def refused_in(*, path: Path) -> list[tuple[int, str, str, str]]:
    """The rows of a `.rejected.csv`: row, column, value, reason."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["row", "column", "value", "reason"]
    return [(int(row), column, value, reason) for row, column, value, reason in rows[1:]]


def booked_lines() -> list[tuple[str, str, str, float, int | None]]:
    """Order, customer key, SKU, units and unit price of every line, sorted."""
    lines = OrderLine.objects.select_related("order__customer", "product")
    return sorted(
        (
            line.order.external_id,
            line.order.customer.key,
            line.product.sku,
            float(line.units),
            line.unit_price_minor,
        )
        for line in lines
    )


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
