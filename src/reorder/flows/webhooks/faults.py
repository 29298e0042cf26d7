"""Why an attempt failed, as a sentence."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reorder.connectors.base import outgoing
from reorder.kernel.errors import PHRASES

_TEMPLATES: Final[Mapping[str, str]] = {
    error.code: error.template
    for error in (
        outgoing.OutgoingFailed,
        outgoing.OutgoingPrivate,
        outgoing.OutgoingRefused,
        outgoing.OutgoingTooLarge,
        outgoing.OutgoingTooSlow,
    )
}


def say_fault(*, code: str, parameters: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """The sentence of an attempt's error; the code itself when another version wrote it, empty for none."""
    template = _TEMPLATES.get(code)
    if template is None:
        return code
    said = {name: translate(str(value)) if name in PHRASES and value else value for name, value in parameters.items()}
    try:
        return translate(template).format(**said)
    except (KeyError, IndexError, ValueError):
        return code
