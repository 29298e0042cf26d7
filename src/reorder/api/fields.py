"""The types of fields that several operations share: what can be stored, and how it is written.

Exact numbers (units, amounts) are taken as numbers or texts and given as texts, so that no client turns 0.1 into
0.1000000000000000055; estimates are plain numbers.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Final

from ninja import Header, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from reorder.connectors.base.texts import CURRENCIES
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import MAXIMUM_UNITS, plain_decimal

# PostgreSQL keeps no NUL; a key has no blank at either end.
_NO_NUL: Final = r"^[^\x00]*$"
# Written out: what \s means differs from one reader of the description to the next.
_BLANK: Final = r"\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff"
TRIMMED: Final = rf"^[^{_BLANK}]([^\x00]*[^{_BLANK}])?$"
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST_ID: Final = 2**63 - 1
_LARGEST_AMOUNT: Final = Decimal(10) ** 12


class Given(BaseModel):
    """A body: a field that does not exist is refused, because it is a slip of the pen.

    No ninja schema: those look every field up through a getter for Django's objects, which JSON never is.
    """

    model_config = ConfigDict(extra="forbid")


def plain(number: Decimal) -> str:
    """A decimal without exponent and trailing zeros: 12, 0.5."""
    return plain_decimal(number=number)


def amount_of(*, minor: int, currency: str) -> Decimal:
    """Minor units as the amount that people write."""
    return Decimal(minor).scaleb(-minor_digits(currency=currency))


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("currency_unknown", "not a currency")
    return code


def _sensible(moment: dt.datetime) -> dt.datetime:
    if not 1990 <= moment.year <= 2200:
        raise PydanticCustomError("moment_out_of_range", "out of range")
    return moment.astimezone(dt.UTC)


def _as_written(value: Any) -> Any:
    """Texts are plain decimals: no blanks, no exponent; true and false are no numbers."""
    if isinstance(value, bool) or (isinstance(value, str) and not _DECIMAL.fullmatch(value)):
        raise PydanticCustomError("decimal_parsing", "no plain decimal")
    return value


def _as_day(value: Any) -> Any:
    """Numbers would be read as seconds since 1970."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise PydanticCustomError("date_parsing", "no day")
    return value


def _as_moment(value: Any) -> Any:
    if not (isinstance(value, str) and _DAY.match(value)):
        raise PydanticCustomError("datetime_parsing", "no moment")
    return value


def _exact(*, minimum: float, maximum: float, decimals: int, is_open: bool = False) -> WithJsonSchema:
    """How an exact number is described: a number, or a text where a client's numbers are not exact."""
    lowest = "exclusiveMinimum" if is_open else "minimum"
    sign = "-?" if minimum < 0 else ""
    text = {"type": "string", "pattern": rf"^{sign}[0-9]{{1,15}}(\.[0-9]{{1,{decimals}}})?$"}
    return WithJsonSchema({"anyOf": [{"type": "number", lowest: minimum, "maximum": maximum}, text]})


Id = Annotated[int, Field(ge=1, le=_LARGEST_ID)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=TRIMMED)]
ShortKey = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TRIMMED)]
Channel = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=TRIMMED),
    Field(description="Which shop it comes from."),
]
Lot = Annotated[str, StringConstraints(max_length=100, pattern=rf"^([^{_BLANK}]([^\x00]*[^{_BLANK}])?)?$")]
Text = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    AfterValidator(_known_currency),
    WithJsonSchema({"type": "string", "enum": sorted(CURRENCIES), "examples": ["TWD"]}),
]
Day = Annotated[dt.date, BeforeValidator(_as_day), Field(examples=["2026-11-23"])]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_as_moment),
    AfterValidator(_sensible),
    Field(examples=["2026-11-23T09:30:00+08:00"]),
]
Units = Annotated[
    Decimal,
    Field(gt=0, le=MAXIMUM_UNITS, decimal_places=3, description="Selling units, at most three decimals."),
    BeforeValidator(_as_written),
    _exact(minimum=0, maximum=10**9, decimals=3, is_open=True),
]
CountedUnits = Annotated[
    Decimal,
    Field(ge=0, le=MAXIMUM_UNITS, decimal_places=3, description="Selling units, zero or more."),
    BeforeValidator(_as_written),
    _exact(minimum=0, maximum=10**9, decimals=3),
]
ChangedUnits = Annotated[
    Decimal,
    Field(ge=-MAXIMUM_UNITS, le=MAXIMUM_UNITS, decimal_places=3, description="Found above zero, gone below zero."),
    BeforeValidator(_as_written),
    _exact(minimum=-(10**9), maximum=10**9, decimals=3),
]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=_LARGEST_AMOUNT, decimal_places=8, description="In whole currency units."),
    BeforeValidator(_as_written),
    _exact(minimum=0, maximum=10**12, decimals=8),
]
# Of answers.
ExactUnits = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="always")]
ExactAmount = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="always")]

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=1000, description="`next_cursor` of the page before; nothing else makes sense here."),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this one write for a week: sent again, it gets the same answer and nothing is done twice.",
        examples=["4f1c2f0e-7a57-4b0e-9d3c-2f6f6d9e2d11"],
    ),
]
