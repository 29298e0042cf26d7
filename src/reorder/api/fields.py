"""The types of fields that several operations share: what can be stored, and how it is written.

Exact numbers (units, amounts) are taken as numbers or texts and given as texts, so that no client turns 0.1 into
0.1000000000000000055; estimates are plain numbers.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Final

from ninja import Header, Query, Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

from reorder.connectors.base.texts import CURRENCIES
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import MAXIMUM_UNITS

# PostgreSQL keeps no NUL; a key has no blank at either end.
_NO_NUL: Final = r"^[^\x00]*$"
_TRIMMED: Final = r"^[^\x00\s]([^\x00]*[^\x00\s])?$"
_LARGEST_ID: Final = 2**63 - 1
_LARGEST_AMOUNT: Final = Decimal(10) ** 12


class Given(Schema):
    """A body: a field that does not exist is refused, because it is a slip of the pen."""

    model_config = ConfigDict(extra="forbid")


def plain(number: Decimal) -> str:
    """A decimal without exponent and trailing zeros: 12, 0.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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


Id = Annotated[int, Field(ge=1, le=_LARGEST_ID)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_TRIMMED)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_known_currency), Field(examples=["TWD"])
]
Moment = Annotated[AwareDatetime, AfterValidator(_sensible), Field(examples=["2026-11-23T09:30:00+08:00"])]
Units = Annotated[
    Decimal,
    Field(gt=0, le=MAXIMUM_UNITS, decimal_places=3, description="Selling units.", examples=["2"]),
]
CountedUnits = Annotated[
    Decimal,
    Field(ge=0, le=MAXIMUM_UNITS, decimal_places=3, description="Selling units, zero or more.", examples=["12"]),
]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=_LARGEST_AMOUNT, decimal_places=8, description="In whole currency units.", examples=["199.00"]),
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
