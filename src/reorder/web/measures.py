"""Units of measure as people say them: 5 cases (60), in the reader's language."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from reorder.kernel.quantity import grouped_decimal

# The units that shops use, as a form names them; any other code is said as it is written.
UNIT_TEMPLATES: Final = (
    "bag",
    "bottle",
    "box",
    "carton",
    "case",
    "dozen",
    "drum",
    "inner",
    "layer",
    "pallet",
    "roll",
    "set",
)


def unit_words(*, units: Decimal, unit: str, held: Decimal) -> str:
    """`60` where it is bought by the selling unit, `5 cases (60)` where one case holds 12; `60 (5.5 cases)` else."""
    plain = grouped_decimal(number=units)
    if not unit or held <= 0:
        return plain
    count = units / held
    if count == count.to_integral_value():
        return f"{counted(code=unit, count=count)} ({plain})"
    return f"{plain} ({counted(code=unit, count=round(count, 2))})"


def unit_name(*, code: str) -> str:
    """`case` in the reader's language; a code of the shop's own as it is."""
    return gettext(code) if code in UNIT_TEMPLATES else code


def unit_choice(*, code: str, held: Decimal) -> str:
    """`case of 12`, as a form offers it."""
    return _("{unit} of {held}").format(unit=unit_name(code=code), held=grouped_decimal(number=held))


def counted(*, code: str, count: Decimal) -> str:
    """`5 cases`: so many of a unit."""
    number = 1 if count == 1 else 2
    known = {
        "bag": ngettext("{count} bag", "{count} bags", number),
        "bottle": ngettext("{count} bottle", "{count} bottles", number),
        "box": ngettext("{count} box", "{count} boxes", number),
        "carton": ngettext("{count} carton", "{count} cartons", number),
        "case": ngettext("{count} case", "{count} cases", number),
        "dozen": ngettext("{count} dozen", "{count} dozens", number),
        "drum": ngettext("{count} drum", "{count} drums", number),
        "inner": ngettext("{count} inner pack", "{count} inner packs", number),
        "layer": ngettext("{count} layer", "{count} layers", number),
        "pallet": ngettext("{count} pallet", "{count} pallets", number),
        "roll": ngettext("{count} roll", "{count} rolls", number),
        "set": ngettext("{count} set", "{count} sets", number),
    }
    said = grouped_decimal(number=count)
    return known[code].format(count=said) if code in known else f"{said} {code}"
