"""What templates are called: ready-made ones in the reader's language, until somebody gives them another name."""

from collections.abc import Iterable

from django.utils.translation import get_language

from reorder.flows.content.ready_made import say_name


def say_template(*, code: str, name: str) -> str:
    """One of them."""
    return say_name(code=code, name=name, language=get_language() or "")


def say_templates(*, choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Codes with their names."""
    return [(code, say_template(code=code, name=name)) for code, name in choices]
