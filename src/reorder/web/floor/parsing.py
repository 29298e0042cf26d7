"""What a handheld sends, read: JSON of scans into values, with a clear fault for each that cannot be one."""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from reorder.flows.floor.errors import BadScan
from reorder.flows.floor.values import FloorScan
from reorder.kernel.quantity import MAXIMUM_UNITS

_KEY_LENGTH: Final = (8, 64)
_LENGTHS: Final[Mapping[str, int]] = {
    "work": 20,
    "task": 100,
    "step": 100,
    "place": 100,
    "code": 600,
    "bin_code": 100,
    "lot": 100,
    "device": 60,
}
_MOST_DETAILS: Final = 4000
# For the catalogue: reasons of BadScan that are said here.
PARSING_TEMPLATES: Final = (
    "is missing",
    "is no text",
    "is too long",
    "is no number",
    "is no day of the calendar",
    "is no moment",
    "must have 8 to 64 letters and digits",
    "is no JSON",
)


def read_scans(*, body: bytes) -> list[Any]:
    """The raw scans of a request; raises BadScan when it is no list of them."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadScan(part="scans", reason="is no JSON") from None
    scans = sent.get("scans") if isinstance(sent, dict) else None
    if not isinstance(scans, list):
        raise BadScan(part="scans", reason="is missing")
    return scans


def key_of(raw: Any) -> str:
    """The key under which a scan is answered, also one that cannot be read otherwise."""
    key = raw.get("key") if isinstance(raw, dict) else None
    return key[: _KEY_LENGTH[1]] if isinstance(key, str) else ""


def read_scan(*, raw: Any, moment: dt.datetime) -> FloorScan:
    """One scan; raises BadScan naming the part that is wrong. A moment that is missing is now."""
    if not isinstance(raw, dict):
        raise BadScan(part="scan", reason="is no text")
    key = _text(raw, "key", longest=200)
    if not _KEY_LENGTH[0] <= len(key) <= _KEY_LENGTH[1] or not key.replace("-", "").replace("_", "").isalnum():
        raise BadScan(part="key", reason="must have 8 to 64 letters and digits")
    texts = {name: _text(raw, name, longest=longest) for name, longest in _LENGTHS.items()}
    for name in ("work", "task", "place"):
        if not texts[name]:
            raise BadScan(part=name, reason="is missing")
    return FloorScan(
        key=key,
        work=texts["work"],  # type: ignore[arg-type]  # unknown ones are refused by name
        task=texts["task"],
        step=texts["step"],
        place_code=texts["place"],
        code=texts["code"],
        bin_code=texts["bin_code"],
        product_id=_whole(raw, "product_id"),
        units=_units(raw),
        lot=texts["lot"],
        expires_date=_day(raw),
        scanned_at=_moment(raw, moment=moment),
        details=_details(raw),
        device=texts["device"],
    )


def _text(raw: Mapping[str, Any], name: str, *, longest: int) -> str:
    value = raw.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise BadScan(part=name, reason="is no text")
    if len(value) > longest:
        raise BadScan(part=name, reason="is too long")
    return value


def _whole(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise BadScan(part=name, reason="is no number")
    return int(value)


def _units(raw: Mapping[str, Any]) -> Decimal | None:
    value = raw.get("units")
    if value is None or value == "":
        return None
    try:
        units = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        units = None
    if units is None or not units.is_finite() or abs(units) > MAXIMUM_UNITS:
        raise BadScan(part="units", reason="is no number")
    return units


def _day(raw: Mapping[str, Any]) -> dt.date | None:
    text = _text(raw, "expires_date", longest=10)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadScan(part="expires_date", reason="is no day of the calendar") from None


def _moment(raw: Mapping[str, Any], *, moment: dt.datetime) -> dt.datetime:
    text = _text(raw, "scanned_at", longest=40)
    if not text:
        return moment
    try:
        read = dt.datetime.fromisoformat(text)
        return read.astimezone(dt.UTC) if read.tzinfo else read.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        raise BadScan(part="scanned_at", reason="is no moment") from None


def _details(raw: Mapping[str, Any]) -> dict[str, Any]:
    value = raw.get("details") or {}
    if not isinstance(value, dict):
        raise BadScan(part="details", reason="is no text")
    if len(json.dumps(value)) > _MOST_DETAILS or "\\u0000" in json.dumps(value):
        raise BadScan(part="details", reason="is too long")
    return value
