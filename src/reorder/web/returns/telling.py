"""Errors of returns in the reader's language: states and reasons within them are translated too."""

from django.utils.translation import gettext as _

from reorder.kernel.errors import ReorderError, explain_error
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
    """The sentence of an error, with states as the list of returns says them."""
    return explain_error(error=error, translate=lambda text: _(STATE_TEMPLATES.get(text.replace(" ", "_"), text)))
