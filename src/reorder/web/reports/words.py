"""How reports say their figures, and what the classes and methods are called."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.kernel.formatting import format_amount, format_share, format_units
from reorder.kernel.money import minor_digits

METHODS = {
    "adida": "ADIDA",
    "arima": "ARIMA",
    "auto_ets": "AutoETS",
    "auto_theta": "AutoTheta",
    "croston": "Croston-SBA",
    "exponential_smoothing": gettext_lazy("Exponential smoothing"),
    "gradient_boosting": gettext_lazy("Gradient boosting"),
    "holt_winters": "Holt-Winters",
    "imapa": "IMAPA",
    "moving_average": gettext_lazy("Moving average"),
    "neural_network": gettext_lazy("Neural network"),
    "prophet": "Prophet",
    "regression": gettext_lazy("Regression"),
    "seasonal_naive": gettext_lazy("Seasonal naive"),
    "theta": "Theta",
    "tsb": "TSB",
}
ABC = {
    "A": gettext_lazy("A: most of the turnover"),
    "B": gettext_lazy("B: the middle"),
    "C": gettext_lazy("C: the many small ones"),
}
XYZ = {
    "X": gettext_lazy("X: sells evenly"),
    "Y": gettext_lazy("Y: varies"),
    "Z": gettext_lazy("Z: now and then"),
}


def money(minor: int | None) -> str:
    """In the shop's currency, rounded to whole amounts."""
    if minor is None:
        return "–"
    currency = settings.REORDER.currency
    return format_amount(minor / 10 ** minor_digits(currency=currency), currency=currency)


def share(value: float | None) -> str:
    return "–" if value is None else format_share(value)


def number(value: float | None, *, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def days(value: float | None) -> str:
    """Days of cover; beyond ten years nobody counts."""
    if value is None:
        return "–"
    return _("over 10 years") if value > 3650 else format_units(round(value))


def share_of(part: float, parts: Sequence[float]) -> str:
    whole = sum(parts)
    return share(part / whole) if whole else "–"
