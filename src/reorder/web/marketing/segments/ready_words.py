"""Ready-made segments in the reader's words: what each is called, and what it is good for."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from reorder.flows.segmenting.ready_words import WORDS

READY: Final[Mapping[str, tuple[Promise, Promise]]] = {
    code: (gettext_lazy(name), gettext_lazy(purpose)) for code, (name, purpose) in WORDS.items()
}


def say_segment(*, code: str, name: str) -> str:
    """What a segment is called: a ready-made one in the reader's language, until somebody gives it another name."""
    return str(READY[code][0]) if code in READY and name in _written(code=code, part=0) else name


def say_purpose(*, code: str, text: str) -> str:
    """What it is good for, likewise."""
    return str(READY[code][1]) if code in READY and text in _written(code=code, part=1) else text


def say_segments(*, choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Codes with their names."""
    return [(code, say_segment(code=code, name=name)) for code, name in choices]


@lru_cache
def _written(*, code: str, part: int) -> frozenset[str]:
    """What it is called in every language."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(str(READY[code][part]))
    return frozenset(found)
