"""What can be changed of an order that has not been released, as values; and the lines that come out of it. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final

from reorder.domain.catalog.queries import ProductRow
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.editing import HeldLine
from reorder.domain.orders.errors import BadOrderChange, UnknownLine
from reorder.flows.fulfil.errors import UnitsNotWhole, WrongCurrency
from reorder.flows.fulfil.orders import IfShort, Totals
from reorder.flows.order_intake.errors import LineRepeated, UnknownProducts
from reorder.kernel.errors import BadInput
from reorder.kernel.quantity import plain_decimal

MOST_LINES: Final = 1000
MOST_UNITS: Final = Decimal(1_000_000)
_THOUSANDTH: Final = Decimal("0.001")
# Why a change is refused, as errors say it; surfaces translate them.
REASON_TEMPLATES: Final = (
    "an order has at most 1000 lines",
    "an order keeps one line at least; cancel it instead",
    "a way of shipping is a code of at most 60 characters",
    "nothing of it would change",
    "so many units of one line are a slip",
    "what was found must be less than was wanted, and not below zero",
    "units have at most three decimals and are not below zero",
    "units to cancel must be above zero and not more than the line has",
)


class Keep(Enum):
    """Stands for what stays as it is where nothing at all is a value too."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToAdd:
    """Units of a product that an order gets more; without a price the product's own, in minor units."""

    sku: str
    units: Decimal
    unit_price_minor: int | None = None
    discount_minor: int = 0
    line_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanges:
    """What is to become of an order; what is not said stays. `units` by line key, none: the line goes.

    `totals` are the amounts that another system computed; without them the order is priced as it was: by our rules,
    or in the proportion of its lines. `if_short`: what stock does not cover is refused, and nothing changes, or waited
    for.
    """

    units: Mapping[str, Decimal] = field(default_factory=dict)
    added: tuple[LineToAdd, ...] = ()
    ship_to: ShippingAddress | None = None
    ship_method: str | None = None
    not_before_date: dt.date | Keep | None = KEEP
    totals: Totals | None = None
    note: str = ""
    if_short: IfShort = "refuse"

    @property
    def moves_goods(self) -> bool:
        """Whether places must be chosen again."""
        return bool(self.units or self.added or self.ship_to is not None or self.ship_method is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCut:
    """Units of a line that nobody wants any more; None: all of them."""

    line_key: str
    units: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """A line as it is to be; `before` is the line as it stands, None for a new one."""

    line_key: str
    sku: str
    product_id: int
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int
    before: HeldLine | None = None


def lines_after(
    *,
    order: str,
    currency: str,
    lines: Sequence[HeldLine],
    changes: OrderChanges,
    products: Mapping[str, ProductRow],
) -> list[WantedLine]:
    """The lines of an order after a change, in their order, new ones last. `products` are those of all SKUs named.

    Raises UnknownLine, UnknownProducts, LineRepeated, UnitsNotWhole, WrongCurrency, BadOrderChange.
    """
    by_key = {line.line_key: line for line in lines}
    for key in changes.units:
        if key not in by_key:
            raise UnknownLine(order=order, line=key)
    wanted = [
        _line(line, units=changes.units.get(line.line_key, line.units))
        for line in lines
        if changes.units.get(line.line_key, line.units) != 0
    ]
    unknown = sorted({one.sku for one in changes.added} - products.keys())
    if unknown:
        raise UnknownProducts(order=order, skus=", ".join(unknown[:20]))
    keys = set(by_key)
    for one in changes.added:
        key = one.line_key or _next_key(keys)
        if key in keys:
            raise LineRepeated(order=order, line=key)
        keys.add(key)
        wanted.append(_new_line(one, key=key, product=products[one.sku]))
    _refuse(order=order, currency=currency, wanted=wanted, products=products)
    return wanted


def cut_units(*, order: str, lines: Sequence[HeldLine], cuts: Sequence[LineCut]) -> dict[str, Decimal]:
    """Units by line key after lines were cut. Raises UnknownLine, BadOrderChange."""
    by_key = {line.line_key: line for line in lines}
    left: dict[str, Decimal] = {}
    for cut in cuts:
        line = by_key.get(cut.line_key)
        if line is None:
            raise UnknownLine(order=order, line=cut.line_key)
        units = line.units if cut.units is None else cut.units
        if not units.is_finite() or not 0 < units <= left.get(cut.line_key, line.units):
            raise BadOrderChange(
                order=order, reason="units to cancel must be above zero and not more than the line has"
            )
        left[cut.line_key] = left.get(cut.line_key, line.units) - units
    return left


def refuse_bad_units(*, order: str, sku: str, units: Decimal, product: ProductRow | None) -> None:
    """Raises BadOrderChange or UnitsNotWhole for units that no line can have."""
    if not units.is_finite() or units < 0 or units != units.quantize(_THOUSANDTH):
        raise BadOrderChange(order=order, reason="units have at most three decimals and are not below zero")
    if units > MOST_UNITS:
        raise BadOrderChange(order=order, reason="so many units of one line are a slip")
    if product is not None and units % 1 and not product.is_sold_in_fractions:
        raise UnitsNotWhole(order=order, sku=sku, units=plain_decimal(number=units))


def told_lines(*, before: Sequence[HeldLine], after: Sequence[WantedLine]) -> list[dict[str, str]]:
    """What changed of the lines, for the event: key, SKU, units before and after."""
    was = {line.line_key: line for line in before}
    now = {line.line_key: line for line in after}
    return [
        {
            "line": key,
            "sku": (now.get(key) or was[key]).sku,
            "from_units": plain_decimal(number=was[key].units if key in was else Decimal(0)),
            "to_units": plain_decimal(number=now[key].units if key in now else Decimal(0)),
        }
        for key in [*was, *(key for key in now if key not in was)]
        if (was[key].units if key in was else None) != (now[key].units if key in now else None)
    ]


def _line(line: HeldLine, *, units: Decimal) -> WantedLine:
    return WantedLine(
        line_key=line.line_key,
        sku=line.sku,
        product_id=line.product_id,
        units=units,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        before=line,
    )


def _new_line(one: LineToAdd, *, key: str, product: ProductRow) -> WantedLine:
    price = product.price_minor if one.unit_price_minor is None else one.unit_price_minor
    return WantedLine(
        line_key=key,
        sku=one.sku,
        product_id=product.id,
        units=one.units,
        unit_price_minor=price,
        discount_minor=one.discount_minor,
    )


def _next_key(keys: set[str]) -> str:
    number = len(keys) + 1
    while str(number) in keys:
        number += 1
    return str(number)


def _refuse(*, order: str, currency: str, wanted: Sequence[WantedLine], products: Mapping[str, ProductRow]) -> None:
    fault: BadInput | None = None
    if not wanted:
        fault = BadOrderChange(order=order, reason="an order keeps one line at least; cancel it instead")
    elif len(wanted) > MOST_LINES:
        fault = BadOrderChange(order=order, reason="an order has at most 1000 lines")
    if fault:
        raise fault
    for line in wanted:
        product = products.get(line.sku)
        refuse_bad_units(order=order, sku=line.sku, units=line.units, product=product)
        if line.before is None and line.units == 0:
            raise BadOrderChange(order=order, reason="units have at most three decimals and are not below zero")
        if line.before is None and product is not None and product.currency != currency:
            raise WrongCurrency(order=order, sku=line.sku, currency=currency, wanted=product.currency)


__all__ = [
    "KEEP",
    "Keep",
    "LineCut",
    "LineToAdd",
    "OrderChanges",
    "WantedLine",
    "cut_units",
    "lines_after",
    "told_lines",
]
