"""The reader's language in the terminal: help, errors, and the words for states; also before Django is set up."""

import os

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from reorder.config.languages import sentences
from reorder.kernel.errors import ReorderError

# States, outcomes and steps as a person reads them: the names in the database, with spaces.
WORD_TEMPLATES = (
    "approved",
    "build demand plan",
    "cancelled",
    "check ledger",
    "checked",
    "dismissed",
    "done",
    "failed",
    "forecast demand",
    "held for stock",
    "held out",
    "import files",
    "imported",
    "known",
    "night",
    "open",
    "orders",
    "partly received",
    "placed",
    "plan reminders",
    "planned",
    "predict due dates",
    "products",
    "propose purchases",
    "read",
    "received",
    "rejected",
    "rescheduled",
    "running",
    "sending",
    "sent",
    "set stock targets",
    "staged",
    "staging",
    "stock",
    "stopped",
    "succeeded",
    "superseded",
    "suppressed",
    "unchanged",
    "unknown",
    "value customers",
)


def translated(text: str) -> str:
    """A sentence of ours in the language of this installation; as it is when the catalogue lacks it."""
    return sentences(language=os.environ.get("REORDER_LANGUAGE", "").strip() or "en").get(text, text)


def word(name: str) -> str:
    """How a state, an outcome or a step is called on the screen."""
    return translated(name.replace("_", " "))


def explain_error(error: ReorderError) -> str:
    """The sentence of an error with its parameters."""
    return translated(error.template).format(**error.parameters)


def localise(command: object) -> None:
    """Put the help of a command, and of those below it, into the language of this installation."""
    if not isinstance(command, TyperCommand | TyperGroup):
        return
    command.help = translated(command.help) if command.help else command.help
    for parameter in command.params:
        if isinstance(parameter, TyperArgument | TyperOption) and parameter.help:
            parameter.help = translated(parameter.help)
    for below in command.commands.values() if isinstance(command, TyperGroup) else ():
        localise(below)
