"""Segments that most shops want: added by one click, changed like any other afterwards."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segments import find_segment
from reorder.flows.segmenting.editing import create_segment


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A segment that can be added; what it is called and what it is for is said by the surface, in its language."""

    code: str
    rules: Mapping[str, Any]


def _all(*rules: Mapping[str, Any]) -> dict[str, Any]:
    return {"match": "all", "rules": [dict(rule) for rule in rules]}


def _rfm(*segments: str) -> dict[str, Any]:
    return _all({"kind": "rfm_segment", "values": list(segments)})


READY_MADE: Final[tuple[ReadyMade, ...]] = (
    ReadyMade("champions", _rfm("champions")),
    ReadyMade("loyal", _rfm("loyal")),
    ReadyMade("promising", _rfm("promising")),
    ReadyMade("new-customers", _rfm("new")),
    ReadyMade("needs-attention", _rfm("needs_attention")),
    ReadyMade("about-to-sleep", _rfm("about_to_sleep")),
    ReadyMade("at-risk", _rfm("at_risk")),
    ReadyMade("cannot-lose", _rfm("cannot_lose")),
    ReadyMade("hibernating", _rfm("hibernating")),
    ReadyMade("lost", _rfm("lost")),
    ReadyMade(
        "vip-at-risk",
        _all(
            {"kind": "rfm_score", "what": "money", "op": "at_least", "value": 5},
            {"kind": "chance", "what": "churn_share", "op": "at_least", "value": 0.5},
        ),
    ),
    ReadyMade("one-time-buyers", _all({"kind": "orders_count", "op": "exactly", "value": 1})),
    ReadyMade("price-sensitive", _all({"kind": "price_sensitivity", "op": "at_least", "value": 0.5, "days": 365})),
    ReadyMade("full-price", _all({"kind": "price_sensitivity", "op": "at_most", "value": 0.1, "days": 365})),
    ReadyMade("due-this-week", _all({"kind": "due", "from_days": 0, "until_days": 7})),
    ReadyMade("overdue", _all({"kind": "due", "from_days": -30, "until_days": -1})),
    ReadyMade("cart-abandoners", _all({"kind": "carted_not_bought", "days": 14, "hours": 1})),
    ReadyMade(
        "window-shoppers",
        _all(
            {"kind": "did", "what": "viewed", "op": "at_least", "value": 3, "days": 30},
            {"kind": "orders_count", "op": "at_least", "value": 1, "days": 30, "not": True},
        ),
    ),
    ReadyMade("birthday-soon", _all({"kind": "birthday", "days": 14})),
    ReadyMade(
        "mail-readers",
        _all(
            {"kind": "consented", "channel": "email"},
            {"kind": "message", "what": "opened", "op": "at_least", "value": 1, "days": 90},
        ),
    ),
    ReadyMade(
        "silent-readers",
        _all(
            {"kind": "message", "what": "sent", "op": "at_least", "value": 4, "days": 90},
            {"kind": "message", "what": "opened", "op": "at_most", "value": 0, "days": 90},
        ),
    ),
    ReadyMade(
        "reachable-by-mail",
        _all({"kind": "reachable", "channel": "email"}, {"kind": "consented", "channel": "email"}),
    ),
    ReadyMade("returners", _all({"kind": "returned", "op": "at_least", "value": 2, "days": 365})),
)


def add_ready_made(
    *, codes: Sequence[str], words: Mapping[str, tuple[str, str]], decided_by: str, moment: dt.datetime
) -> list[str]:
    """Add those of these codes that are not there yet; `words` are name and purpose. Returns the codes added."""
    added = []
    for one in READY_MADE:
        if one.code not in codes or find_segment(code=one.code) is not None:
            continue
        name, purpose = words.get(one.code, (one.code, ""))
        segment = NewSegment(code=one.code, name=name, kind="rules", rules=one.rules, description=purpose)
        create_segment(segment=segment, decided_by=decided_by, moment=moment)
        added.append(one.code)
    return added
