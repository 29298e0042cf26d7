"""What can go wrong when people say what they want to hear."""

from reorder.kernel.errors import BadInput


class ConsentMissing(BadInput):
    """The box was not ticked: nothing may be assumed."""

    code = "consenting.not_agreed"
    template = "Tick the box to agree; without it nothing is sent."


class TooYoung(BadInput):
    """The shop writes to people of some age and more."""

    code = "consenting.too_young"
    template = "News go to people of {years} years or more only. Tick the box if you are."


class BadDeclaration(BadInput):
    """A declaration that says too little to be believed later."""

    code = "consenting.bad_declaration"
    template = "This declaration cannot be recorded: {reason}."


# Reasons that errors carry; the surface translates them.
REASON_TEMPLATES = (
    "there is no such customer",
    "a consent needs its proof: where, how and by which words it was given",
    "it was declared in the future",
    "there is no such topic",
    "there is no such channel",
    "the address was erased or complained after that",
    "it is no moment; write one like 2026-11-23T10:00:00+08:00",
    "say yes or no",
)
