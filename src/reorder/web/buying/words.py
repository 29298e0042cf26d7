"""How Buying says amounts, units, cautions and what was edited, in the reader's language."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing.causes import CAUSE_TEMPLATES, Cause
from reorder.domain.purchasing.weighing import WARNING_TEMPLATES, Caution
from reorder.kernel.formatting import format_amount, format_day, format_money, format_short_day, format_units
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import grouped_decimal, plain_decimal
from reorder.web.measures import unit_name

# States of proposals and orders, kinds of changes and actions of the audit trail, as `word` and `state_mark` say them.
WORD_TEMPLATES: Final = (
    "claimed",
    "settled",
    "approved",
    "awaiting approval",
    "cancelled",
    "dismissed",
    "late",
    "open",
    "partly received",
    "placed",
    "received",
    "refused",
    "superseded",
)
_HISTORY_TEMPLATES: Final = {
    "purchasing.acknowledge": "The supplier's answer recorded",
    "purchasing.add_charge": "A cost added",
    "purchasing.withdraw_charge": "A cost taken back",
    "purchasing.cancel_lines": "Lines cancelled",
    "purchasing.ask_second": "Asked for; a second person must agree",
    "purchasing.release": "A second person agreed",
    "purchasing.refuse": "A second person refused",
    "purchasing.approve": "Approved and ordered",
    "purchasing.receive": "Delivery received",
    "purchasing.cancel": "Cancelled what was still missing",
}

# Where goods go from and to, by the kinds of two locations.
_WAY_TEMPLATES: Final = {
    ("supplier", "incoming"): "ordered: on the way now",
    ("incoming", "stock"): "received: from the way into stock",
    ("supplier", "stock"): "received beyond the order: into stock",
    ("incoming", "supplier"): "given up: no longer on the way",
}


def money_words(amounts: Mapping[str, int]) -> str:
    """Amounts of several currencies: `NT$1,200 + US$30`."""
    return " + ".join(format_money(minor, currency=code) for code, minor in sorted(amounts.items())) or "–"


def estimate_words(amounts: Mapping[str, int]) -> str:
    """Estimates of several currencies, in whole units: `NT$1,200 + US$30`."""
    said = [
        format_amount(minor / 10 ** minor_digits(currency=code), currency=code)
        for code, minor in sorted(amounts.items())
    ]
    return " + ".join(said) or "–"


def exact_units(units: Decimal) -> str:
    """Counted or ordered units, never rounded: `1,250`, `2.375`."""
    return grouped_decimal(number=units)


def plain_number(units: Decimal) -> str:
    """Units as a field holds them."""
    return plain_decimal(number=units)


def day_words(day: dt.date) -> str:
    return format_day(day, language=get_language() or "en")


def short_day_words(day: dt.date) -> str:
    return format_short_day(day, language=get_language() or "en")


def days_words(days: float | None) -> str:
    """Cover in whole days, honest above a year."""
    if days is None:
        return "–"
    return _("more than a year") if days > 366 else _("{days} days").format(days=f"{days:,.0f}")


def caution_words(caution: Caution) -> str:
    """The sentence of a caution."""
    said = {name: _said(value) for name, value in caution.parameters.items()}
    if "unit" in said:
        said["unit"] = unit_name(code=said["unit"])
    return gettext(WARNING_TEMPLATES[caution.code]).format(**said)


def cause_words(cause: Cause) -> str:
    """Why a proposal differs from the night before, with its numbers."""
    said = {
        name: format_units(value) if isinstance(value, float) else str(value)
        for name, value in cause.parameters.items()
    }
    return gettext(CAUSE_TEMPLATES[cause.code]).format(**said)


def history_words(action: str) -> str:
    """What an entry of the audit trail says about an order."""
    return gettext(_HISTORY_TEMPLATES[action]) if action in _HISTORY_TEMPLATES else action


def way_words(source: str, target: str) -> str:
    """What a move of an order's goods was."""
    sentence = _WAY_TEMPLATES.get((source, target))
    return gettext(sentence) if sentence else f"{source} → {target}"


def _said(value: object) -> str:
    if isinstance(value, dt.date):
        return day_words(value)
    if isinstance(value, Decimal):
        return exact_units(value)
    if isinstance(value, float):
        return format_units(value)
    return str(value)
