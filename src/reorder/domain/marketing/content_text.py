"""Mustache without logic, partials, lambdas or raw values; what a person wrote is checked line by line. Pure.

`{{path}}` writes a value, `{{path|other words}}` those where it is empty; `{{#path}}…{{/path}}` repeats for a list and
shows where there is something, `{{^path}}…{{/path}}` where there is nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

from pystache.context import ContextStack, KeyNotFoundError
from pystache.parsed import ParsedTemplate
from pystache.parser import parse
from pystache.renderengine import RenderEngine

MOST_CHARACTERS: Final = 200_000
MOST_DEPTH: Final = 6
MOST_OUTPUT: Final = 600_000
# Values written and sections opened; lists in lists in lists end here.
MOST_STEPS: Final = 20_000
_TAG: Final = re.compile(r"\{\{(\{?)\s*([#^/>&!=]?)\s*(.*?)\s*\}?\}\}", re.DOTALL)
_OPEN: Final = re.compile(r"\{\{")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a template: `sign` is "" for a value, # or ^ for a section, / for its end."""

    sign: str
    path: str
    fallback: str | None
    line: int
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where; `reason` is one of content_errors.REASON_TEMPLATES."""

    reason: str
    line: int
    value: str = ""


class TooMuch(Exception):
    """A template that would never end."""


class Missing(Exception):
    """A value that is not there and for which nothing is written instead."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def read_tags(*, text: str) -> tuple[list[Tag], list[Fault]]:
    """Every tag with its line and the sections around it, and what is wrong with their form."""
    faults: list[Fault] = []
    if len(text) > MOST_CHARACTERS:
        return [], [Fault("the text is longer than is allowed", 1)]
    tags: list[Tag] = []
    open_sections: list[Tag] = []
    last = 0
    for match in _TAG.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        faults += _strays(text, last, match.start())
        last = match.end()
        raw, sign, inside = match.groups()
        if fault := _fault_of_form(raw=raw, sign=sign, inside=inside, line=line):
            faults.append(fault)
            continue
        if sign == "!":
            continue
        path, bar, fallback = inside.partition("|")
        tag = Tag(sign, path.strip(), fallback.strip() if bar else None, line, tuple(one.path for one in open_sections))
        faults += _nest(tag, open_sections)
        tags.append(tag)
    faults += _strays(text, last, len(text))
    faults += [Fault("this section is not closed", one.line, one.path) for one in open_sections]
    return tags, sorted(faults, key=lambda fault: fault.line)


def _strays(text: str, begin: int, end: int) -> list[Fault]:
    found = _OPEN.finditer(text, begin, end)
    return [Fault("a tag is not closed", text.count("\n", 0, stray.start()) + 1) for stray in found]


def _fault_of_form(*, raw: str, sign: str, inside: str, line: int) -> Fault | None:
    reasons = (
        (bool(raw) or sign == "&", "only {{name}} is allowed, which makes signs harmless"),
        (sign == ">", "templates cannot load other templates"),
        (sign == "=", "the signs of tags cannot be changed"),
        (sign != "!" and not inside.partition("|")[0].strip(), "a tag has no name"),
        ("{{" in inside or ("\n" in inside and sign != "!"), "a tag is not closed"),
    )
    return next((Fault(reason, line, inside[:60]) for holds, reason in reasons if holds), None)


def _nest(tag: Tag, open_sections: list[Tag]) -> list[Fault]:
    if tag.sign in ("#", "^"):
        open_sections.append(tag)
        if len(open_sections) > MOST_DEPTH:
            return [Fault("sections lie too deep in each other", tag.line, tag.path)]
    if tag.sign == "/":
        if not open_sections or open_sections[-1].path != tag.path:
            return [Fault("this section was never opened", tag.line, tag.path)]
        open_sections.pop()
    return []


def render_text(*, text: str, values: Mapping[str, Any], is_markup: bool) -> str:
    """The text with its values; in markup their signs are made harmless.

    Raises Missing for a value that is not there without other words, TooMuch for what would not end. The text was
    checked by `read_tags` before it was kept.
    """
    made: str = _parsed(text).render(_Writer(is_markup=is_markup), ContextStack(dict(values)))
    if len(made) > MOST_OUTPUT:
        raise TooMuch
    return made


@lru_cache(maxsize=256)
def _parsed(text: str) -> ParsedTemplate:
    return parse(text)


class _Writer(RenderEngine):  # type: ignore[misc] # pystache has no types
    """Plain values only: nothing is called, nothing is loaded, and what is empty is not written."""

    def __init__(self, *, is_markup: bool) -> None:
        super().__init__(
            literal=str,
            escape=escape if is_markup else str,
            resolve_context=self.look_up,
            resolve_partial=_no_partial,
            to_str=str,
        )
        self._steps = 0

    def look_up(self, stack: ContextStack, name: str) -> Any:
        """What stands under a path; None where nothing does."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooMuch
        try:
            return stack.get(name)
        except KeyNotFoundError:
            return None

    def fetch_string(self, context: ContextStack, name: str) -> str:
        """A value in words, or what is written instead."""
        path, bar, instead = name.partition("|")
        found = self.look_up(context, path.strip())
        if found is None or isinstance(found, bool | list | dict) or not str(found).strip():
            if not bar:
                raise Missing(path.strip())
            return instead.strip()
        return str(found)

    def fetch_section_data(self, context: ContextStack, name: str) -> list[Any]:
        """What a section repeats for; once for anything that is there and no list."""
        found = self.look_up(context, name)
        if not found:
            return []
        return list(found) if isinstance(found, list | tuple) else [found]


def _no_partial(name: str) -> str:
    raise Missing(name)
