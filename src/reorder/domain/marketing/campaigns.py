"""Campaigns: written by one person, let go by another where the shop wants it so, and sent lot by lot."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from reorder.domain.marketing.campaign_models import Campaign
from reorder.domain.marketing.wanted import STOCK_RULES
from reorder.kernel.errors import BadInput, Conflict, NotFound

SOURCE_KIND: Final = "campaign"
OPEN_STATES: Final = ("draft", "submitted", "scheduled", "sending")
TABS: Final[Mapping[str, tuple[str, ...]]] = {"open": OPEN_STATES, "over": ("sent", "cancelled")}
TIMINGS: Final = ("best_hour", "at_once")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LONGEST_NAME: Final = 120
_MOST_SKUS: Final = 12
_LONGEST: Final = dt.timedelta(days=60)


class BadCampaign(BadInput):
    code = "campaign.bad_terms"
    template = "The campaign cannot be so: {reason}."


class CampaignTaken(BadInput):
    code = "campaign.taken"
    template = "There is a campaign {code} already: give this one another code."


class UnknownCampaign(NotFound):
    code = "campaign.unknown"
    template = "There is no campaign {campaign}."


class CampaignMovedOn(Conflict):
    code = "campaign.moved_on"
    template = "The campaign {campaign} was changed meanwhile, or has moved on: look at it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTerms:
    """What a person writes; see the model's fields for the words."""

    name: str
    segments: tuple[str, ...] = ()
    excluded_segments: tuple[str, ...] = ()
    template_code: str = ""
    channels: tuple[str, ...] = ("email",)
    offers: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    stock_rule: str = "drop"
    timing: str = "best_hour"
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    holdout_share: float = 0.1
    response_share: float = 0.02
    units_each: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign as it stands."""

    id: int
    code: str
    state: str
    terms: CampaignTerms
    value_minor: float
    created_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    submitted_by: str
    approved_by: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    cancelled_by: str
    audience_count: int | None
    last_customer_key: int
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def decided_count(self) -> int:
        """People decided about so far."""
        return sum(self.outcomes.values())

    @property
    def is_open(self) -> bool:
        """Whether anything of it may still go."""
        return self.state in OPEN_STATES


def list_campaigns(*, tab: str, limit: int = 200) -> list[CampaignRow]:
    """Open ones by their start, or those that are over, the latest first."""
    rows = Campaign.objects.filter(state__in=TABS[tab])
    rows = rows.order_by("starts_at", "pk") if tab == "open" else rows.order_by("-finished_at", "-pk")
    return [_row(one) for one in rows[:limit]]


def list_campaigns_between(*, since: dt.datetime, until: dt.datetime) -> list[CampaignRow]:
    """Campaigns whose days touch this time, by their start: for the calendar."""
    rows = Campaign.objects.exclude(state="cancelled").filter(starts_at__lt=until, ends_at__gt=since)
    return [_row(one) for one in rows.order_by("starts_at", "pk")]


def get_campaign(*, code: str) -> CampaignRow:
    """One campaign; raises UnknownCampaign."""
    return _row(_get(Campaign.objects.all(), code=code))


def hold_campaign(*, code: str) -> CampaignRow:
    """One campaign, held until the transaction ends; raises UnknownCampaign."""
    return _row(_get(Campaign.objects.select_for_update(no_key=True), code=code))


def list_due_codes(*, decide_until: dt.datetime) -> list[str]:
    """Campaigns whose people are to be decided about by now, the earliest first."""
    due = Campaign.objects.filter(Q(state="sending") | Q(state="scheduled", starts_at__lte=decide_until))
    return list(due.order_by("starts_at", "pk").values_list("code", flat=True))


def create_campaign(*, code: str, terms: CampaignTerms, created_by: str, moment: dt.datetime) -> CampaignRow:
    """A new draft; raises BadCampaign, CampaignTaken."""
    if not _CODE.fullmatch(code):
        raise BadCampaign(reason="a code has small letters, digits, - and _ only, 40 at most")
    _refuse_bad(terms)
    try:
        with transaction.atomic():
            made = Campaign.objects.create(code=code, created_by=created_by, changed_at=moment, **_values(terms))
    except IntegrityError as fault:
        raise CampaignTaken(code=code) from fault
    return get_campaign(code=made.code)


def change_campaign(*, code: str, terms: CampaignTerms, seen_at: dt.datetime, moment: dt.datetime) -> None:
    """Write a draft anew, if nobody did since `seen_at`; raises BadCampaign, CampaignMovedOn."""
    _refuse_bad(terms)
    changed = Campaign.objects.filter(code=code, state="draft", changed_at=seen_at).update(
        changed_at=moment, **_values(terms)
    )
    if not changed:
        raise CampaignMovedOn(campaign=code)


def move_campaign(*, code: str, from_states: Sequence[str], to_state: str, **changes: Any) -> None:
    """From one state to the next, with what changes along; raises CampaignMovedOn."""
    if not Campaign.objects.filter(code=code, state__in=list(from_states)).update(state=to_state, **changes):
        raise CampaignMovedOn(campaign=code)


def record_progress(*, code: str, last_customer_key: int, outcomes: Mapping[str, int]) -> None:
    """Everybody up to this customer was decided about; part of the transaction that did. The caller holds the row."""
    Campaign.objects.filter(code=code, state="sending").update(
        last_customer_key=last_customer_key, outcomes=dict(outcomes)
    )


def refuse_unready(*, campaign: CampaignRow, moment: dt.datetime) -> None:
    """Raises BadCampaign where something is missing that it cannot go without."""
    terms = campaign.terms
    reasons = (
        (not terms.segments, "say to which segments it goes"),
        (not terms.template_code, "choose a template"),
        (not terms.channels, "choose at least one channel"),
        (terms.starts_at is None, "say when it begins"),
        (terms.ends_at is None, "say until when it is worth anything"),
        (terms.ends_at is not None and terms.ends_at <= moment, "its last day has passed"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadCampaign(reason=reason)


def _refuse_bad(terms: CampaignTerms) -> None:
    starts, ends = terms.starts_at, terms.ends_at
    reasons = (
        (not terms.name.strip(), "give it a name"),
        (len(terms.name) > _LONGEST_NAME, "the name is longer than 120 characters"),
        (bool(set(terms.segments) & set(terms.excluded_segments)), "a segment is both wanted and left out"),
        (len(terms.skus) > _MOST_SKUS, "at most twelve products can be named"),
        (terms.stock_rule not in STOCK_RULES, "say what to do about goods that are not there"),
        (terms.timing not in TIMINGS, "say at which hour it goes"),
        (starts is not None and ends is not None and ends <= starts, "it must end after it begins"),
        (starts is not None and ends is not None and ends - starts > _LONGEST, "it may last sixty days at most"),
        (not 0 <= terms.holdout_share <= 0.5, "the part that is kept back lies between 0 and 50 %"),
        (not 0 <= terms.response_share <= 1, "the expected answers are a share between 0 and 100 %"),
        (not 0 < terms.units_each <= 100, "units an order lie above 0 and are 100 at most"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadCampaign(reason=reason)


def _values(terms: CampaignTerms) -> dict[str, Any]:
    values = asdict(terms)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _get(rows: "QuerySet[Campaign]", *, code: str) -> Campaign:
    found = rows.filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise UnknownCampaign(campaign=code)
    return found


def _row(one: Campaign) -> CampaignRow:
    given: dict[str, Any] = {each.name: getattr(one, each.name) for each in fields(CampaignTerms)}
    terms: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    own = {each.name for each in fields(CampaignRow)} - {"terms", "outcomes"}
    return CampaignRow(
        terms=CampaignTerms(**terms),
        outcomes=dict(one.outcomes),
        **{name: getattr(one, name) for name in own},
    )
