"""Errors of the life of an order, said in the reader's language with states and reasons as people read them."""

from django.utils.translation import gettext as _

from reorder.kernel.errors import ReorderError
from reorder.web.orders import words


def said_error(error: ReorderError) -> str:
    """The sentence of an error; states, hold reasons and what was wanted are translated too."""
    said = {name: _said(name, value) for name, value in error.parameters.items()}
    return _(error.template).format(**said)


def _said(name: str, value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    if name == "state" and value in words.PART_TEMPLATES:
        return _(words.PART_TEMPLATES[value])
    if name == "reason" and all(one in words.HOLD_TEMPLATES for one in value.split(", ")):
        return words.holds_words(value.split(", "))
    if name in {"wanted", "reason"}:
        return _(value)
    return value
