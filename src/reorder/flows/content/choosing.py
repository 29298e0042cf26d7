"""Which version of a template a customer gets: language first, then segment, then the variant that their number draws.

The draw is by hash, so a customer who gets a message of a template again gets the same variant.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from reorder.domain.marketing.content import VersionMark, list_version_marks
from reorder.domain.marketing.content_errors import NoVersion
from reorder.flows.order_mail import letter_language


@dataclass(frozen=True, slots=True)
class Chosen:
    """A version, the variant it is of, and the language it is written in."""

    version_id: int
    variant: str
    language: str


@dataclass(frozen=True, slots=True)
class VersionBook:
    """The live versions of some templates, for many choices without another question to the database."""

    marks: Mapping[str, Sequence[VersionMark]] = field(default_factory=dict)

    def channels_of(self, *, template_code: str) -> frozenset[str]:
        """The channels that the template has words for."""
        return frozenset(mark.channel for mark in self.marks.get(template_code, ()))

    def choose(
        self, *, template_code: str, customer_id: int, language: str, channel: str, segment_codes: Collection[str] = ()
    ) -> Chosen:
        """The version of the template for this customer; raises NoVersion where it says nothing by this channel."""
        own = [mark for mark in self.marks.get(template_code, ()) if mark.channel == channel]
        wanted = letter_language(customer_language=language, shop_language=settings.REORDER.language)
        for spoken in dict.fromkeys((wanted, settings.REORDER.language, *sorted({mark.language for mark in own}))):
            for segment in (*sorted(set(segment_codes)), ""):
                fitting = [mark for mark in own if (mark.language, mark.segment_code) == (spoken, segment)]
                drawn = _draw(fitting, seed=f"{template_code}:{customer_id}")
                if drawn is not None:
                    return Chosen(version_id=drawn.id, variant=drawn.variant, language=drawn.language)
        raise NoVersion(template_code=template_code, channel=channel)


def open_book(*, template_codes: Collection[str]) -> VersionBook:
    """The live versions of these templates."""
    return VersionBook(marks=list_version_marks(template_codes=template_codes))


def choose_version(
    *, template_code: str, customer_id: int, language: str, channel: str, segment_codes: Collection[str] = ()
) -> Chosen:
    """The version of a template for one customer; for many take `open_book` once. Raises NoVersion."""
    return open_book(template_codes=[template_code]).choose(
        template_code=template_code,
        customer_id=customer_id,
        language=language,
        channel=channel,
        segment_codes=segment_codes,
    )


def list_channels_of(*, template_code: str) -> frozenset[str]:
    """The channels by which a template has something to say now."""
    return open_book(template_codes=[template_code]).channels_of(template_code=template_code)


def _draw(marks: Sequence[VersionMark], *, seed: str) -> VersionMark | None:
    whole = sum(mark.weight for mark in marks)
    if not whole:
        return None
    point = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) / 2**64 * whole
    for mark in sorted(marks, key=lambda one: one.variant):
        point -= mark.weight
        if point < 0:
            return mark
    return None
