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
        raise BadQuantity(value=text, reason="larger than 1,000,000,000")
    if value != value.quantize(_STEP):
        raise BadQuantity(value=text, reason="more than three decimals")
    return value


def plain_decimal(*, number: Decimal) -> str:
    """A number as machines and fields hold it, whole: no exponent, no zeros at its end: 1250, 0.5."""
    return grouped_decimal(number=number).replace(",", "")


def grouped_decimal(*, number: Decimal) -> str:
    """A number as people read it, never rounded: 1,250, 2.375."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
