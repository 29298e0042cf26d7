"""Numbers for pallets: SSCCs of a series under the shop's GS1 company prefix, each given once."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.errors import NoCompanyPrefix, SsccSeriesUsedUp
from reorder.domain.warehouse.team_models import LogisticUnit
from reorder.kernel.gs1 import check_digit

_DIGITS: Final = 16
_NEXT: Final = """
INSERT INTO warehouse_ssccseries AS known (company_prefix, next_serial) VALUES (%(prefix)s::text, %(count)s::bigint + 1)
ON CONFLICT (company_prefix) DO UPDATE SET next_serial = known.next_serial + %(count)s::bigint
RETURNING next_serial - %(count)s::bigint
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """What stands on a unit that needs a number; without a product nothing is said of it."""

    product_id: int | None = None
    units: Decimal | None = None
    lot: str = ""
    expires_date: date | None = None


def sscc_of(*, company_prefix: str, serial: int) -> str:
    """18 digits: extension, company prefix, serial, check digit (GS1 General Specifications 7.9).

    A serial too long for the digits left goes on into the extension digit: ten times as many. Raises SsccSeriesUsedUp.
    """
    room = _DIGITS - len(company_prefix)
    extension, rest = divmod(serial, 10**room)
    if extension > 9:
        raise SsccSeriesUsedUp(prefix=company_prefix)
    digits = f"{extension}{company_prefix}{rest:0{room}d}"
    return digits + check_digit(digits=digits)


def make_units(*, company_prefix: str, place_id: int, units: list[NewUnit], made_by: str) -> list[str]:
    """Give numbers to units of a place, and keep what is on them; part of the caller's transaction.

    Raises NoCompanyPrefix, SsccSeriesUsedUp.
    """
    if not company_prefix:
        raise NoCompanyPrefix
    first = int(fetch_prepared(statement=_NEXT, parameters={"prefix": company_prefix, "count": len(units)})[0][0])
    numbers = [sscc_of(company_prefix=company_prefix, serial=first + place) for place in range(len(units))]
    LogisticUnit.objects.bulk_create(
        LogisticUnit(
            sscc=number,
            place_id=place_id,
            product_id=one.product_id,
            units=one.units,
            lot=one.lot,
            expires_date=one.expires_date,
            made_by=made_by,
        )
        for number, one in zip(numbers, units, strict=True)
    )
    return numbers
