"""Which part of a page's address names the product, by patterns such as `/products/{sku}` and `?variant={sku}`. Pure.

A pattern is read from the end of the path, so that a language before it does no harm. `{sku}` stands where the SKU is,
any other name in braces for whatever may stand there. Where `{sku}-{name}` can be cut in several places each cut is
given, the longest SKU first: which of them is a product only the database knows.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from reorder.domain.behaviour.errors import BadAddressPattern
from reorder.domain.behaviour.rules import LONGEST_KEY

MOST_PATTERNS: Final = 10
LONGEST_PATTERN: Final = 200
MOST_CUTS: Final = 8
_LONGEST_ADDRESS: Final = 2000
_MOST_PARAMETERS: Final = 100
_HOLE: Final = re.compile(r"\{([a-z_]{1,20})\}")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}=\{sku\}")
_LITERAL: Final = re.compile(r"[A-Za-z0-9._~!$&'()+,;:@%-]*")


class _Piece(NamedTuple):
    """A part of a pattern between two slashes: what stands before, between and after its one or two holes."""

    before: str
    holes: tuple[str, ...]
    between: str
    after: str


class _Pattern(NamedTuple):
    """A pattern as it is read: its parts from the left, and the parameter that is the SKU, empty for the path."""

    pieces: tuple[_Piece, ...]
    parameter: str


def tidy_patterns(*, patterns: Sequence[str]) -> list[str]:
    """Patterns without spaces and doubles, in their order; raises BadAddressPattern."""
    tidy = list(dict.fromkeys(one.strip() for one in patterns if one.strip()))
    if len(tidy) > MOST_PATTERNS:
        raise BadAddressPattern(pattern=tidy[MOST_PATTERNS][:80], reason="there are more than ten")
    for one in tidy:
        _read(one)
    return tidy


def find_skus(*, address: object, patterns: Sequence[str]) -> list[str]:
    """What may be the SKU in an address by the first pattern that fits it; nothing where none does."""
    return match_address(address=address, patterns=patterns)[1]


def match_address(*, address: object, patterns: Sequence[str]) -> tuple[str, list[str]]:
    """The first pattern that fits an address, and what may be the SKU in it, the likeliest first."""
    if not patterns or not isinstance(address, str):
        return "", []
    try:
        parts = urlsplit(address[:_LONGEST_ADDRESS].replace("\x00", ""))
    except ValueError:
        return "", []
    path = [one for one in parts.path.split("/") if one]
    for pattern in patterns:
        found = _fitting(_read(pattern), path, parts.query)
        if found:
            return pattern, found
    return "", []


def _fitting(pattern: _Pattern, path: Sequence[str], query: str) -> list[str]:
    pieces = pattern.pieces
    if len(pieces) > len(path):
        return []
    found: list[str] = []
    for piece, segment in zip(pieces, path[len(path) - len(pieces) :], strict=True):
        cuts = _cuts(piece, segment)
        if not cuts:
            return []
        if "sku" in piece.holes:
            found = cuts
    if pattern.parameter:
        asked = parse_qsl(query) if query.count("&") < _MOST_PARAMETERS else []
        return _clean(value for name, value in asked if name == pattern.parameter)[:1]
    return _clean(map(unquote, found))


def _clean(found: Iterable[str]) -> list[str]:
    decoded = (one.replace("\x00", "").strip() for one in found)
    return [one for one in dict.fromkeys(decoded) if one and len(one) <= LONGEST_KEY][:MOST_CUTS]


def _cuts(piece: _Piece, segment: str) -> list[str]:
    """The ways to read a segment: the SKUs where it has one, else itself; none where it does not fit."""
    if not piece.holes:
        return [segment] if segment == piece.before else []
    if not segment.startswith(piece.before) or not segment.endswith(piece.after):
        return []
    inner = segment[len(piece.before) : len(segment) - len(piece.after)]
    if len(piece.before) + len(piece.after) >= len(segment):
        return []
    if len(piece.holes) == 1:
        return [inner]
    ends = [match.start() for match in re.finditer(f"(?={re.escape(piece.between)})", inner)]
    width = len(piece.between)
    whole = [end for end in ends if 0 < end < len(inner) - width]
    if piece.holes[0] == "sku":
        return [inner[:end] for end in reversed(whole)]
    return [inner[end + width :] for end in whole]


@lru_cache(maxsize=1000)
def _read(pattern: str) -> _Pattern:
    """A pattern in its parts; raises BadAddressPattern with what is wrong."""
    if len(pattern) > LONGEST_PATTERN:
        raise _wrong(pattern, "it is longer than 200 characters")
    if not pattern.startswith(("/", "?")):
        raise _wrong(pattern, "it starts with / or ?, without the shop's name")
    path, mark, query = pattern.partition("?")
    if pattern.count("{sku}") != 1:
        raise _wrong(pattern, "{sku} stands in it once")
    pieces = tuple(_piece(one, pattern=pattern) for one in path.split("/") if one)
    if mark and not _PARAMETER.fullmatch(query):
        raise _wrong(pattern, "after the question mark stands one parameter, such as ?variant={sku}")
    return _Pattern(pieces, query.removesuffix("={sku}"))


def _wrong(pattern: str, reason: str) -> BadAddressPattern:
    return BadAddressPattern(pattern=pattern[:80], reason=reason)


def _piece(given: str, *, pattern: str) -> _Piece:
    holes = _HOLE.findall(given)
    texts = _HOLE.split(given)[::2]
    if any(not _LITERAL.fullmatch(text) for text in texts):
        raise _wrong(
            pattern,
            "only letters, digits, the usual marks and names in braces such as {sku} and {name} may stand in it",
        )
    if len(holes) > (2 if "sku" in holes else 1):
        raise _wrong(pattern, "between two slashes {sku} and one other name may stand")
    if len(holes) == 2 and not texts[1]:
        raise _wrong(pattern, "between {sku} and the other name a mark must stand, such as {sku}-{name}")
    between = texts[1] if len(holes) == 2 else ""
    return _Piece(texts[0], tuple(holes), between, texts[-1] if holes else "")
