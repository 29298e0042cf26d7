"""The error root: every error of ours is a value with a code and parameters that a surface can translate."""

from typing import ClassVar


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
