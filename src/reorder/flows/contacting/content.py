"""Which words a message takes: the version of its template for this person, channel and language."""

from dataclasses import dataclass

from django.conf import settings

from reorder.flows.contacting.deciding import Settled


@dataclass(frozen=True, slots=True)
class Content:
    """The version of a template, its variant, and the language of both."""

    version_id: int | None
    variant: str
    language: str


def choose_content(*, settled: Settled) -> Content:
    """The version that this person gets by the channel that was chosen."""
    person = settled.person
    language = (person.language if person else "") or settings.REORDER.language
    return Content(version_id=None, variant="", language=language)
