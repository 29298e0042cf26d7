"""The error root: every error of ours is a value with a code and parameters that a surface can translate."""

from collections.abc import Callable
from typing import ClassVar, Final

# Parameters of errors that hold words of ours, not data: a surface translates them too.
PHRASES: Final = frozenset(
    {"ability", "action", "cause", "fault", "file_kind", "reason", "remedy", "state", "wanted", "what"}
)


class ReorderError(Exception):
    """Root of all errors of ours.

    A subclass sets `code` (stable, dotted, for machines) and `template` (English, with `{parameters}`); the surface
    translates the template and fills the same parameters.
    """

    code: ClassVar[str] = "error"
    template: ClassVar[str] = "Something went wrong."

    def __init__(self, **parameters: object) -> None:
        self.parameters = parameters
        super().__init__(self.template.format(**parameters))


class BadInput(ReorderError):
    """Root of errors that the person who gave the input can mend."""

    code = "bad_input"
    template = "{what}: {reason}"


class NotFound(BadInput):
    """Root of errors about something that was named and is not there."""

    code = "not_found"
    template = "There is no {what} {key}."


class Busy(ReorderError):
    """Root of errors about something that another process is doing right now: the same again later may succeed."""

    code = "busy"
    template = "{what} is already running; try again in a moment."


class Conflict(BadInput):
    """Root of errors about something that somebody else has changed, or is changing, meanwhile."""

    code = "conflict"
    template = "{what} was changed meanwhile: look at it again."


def explain_error(*, error: ReorderError, translate: Callable[[str], str]) -> str:
    """The sentence of an error with its parameters, in the language that `translate` gives."""
    said = {
        name: translate(value) if name in PHRASES and isinstance(value, str) else value
        for name, value in error.parameters.items()
    }
    return translate(error.template).format(**said)
