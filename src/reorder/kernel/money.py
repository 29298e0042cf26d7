"""Money as integer minor units of one currency; never a float, never two currencies in one sum."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from reorder.kernel.errors import BadInput

# ISO 4217 minor-unit digits that differ from two. Shops price TWD in whole dollars, but the official two digits are
# kept so that imported cents survive.
_WITHOUT = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
_WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_DIGITS = dict.fromkeys(_WITHOUT, 0) | dict.fromkeys(_WITH_THREE, 3)
# What is paid comes in larger steps than the official digits say: nobody in Taiwan pays cents.
_PAID_IN_WHOLE = ("HUF", "IDR", "TWD")
_MAXIMUM_MINOR = 10**15


class BadAmount(BadInput):
    code = "money.bad_amount"
    template = "{value!r} is not an amount of {currency}: {reason}"


class CurrencyMismatch(BadInput):
    code = "money.currency_mismatch"
    template = "cannot combine {left} with {right}"


def minor_digits(*, currency: str) -> int:
    """Decimal digits of one currency (ISO 4217), for example 2 for TWD and 0 for JPY."""
    return _MINOR_DIGITS.get(currency, 2)


def payable_step_minor(*, currency: str) -> int:
    """The smallest amount that is charged, in minor units: 100 for TWD (NT$1), 1 for USD (a cent) and JPY."""
    return int(10 ** minor_digits(currency=currency)) if currency in _PAID_IN_WHOLE else 1


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents) of a currency (ISO 4217 code)."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._require_same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same(other)
        return Money(self.minor - other.minor, self.currency)

    def times(self, *, factor: Decimal | int) -> "Money":
        """This amount times a factor, rounded half up to a whole minor unit."""
        exact = Decimal(self.minor) * factor
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), self.currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units (dollars), exact."""
        return Decimal(self.minor).scaleb(-minor_digits(currency=self.currency))

    def _require_same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)


def parse_money(*, text: str, currency: str) -> Money:
    """Read `1,234.50` or `1234.5` as Money; raises BadAmount with the reason when it is not an exact amount."""
    cleaned = text.strip().replace(",", "").replace("\u00a0", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise BadAmount(value=text, currency=currency, reason="not a number") from None
    if not value.is_finite():
        raise BadAmount(value=text, currency=currency, reason="not a finite number")
    minor = value.scaleb(minor_digits(currency=currency))
    if minor != minor.to_integral_value():
        raise BadAmount(value=text, currency=currency, reason=f"more than {minor_digits(currency=currency)} decimals")
    if abs(minor) > _MAXIMUM_MINOR:
        raise BadAmount(value=text, currency=currency, reason="too large")
    return Money(int(minor), currency)
