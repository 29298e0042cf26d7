"""The one way to typst: a template of ours, values as JSON, the fonts of an installed package, no network, no clock."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reorder.kernel.errors import ReorderError

if TYPE_CHECKING:
    from typst import Fonts

FONT: Final = "Noto Sans CJK TC"
# What a page cannot show: control characters, and marks that turn the direction of what follows.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_FONT_PACKAGE: Final = "noto_cjk_sans_otc"
_HERE: Final = Path(__file__).parent


class FontsMissing(ReorderError):
    """An installation without the package that brings the letters."""

    code = "documents.fonts_missing"
    template = "The package {package} with the font {font} is not installed. Install what is missing with: make setup"


def words_in(*, language: str) -> dict[str, str]:
    """What every template needs to set words of a language: the font, and by which rules lines break."""
    return {"font": FONT, "lang": "zh" if language == "zh-hant" else "en", "region": "TW"}


def typeset(*, template: str, values: Mapping[str, Any], moment: dt.datetime) -> bytes:
    """The PDF that the template `<template>.typ` makes of `values`; the same values and moment give the same bytes.

    Values reach the template as data (`json(bytes(sys.inputs.values))`): a name full of `#` or `$` is printed, not run.
    Raises FontsMissing.
    """
    return _compiled(template=template, values=values, moment=moment, format="pdf")


def typeset_picture(*, template: str, values: Mapping[str, Any], moment: dt.datetime, pixels_an_inch: float) -> bytes:
    """The one page of a template as PNG; raises FontsMissing."""
    return _compiled(template=template, values=values, moment=moment, format="png", ppi=pixels_an_inch)


def _compiled(*, template: str, values: Mapping[str, Any], moment: dt.datetime, **wanted: Any) -> bytes:
    import typst

    compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)
    made = compiler.compile(
        (_HERE / f"{template}.typ").read_bytes(),
        sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
        timestamp=int(moment.timestamp()),
        **wanted,
    )
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} instead of one document")
    return made


def printable(text: str) -> str:
    """What a page can show of a text, on one line."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


@cache
def _fonts() -> "Fonts":
    """Read once a process: it takes as long as two pages."""
    import typst

    found = find_spec(_FONT_PACKAGE)
    if found is None or found.origin is None:
        raise FontsMissing(package=_FONT_PACKAGE, font=FONT)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(found.origin).parent])
