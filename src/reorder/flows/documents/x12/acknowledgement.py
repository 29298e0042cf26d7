"""Purchase order acknowledgements, X12 855 release 004010, as values; what they mean for an order is decided elsewhere.

BAK02 says it for the whole order (AK and AT accepted, RJ refused, others by line); ACK01 for a line: IA accepted, IQ
with another quantity, IP with another price, DR with another day, IB backordered, IR refused.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from reorder.flows.documents.x12.segments import ELEMENT, BadX12, read_interchange

_ACCEPTED: Final = ("IA", "IQ", "IP", "DR")
_BACKORDERED: Final = "IB"
_REFUSED: Final = "IR"
_WHOLE_ACCEPTED: Final = ("AK", "AT")
_WHOLE_REFUSED: Final = "RJ"
_BY_LINE: Final = ("AC", "AD", "RD", "AE", "AP")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedLine:
    """One PO1 with its ACKs. Units and price are in the unit `unit_code`; None: nothing was said, as ordered."""

    line_number: str
    items: dict[str, str] = field(default_factory=dict)
    unit_code: str
    accepted_units: Decimal | None
    price: Decimal | None
    promised_date: dt.date | None
    is_backordered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class X12Acknowledgement:
    """One 855: the order's number, the supplier's reference; `verdict` is accepted, refused or by_line."""

    order_number: str
    supplier_reference: str
    verdict: str
    control_number: int
    set_number: str
    sender: tuple[str, str]
    lines: tuple[AcknowledgedLine, ...]


def read_acknowledgements(content: bytes) -> list[X12Acknowledgement]:
    """Every 855 of a file; raises BadX12 with the segment at fault, or when it holds none."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    interchange = read_interchange(text)
    found = [
        _read_set(segments, offset=offset, control_number=interchange.control_number, sender=interchange.sender)
        for group in interchange.groups
        if group.kind == "PR"
        for segments, offset in zip(group.sets, group.starts, strict=True)
        if segments[0][1:2] == ("855",)
    ]
    if not found:
        kinds = ", ".join(sorted({group.kind for group in interchange.groups})) or "-"
        raise BadX12(reason="it holds no 855 in a group PR", segment=2, text=f"GS {kinds}")
    return found


def _read_set(
    segments: Sequence[tuple[str, ...]], *, offset: int, control_number: int, sender: tuple[str, str]
) -> X12Acknowledgement:
    head = next((one for one in segments if one[0] == "BAK"), None)
    if head is None or not _of(head, 3):
        raise BadX12(
            reason="BAK must name the order", segment=2, text=ELEMENT.join(segments[min(1, len(segments) - 1)])
        )
    verdict = _verdict(head, offset + 2)
    starts = [place for place, one in enumerate(segments) if one[0] == "PO1"]
    ends = [*starts[1:], len(segments)] if starts else []
    lines = tuple(_read_line(segments[start:end], start + offset) for start, end in zip(starts, ends, strict=True))
    references = [_of(one, 2) for one in segments if one[0] == "REF" and _of(one, 1) in {"VN", "CO", "SO"}]
    return X12Acknowledgement(
        order_number=_of(head, 3),
        supplier_reference=_of(head, 8) or (references[0] if references else ""),
        verdict=verdict,
        control_number=control_number,
        set_number=_of(segments[0], 2),
        sender=sender,
        lines=lines,
    )


def _verdict(head: Sequence[str], number: int) -> str:
    kind = _of(head, 2)
    if kind in _WHOLE_ACCEPTED:
        return "accepted"
    if kind == _WHOLE_REFUSED:
        return "refused"
    if kind in _BY_LINE:
        return "by_line"
    raise BadX12(reason="BAK02 is none of AC, AD, AE, AK, AP, AT, RD, RJ", segment=number, text=ELEMENT.join(head))


def _read_line(segments: Sequence[tuple[str, ...]], start: int) -> AcknowledgedLine:
    head = segments[0]
    units, is_backordered, promised = _read_answers(segments, start)
    return AcknowledgedLine(
        line_number=_of(head, 1),
        items={_of(head, place): _of(head, place + 1) for place in range(6, len(head) - 1, 2) if _of(head, place)},
        unit_code=_of(head, 3) or "EA",
        accepted_units=units,
        price=_number(head, 4, start),
        promised_date=promised,
        is_backordered=is_backordered,
    )


def _read_answers(segments: Sequence[tuple[str, ...]], start: int) -> tuple[Decimal | None, bool, dt.date | None]:
    """Accepted units (None: all), whether the rest is backordered, and the latest day that is promised."""
    answers = [(at, one) for at, one in enumerate(segments, start=start) if one[0] == "ACK"]
    if not answers:
        return None, False, None
    accepted: Decimal | None = Decimal(0)
    days = []
    for at, one in answers:
        _refuse_bad_answer(one, unit=_of(segments[0], 3) or "EA", at=at)
        units = _number(one, 2, at)
        if _of(one, 1) in _ACCEPTED:
            accepted = None if units is None or accepted is None else accepted + units
        if day := _of(one, 5):
            days.append(_day(one, day, at))
    return accepted, any(_of(one, 1) == _BACKORDERED for _, one in answers), max(days, default=None)


def _refuse_bad_answer(one: Sequence[str], *, unit: str, at: int) -> None:
    if _of(one, 1) not in (*_ACCEPTED, _BACKORDERED, _REFUSED):
        raise BadX12(reason="ACK01 is none of IA, IQ, IP, DR, IB, IR", segment=at + 1, text=ELEMENT.join(one))
    if _of(one, 3) not in ("", unit):
        raise BadX12(reason="ACK03 is another unit than PO103", segment=at + 1, text=ELEMENT.join(one))


def _number(segment: Sequence[str], place: int, at: int) -> Decimal | None:
    text = _of(segment, place)
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise BadX12(reason="a number cannot be read", segment=at + 1, text=ELEMENT.join(segment))
    return value


def _day(segment: Sequence[str], text: str, at: int) -> dt.date:
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise BadX12(reason="a day must be written CCYYMMDD", segment=at + 1, text=ELEMENT.join(segment))


def _of(segment: Sequence[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""
