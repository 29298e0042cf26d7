"""Errors of returns in the reader's language: states and reasons within them are translated too."""

from django.utils.translation import gettext as _

from reorder.kernel.errors import ReorderError
from reorder.web.return_words import STATE_TEMPLATES

# What was wanted, and reasons, as errors of returns say them.
WANTED_TEMPLATES = (
    "accepting",
    "declining",
    "cancelling",
    "sending the label",
    "saying that it is under way",
    "receiving",
    "grading",
    "settling",
    "sending to the supplier",
    "this",
    "changed",
    "graded",
    "settled",
)


def said_error(error: ReorderError) -> str:
    """The sentence of an error."""
    said = {name: _said(name, value) for name, value in error.parameters.items()}
    return _(error.template).format(**said)


def _said(name: str, value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    if name == "state":
        return _(STATE_TEMPLATES.get(value.replace(" ", "_"), value))
    return _(value) if name in {"wanted", "reason"} else value
