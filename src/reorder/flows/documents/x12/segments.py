"""Segments and the envelope (ISA, GS, ST): written with fixed separators, read with those that the file itself names.

Source: ANSI ASC X12.5 (interchange control structure) and X12.6, as used by release 004010.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.kernel.errors import BadInput

ELEMENT: Final = "*"
COMPONENT: Final = ">"
SEGMENT: Final = "~"
_NOT_IN_TEXT: Final = re.compile(r"[*>~\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ISA_LENGTH: Final = 106
# What can be wrong with an envelope, as `_require` says it.
ENVELOPE_FAULT_TEMPLATES: Final = (
    "it does not end with IEA",
    "the control numbers of ISA and IEA differ",
    "IEA counts other groups",
    "the control number is no number",
    "ISA must have sixteen elements",
    "a group must begin with GS",
    "SE counts other segments",
    "the control numbers of ST and SE differ",
    "a group must end with GE",
    "GE counts other transaction sets",
    "the control numbers of GS and GE differ",
)
_MOST_CHARACTERS: Final = 5_000_000


class BadX12(BadInput):
    """What is wrong with a file, and where."""

    code = "documents.bad_x12"
    template = "The X12 file cannot be read: {reason}. Segment {segment}: {text}"


@dataclass(frozen=True, slots=True)
class Group:
    """A functional group: its kind (GS01), and its transaction sets as lists of segments, ST first and SE last.

    `starts` says for each set how many segments of the file stand before it.
    """

    kind: str
    sets: tuple[tuple[tuple[str, ...], ...], ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """One ISA … IEA, checked: counts and control numbers agree."""

    sender: tuple[str, str]
    receiver: tuple[str, str]
    control_number: int
    is_trial: bool
    groups: tuple[Group, ...]


def clean_text(text: str, *, longest: int) -> str:
    """Text that holds no separator and no control character, cut to what the element may hold."""
    return " ".join(_NOT_IN_TEXT.sub(" ", text).split())[:longest].strip()


def write_segments(segments: Sequence[Sequence[str]]) -> str:
    """One segment a line; empty elements at the end are left out, as the standard asks, except in ISA."""
    lines = []
    for segment in segments:
        elements = list(segment)
        while elements[0] != "ISA" and elements[-1] == "":
            elements.pop()
        lines.append(ELEMENT.join(elements) + SEGMENT)
    return "\n".join(lines) + "\n"


def read_interchange(text: str) -> Interchange:
    """One interchange with its groups and sets; raises BadX12 with the segment at fault."""
    segments = _split(text)
    isa = segments[0]
    _require(segments[-1][0] == "IEA", "it does not end with IEA", len(segments), segments[-1])
    _require(_of(segments[-1], 2) == isa[13], "the control numbers of ISA and IEA differ", len(segments), segments[-1])
    groups: list[Group] = []
    place = 1
    while place < len(segments) - 1:
        group, place = _read_group(segments, place)
        groups.append(group)
    _require(_of(segments[-1], 1).lstrip("0") == str(len(groups)), "IEA counts other groups", place, segments[-1])
    _require(isa[13].isdigit(), "the control number is no number", 1, isa)
    return Interchange(
        sender=(isa[5].strip(), isa[6].strip()),
        receiver=(isa[7].strip(), isa[8].strip()),
        control_number=int(isa[13]),
        is_trial=isa[15] == "T",
        groups=tuple(groups),
    )


def _split(text: str) -> list[tuple[str, ...]]:
    start = text.lstrip("\ufeff \r\n\t")
    first = start[:60].splitlines() or [""]
    if len(start) > _MOST_CHARACTERS:
        raise BadX12(reason="it is too large", segment=1, text=first[0])
    if not start.startswith("ISA") or len(start) < _ISA_LENGTH:
        raise BadX12(reason="it does not begin with ISA", segment=1, text=first[0])
    element, segment = start[3], start[_ISA_LENGTH - 1]
    if element.isalnum() or segment.isalnum() or element == segment:
        raise BadX12(reason="ISA names no usable separators", segment=1, text=first[0])
    parts = [part.strip("\r\n") for part in start.split(segment)]
    segments = [tuple(part.split(element)) for part in parts if part.strip()]
    _require(len(segments[0]) == 17, "ISA must have sixteen elements", 1, segments[0])
    return segments


def _read_group(segments: Sequence[tuple[str, ...]], start: int) -> tuple[Group, int]:
    head = segments[start]
    _require(head[0] == "GS", "a group must begin with GS", start + 1, head)
    place, sets, starts = start + 1, [], []
    while place < len(segments) and segments[place][0] == "ST":
        end = next((at for at in range(place, len(segments)) if segments[at][0] == "SE"), None)
        if end is None:
            raise BadX12(reason="a transaction set has no SE", segment=place + 1, text=ELEMENT.join(segments[place]))
        own, last = segments[place : end + 1], segments[end]
        _require(_of(last, 1) == str(len(own)), "SE counts other segments", end + 1, last)
        _require(_of(last, 2) == _of(own[0], 2), "the control numbers of ST and SE differ", end + 1, last)
        sets.append(tuple(own))
        starts.append(place)
        place = end + 1
    tail = segments[min(place, len(segments) - 1)]
    _require(tail[0] == "GE", "a group must end with GE", place + 1, tail)
    _require(_of(tail, 1).lstrip("0") == str(len(sets)), "GE counts other transaction sets", place + 1, tail)
    _require(_of(tail, 2) == _of(head, 6), "the control numbers of GS and GE differ", place + 1, tail)
    return Group(kind=_of(head, 1), sets=tuple(sets), starts=tuple(starts)), place + 1


def _of(segment: Sequence[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _require(holds: bool, reason: str, number: int, segment: Sequence[str]) -> None:  # noqa: FBT001 - reads as a rule
    if not holds:
        raise BadX12(reason=reason, segment=number, text=ELEMENT.join(segment)[:80])
