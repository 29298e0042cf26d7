"""What journeys may name: templates with their forms, segments, offers; and whether a draft can run."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reorder.domain.marketing import content, offers, segments
from reorder.domain.marketing.journeys.checking import check_definition
from reorder.domain.marketing.journeys.faults import Fault, Known
from reorder.domain.marketing.segment_rules import judge_rules
from reorder.kernel.errors import explain_error


def find_faults(*, document: Mapping[str, Any], moment: dt.datetime) -> list[Fault]:
    """Everything that keeps a draft from being switched on, by step."""
    return check_definition(document=document, known=look_up(moment=moment))


def look_up(*, moment: dt.datetime) -> Known:
    """What there is to name now: templates with the channels that they have words for."""
    codes = [one.code for one in content.list_templates()]
    forms = content.list_live_forms(template_codes=codes)
    return Known(
        templates={code: {channel for channel, _ in forms.get(code, ())} for code in codes},
        segments={one.code for one in segments.list_segments()},
        offers={one.code for one in offers.list_offers(moment=moment)},
        judge_rules=_judge,
    )


def _judge(rules: object) -> str:
    faults = judge_rules(rules=rules).faults
    return explain_error(error=faults[0], translate=str) if faults else ""
