"""The reader's language in the terminal: help, errors, and the words for states; also before Django is set up."""

import os

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from reorder.config.languages import sentences
from reorder.kernel import errors
from reorder.kernel.errors import ReorderError

# States, outcomes, steps and checks as a person reads them: their names in the program, with spaces.
WORD_TEMPLATES = (
    "awaiting approval",
    "refused",
    "accepted",
    "approved",
    "backordered",
    "bad data",
    "below safety stock",
    "build demand plan",
    "buyer",
    "cancelled",
    "changed",
    "check ledger",
    "checked",
    "count everybody",
    "count statistics",
    "critical",
    "database",
    "dead stock",
    "demand",
    "disk",
    "dismissed",
    "done",
    "excess",
    "expiring",
    "failed",
    "forecast demand",
    "forecast drift",
    "held for stock",
    "held out",
    "import files",
    "imported",
    "in use",
    "info",
    "known",
    "late order",
    "learn baskets",
    "learn repurchase",
    "learning",
    "ledger",
    "mail",
    "marketer",
    "night",
    "open",
    "orders",
    "owner",
    "parked mail",
    "payments",
    "partly received",
    "placed",
    "plan reminders",
    "planned",
    "predict due dates",
    "predict everybody",
    "products",
    "propose purchases",
    "raise alerts",
    "read",
    "received",
    "refused",
    "rejected",
    "rescheduled",
    "running",
    "runs out",
    "sending",
    "sent",
    "set stock targets",
    "settings",
    "staged",
    "staging",
    "stock",
    "stopped",
    "succeeded",
    "superseded",
    "support",
    "suppressed",
    "unchanged",
    "unconfirmed order",
    "unknown",
    "value customers",
    "viewer",
    "warehouse",
    "warning",
    "worker",
)


def translated(text: str) -> str:
    """A sentence of ours in the language of this installation; as it is when the catalogue lacks it."""
    return sentences(language=os.environ.get("REORDER_LANGUAGE", "").strip() or "en").get(text, text)


def word(name: str) -> str:
    """How a state, an outcome or a step is called on the screen."""
    return translated(name.replace("_", " "))


def explain_error(error: ReorderError) -> str:
    """The sentence of an error with its parameters."""
    return errors.explain_error(error=error, translate=translated)


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
