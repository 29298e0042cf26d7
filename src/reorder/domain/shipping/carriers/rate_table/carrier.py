"""Labels of the shop's own: the number comes from our series, so the same label always has the same number.

Nothing leaves the house. `find` therefore always knows: what a label would be is what it is.
"""

import re
from collections.abc import Sequence
from typing import Final

from reorder.domain.shipping.carriers.abilities import CannotByProgram
from reorder.domain.shipping.carriers.faults import BadAccountSetting, BadParcel
from reorder.domain.shipping.carriers.rate_table.card import CARD
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    BoughtLabel,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    ParcelToSend,
    RateAnswer,
)

_START: Final = re.compile(r"[A-Z0-9]{1,4}")
_DIGITS: Final = 10


def make_carrier(*, account: AccountValues, tools: CarrierTools) -> "RateTableCarrier":
    """The shop's own table as a carrier. Raises BadAccountSetting."""
    start = account.setting("number_start", "RO").upper()
    if not _START.fullmatch(start):
        raise BadAccountSetting(carrier=CARD.title, field="Numbers begin with", reason="one to four letters or digits")
    return RateTableCarrier(account=account, tools=tools, start=start)


def tracking_number(*, start: str, series_number: int) -> str:
    """A number of ours: its beginning, ten digits, and the check digit of GS1 over them."""
    digits = f"{series_number:0{_DIGITS}d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{start}{digits}{-weighed % 10}"


class RateTableCarrier(CannotByProgram):
    """Prices and labels of the shop itself."""

    capabilities = CARD.capabilities
    title = CARD.title

    def __init__(self, *, account: AccountValues, tools: CarrierTools, start: str) -> None:
        self._account = account
        self._tools = tools
        self._start = start

    def check(self) -> str:
        """A number as this account makes it."""
        return tracking_number(start=self._start, series_number=1)

    def rate(self, *, parcel: ParcelToSend, service_codes: Sequence[str]) -> tuple[RateAnswer, ...]:
        """Prices of the table."""
        found = (self._tools.price(parcel=parcel, service_code=code) for code in service_codes)
        return tuple(one for one in found if one is not None)

    def buy(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel:
        """A number and a label; raises BadParcel where the table has no price."""
        price = self._tools.price(parcel=parcel, service_code=service_code)
        if price is None:
            raise BadParcel(
                carrier=self._account.name,
                reason="the table of rates has no price for this way and weight",
                remedy="Add a rate under Setup, Shipping, or choose another service.",
            )
        return self._label(parcel=parcel, service_code=service_code, price=price)

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        """What `buy` gives; None where the table has no price now, so that the claim is given free."""
        price = self._tools.price(parcel=parcel, service_code=service_code)
        return None if price is None else self._label(parcel=parcel, service_code=service_code, price=price)

    def void(self, *, label: LabelHandle) -> str:
        """Nothing was paid to anybody."""
        return "voided"

    def is_void(self, *, label: LabelHandle) -> bool | None:
        """Voiding is ours alone, and done at once."""
        return True

    def label(self, *, label: LabelHandle, parcel: ParcelToSend) -> LabelDocument:
        """Drawn again."""
        return self._tools.draw_label(
            parcel=parcel, tracking_number=label.tracking_number, service_name=self._service_name(label.service)
        )

    def _label(self, *, parcel: ParcelToSend, service_code: str, price: RateAnswer) -> BoughtLabel:
        number = tracking_number(start=self._start, series_number=parcel.series_number)
        return BoughtLabel(
            carrier_reference=parcel.reference,
            tracking_number=number,
            cost_minor=price.cost_minor,
            currency=price.currency,
            document=self._tools.draw_label(
                parcel=parcel, tracking_number=number, service_name=self._service_name(service_code)
            ),
        )

    def _service_name(self, service_code: str) -> str:
        return self._account.services.get(service_code) or service_code
