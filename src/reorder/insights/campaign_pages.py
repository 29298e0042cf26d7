"""What the pages of campaigns show: what can be chosen, one campaign with its expectation, and how far it came."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reorder.domain.marketing import campaigns
from reorder.domain.marketing.campaigns import SOURCE_KIND, CampaignRow
from reorder.domain.marketing.content import list_templates
from reorder.domain.marketing.offers import list_offers
from reorder.domain.marketing.segments import list_segments
from reorder.domain.messaging.reached import SourceCounts, count_of_source
from reorder.domain.staff.rules import Ability, Actor


@dataclass(frozen=True, slots=True)
class CampaignChoices:
    """(code, name) of what a campaign may be made of; members of segments by code."""

    templates: Sequence[tuple[str, str]]
    offers: Sequence[tuple[str, str]]
    segment_names: Sequence[tuple[str, str]] = ()
    members: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign, what became of its messages, and what this person may do."""

    row: CampaignRow
    counts: SourceCounts
    may_edit: bool
    may_approve: bool


def list_choices(*, moment: dt.datetime) -> CampaignChoices:
    """Segments, templates of marketing and live offers."""
    groups = list_segments()
    return CampaignChoices(
        templates=[(row.code, row.name) for row in list_templates() if row.purpose == "marketing"],
        offers=[(row.code, row.terms.name) for row in list_offers(moment=moment)],
        segment_names=[(row.code, row.name) for row in groups],
        members={row.code: row.members_count for row in groups},
    )


def list_campaign_rows(*, tab: str) -> list[CampaignRow]:
    """Open campaigns, or those that are over."""
    return campaigns.list_campaigns(tab=tab)


def get_campaign_page(*, actor: Actor, code: str) -> CampaignPage:
    """Raises UnknownCampaign."""
    row = campaigns.get_campaign(code=code)
    return CampaignPage(
        row=row,
        counts=count_of_source(source_kind=SOURCE_KIND, source_key=code),
        may_edit=actor.may(Ability.EDIT_MARKETING),
        may_approve=actor.may(Ability.DECIDE_MARKETING_MESSAGES),
    )
