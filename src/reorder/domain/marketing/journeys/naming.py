"""What journeys may name: templates with their forms, segments, and offers, read once for checks and for choices."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reorder.domain.marketing import content, offers, segments
from reorder.domain.marketing.journeys.checking import check_definition
from reorder.domain.marketing.journeys.faults import Fault, Known
from reorder.domain.marketing.segment_rules import judge_rules
from reorder.kernel.errors import explain_error

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Named:
    """Codes with their names as people choose from them, and the same as checks need it."""

    templates: Choices
    segments: Choices
    offers: Choices
    known: Known


def look_up(*, moment: dt.datetime) -> Named:
    """What there is to name now."""
    templates = content.list_templates()
    forms = content.list_live_forms(template_codes=[one.code for one in templates])
    groups, ladder = segments.list_segments(), offers.list_offers(moment=moment)
    return Named(
        templates=[(one.code, one.name) for one in templates],
        segments=[(one.code, one.name) for one in groups],
        offers=[(one.code, f"{one.code} {one.terms.name}") for one in ladder],
        known=Known(
            templates={one.code: {channel for channel, _ in forms.get(one.code, ())} for one in templates},
            segments={one.code for one in groups},
            offers={one.code for one in ladder},
            judge_rules=_judge,
        ),
    )


def find_faults(*, document: Mapping[str, Any], moment: dt.datetime) -> list[Fault]:
    """Everything that keeps a draft from being switched on, by step."""
    return check_definition(document=document, known=look_up(moment=moment).known)


def _judge(rules: object) -> str:
    faults = judge_rules(rules=rules).faults
    return explain_error(error=faults[0], translate=str) if faults else ""
