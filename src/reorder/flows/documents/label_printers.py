"""Labels for label printers (ZPL, 203 dots an inch): the words as one picture, the codes as commands. Pure."""

import datetime as dt
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from reorder.flows.documents.typesetting import typeset_picture

if TYPE_CHECKING:
    from zpl import Label

DOTS_A_MM: Final = 8
_INCH_MM: Final = 25.4


def begin_label(
    *, template: str, values: Mapping[str, Any], moment: dt.datetime, width_mm: int, height_mm: int
) -> "Label":
    """A label with all that the template draws of `values`; the caller adds the codes. Raises FontsMissing."""
    import zpl
    from PIL import Image

    picture = typeset_picture(template=template, values=values, moment=moment, pixels_an_inch=DOTS_A_MM * _INCH_MM)
    label = zpl.Label(height_mm, width_mm, DOTS_A_MM)
    label.origin(0, 0)
    with Image.open(BytesIO(picture)) as words:
        label.write_graphic(words.convert("L"), width_mm)
    label.endorigin()
    return label
