"""What people decide about campaigns: each step, its audit entry and its place in the demand plan commit together."""

import datetime as dt
from typing import Final

from django.conf import settings

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.marketing import campaigns, proof
from reorder.domain.marketing.campaigns import SOURCE_KIND, BadCampaign, CampaignRow, CampaignTerms
from reorder.domain.planning import commitments
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.campaigns.expecting import DAY_SHARES, DEVIATION_SHARE, Expectation, expect, value_of
from reorder.flows.contacting import withdraw
from reorder.flows.demand_plan.committing import CommitmentLine, place_lines
from reorder.flows.shop_day import shop_date
from reorder.kernel.errors import Conflict

_GOING: Final = ("scheduled", "sending", "sent")


class OwnCampaign(Conflict):
    """Where messages wait for a second person, nobody lets the own campaign go."""

    code = "campaign.own"
    template = "You wrote or submitted {campaign}: somebody else must let it go."


def create(*, code: str, terms: CampaignTerms, decided_by: str, moment: dt.datetime) -> CampaignRow:
    """A new draft; raises BadCampaign, CampaignTaken."""
    with one_transaction():
        made = campaigns.create_campaign(code=code, terms=terms, created_by=decided_by, moment=moment)
        _audit("campaigns.create", code, decided_by)
    return made


def change(*, code: str, terms: CampaignTerms, seen_at: dt.datetime, decided_by: str, moment: dt.datetime) -> None:
    """Write a draft anew; raises BadCampaign, CampaignMovedOn."""
    with one_transaction():
        campaigns.change_campaign(code=code, terms=terms, seen_at=seen_at, moment=moment)
        _audit("campaigns.change", code, decided_by)


def submit(*, code: str, decided_by: str, moment: dt.datetime) -> None:
    """Ask somebody else to let a draft go; raises BadCampaign, CampaignMovedOn."""
    with one_transaction():
        campaigns.refuse_unready(campaign=campaigns.hold_campaign(code=code), moment=moment)
        campaigns.move_campaign(code=code, from_states=["draft"], to_state="submitted", submitted_by=decided_by)
        _audit("campaigns.submit", code, decided_by)


def take_back(*, code: str, decided_by: str, moment: dt.datetime) -> None:
    """Make a draft of it again, out of the demand plan; raises CampaignMovedOn once people are decided about."""
    with one_transaction():
        _withdraw_demand(code=code, moment=moment)
        campaigns.move_campaign(
            code=code, from_states=["submitted", "scheduled"], to_state="draft", approved_by="", changed_at=moment
        )
        _audit("campaigns.take_back", code, decided_by)


def approve(*, code: str, decided_by: str, moment: dt.datetime) -> Expectation:
    """Let a submitted campaign go; raises OwnCampaign, BadCampaign, CampaignMovedOn."""
    with one_transaction():
        campaign = campaigns.hold_campaign(code=code)
        if decided_by in {campaign.submitted_by, campaign.created_by}:
            raise OwnCampaign(campaign=code)
        return _schedule(campaign=campaign, from_state="submitted", decided_by=decided_by, moment=moment)


def schedule(*, code: str, decided_by: str, moment: dt.datetime) -> Expectation:
    """Let a draft go at its hour, where no second person is asked; raises OwnCampaign, BadCampaign, CampaignMovedOn."""
    if settings.REORDER.message_approval:
        raise OwnCampaign(campaign=code)
    with one_transaction():
        campaign = campaigns.hold_campaign(code=code)
        return _schedule(campaign=campaign, from_state="draft", decided_by=decided_by, moment=moment)


def cancel(*, code: str, decided_by: str, moment: dt.datetime) -> int:
    """Stop it: what has not left is withdrawn, and its demand from today on; returns messages withdrawn."""
    with one_transaction():
        campaign = campaigns.hold_campaign(code=code)
        campaigns.move_campaign(
            code=code,
            from_states=[*campaigns.OPEN_STATES, "sent"],
            to_state="cancelled",
            cancelled_by=decided_by,
            finished_at=moment,
        )
        withdrawn = 0
        if campaign.state in _GOING:
            withdrawn = withdraw(
                source_kind=SOURCE_KIND,
                source_key=code,
                customer_id=None,
                outcome_code="outbox.stopped.campaign",
                moment=moment,
            )
            _withdraw_demand(code=code, moment=moment)
        _audit("campaigns.cancel", code, decided_by, messages=withdrawn)
    return withdrawn


def _schedule(*, campaign: CampaignRow, from_state: str, decided_by: str, moment: dt.datetime) -> Expectation:
    campaigns.refuse_unready(campaign=campaign, moment=moment)
    terms, code = campaign.terms, campaign.code
    expected = expect(terms=terms, moment=moment)
    if not expected.audience_count:
        raise BadCampaign(reason="nobody belongs to its segments")
    products = list(list_products_by_sku(skus=list(terms.skus)).values())
    campaigns.move_campaign(
        code=code,
        from_states=[from_state],
        to_state="scheduled",
        approved_by=decided_by,
        approved_at=moment,
        audience_count=expected.audience_count,
        value_minor=value_of(terms=terms, products=products) or 0.0,
    )
    proof.record_holdout(
        source_kind=SOURCE_KIND,
        source_key=code,
        share=terms.holdout_share,
        note="",
        decided_by=decided_by,
        decided_at=moment,
    )
    _commit_demand(terms=terms, code=code, expected=expected, decided_by=decided_by, moment=moment)
    _audit("campaigns.schedule", code, decided_by, audience=expected.audience_count)
    return expected


def _commit_demand(
    *, terms: CampaignTerms, code: str, expected: Expectation, decided_by: str, moment: dt.datetime
) -> None:
    """Its extra units in the demand plan before anything was sent, spread over the week of each first day."""
    today = shop_date(moment=moment)
    first = max(shop_date(moment=terms.starts_at or moment), today)
    lines = [
        CommitmentLine(
            sku=one.sku,
            from_date=first + dt.timedelta(days=day),
            units=one.units * share,
            deviation_units=one.units * share * DEVIATION_SHARE,
        )
        for one in expected.goods
        if one.units > 0
        for day, share in enumerate(DAY_SHARES)
    ]
    commitments.replace_commitments(
        kind=SOURCE_KIND,
        key=code,
        rows=place_lines(lines=lines, place_codes=frozenset()) if lines else [],
        today=today,
        moment=moment,
        author=decided_by,
        reason=terms.name,
    )


def _withdraw_demand(*, code: str, moment: dt.datetime) -> None:
    today = shop_date(moment=moment)
    commitments.replace_commitments(kind=SOURCE_KIND, key=code, rows=[], today=today, moment=moment)


def _audit(action: str, code: str, decided_by: str, **details: object) -> None:
    record_audit(actor=decided_by, action=action, subject_kind="campaign", subject_key=code, details=details)
