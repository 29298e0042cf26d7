"""Answers of carriers read with suspicion: JSON that may be none, texts of any length, amounts as they are written."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from reorder.domain.shipping.carriers.faults import CarrierKeyRefused, CarrierRefused, CarrierUnreached, CarrierUnsure
from reorder.kernel.http_calls import HttpAnswer
from reorder.kernel.money import minor_digits

_LONGEST_SAID: Final = 300
_KEY: Final = frozenset({401, 403})
# Understood and refused; 408, 409 and 425 may hide that something was done.
_REFUSED: Final = frozenset({400, 402, 404, 405, 406, 410, 411, 413, 415, 422})


def said_of(*, text: object) -> str:
    """What a carrier said, on one line and not endless."""
    return " ".join(str(text).replace("\x00", " ").split())[:_LONGEST_SAID]


def read_json(*, answer: HttpAnswer, carrier: str) -> dict[str, Any]:
    """The object that was answered. Raises CarrierUnsure: what was asked for may be done although we cannot read it."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        raise CarrierUnsure(carrier=carrier, cause="it answered something that is no JSON") from None
    if not isinstance(found, dict):
        raise CarrierUnsure(carrier=carrier, cause="it answered something that we cannot read")
    return found


def refuse_bad_status(*, answer: HttpAnswer, carrier: str, said: str) -> None:
    """Raises what an HTTP status means: refused for sure, to be asked later, or unsure."""
    if answer.status < 300:
        return
    if answer.status in _KEY:
        raise CarrierKeyRefused(carrier=carrier, said=said or answer.status)
    if answer.status == 429:
        raise CarrierUnreached(carrier=carrier, cause="it asks us to wait before more requests")
    if answer.status in _REFUSED:
        raise CarrierRefused(carrier=carrier, said=said or f"HTTP {answer.status}")
    raise CarrierUnsure(carrier=carrier, cause="it answered with an error of its own")


def minor_of(*, amount: object, currency: str) -> int | None:
    """An amount in whole units, as carriers write it, in minor units; None when it is none or says too little."""
    try:
        exact = Decimal(str(amount)).scaleb(minor_digits(currency=currency))
        return int(exact.to_integral_value()) if exact.is_finite() else None
    except (InvalidOperation, ValueError):
        return None
