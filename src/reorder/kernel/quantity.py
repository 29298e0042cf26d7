"""Quantities: selling units with at most three decimals, positive unless a ledger says otherwise."""

from decimal import Decimal, InvalidOperation

from reorder.kernel.errors import BadInput

MAXIMUM_UNITS = Decimal(10) ** 9
_STEP = Decimal("0.001")


class BadQuantity(BadInput):
    code = "quantity.bad"
    template = "{value!r} is not a quantity: {reason}"


def parse_units(*, text: str) -> Decimal:
    """Read selling units greater than zero; raises BadQuantity with the reason."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise BadQuantity(value=text, reason="not a number") from None
    if not value.is_finite():
        raise BadQuantity(value=text, reason="not a finite number")
    if value <= 0:
        raise BadQuantity(value=text, reason="must be greater than zero")
    if value > MAXIMUM_UNITS:
        raise BadQuantity(value=text, reason=f"larger than {MAXIMUM_UNITS:,}")
    if value != value.quantize(_STEP):
        raise BadQuantity(value=text, reason="more than three decimals")
    return value
