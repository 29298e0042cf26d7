"""A campaign on its way: its people are decided about in lots, each committed with how far it came.

Killed at any line it goes on with the next lot; nobody is asked for twice, because a person's message has one key.
"""

import datetime as dt
import time
from collections import Counter
from typing import Final

from reorder.domain.marketing import campaigns
from reorder.domain.marketing.campaigns import SOURCE_KIND, CampaignRow
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.storage import one_transaction
from reorder.flows.campaigns.audience import take_lot
from reorder.flows.contacting import propose
from reorder.kernel.ids import idempotency_key

LOT: Final = 1000
# Decided so long before the first may leave, so that "who gets what tonight" can be looked at before.
AHEAD: Final = dt.timedelta(hours=12)
_PASS_SECONDS: Final = 45.0


def send_campaigns(*, moment: dt.datetime, seconds: float = _PASS_SECONDS) -> int:
    """Decide about the people of every campaign whose time has come; returns how many people.

    Args:
        moment: now, UTC.
        seconds: after these no further lot is begun; the next pass goes on.
    """
    until, done = time.monotonic() + seconds, 0
    for code in campaigns.list_due_codes(decide_until=moment + AHEAD):
        while time.monotonic() < until:
            count = _send_lot(code=code, moment=moment)
            if count is None:
                break
            done += count
    return done


def _send_lot(*, code: str, moment: dt.datetime) -> int | None:
    """The next lot of one campaign; None when it is over, or was cancelled meanwhile."""
    with one_transaction():
        campaign = campaigns.hold_campaign(code=code)
        if campaign.state == "scheduled":
            campaigns.move_campaign(code=code, from_states=["scheduled"], to_state="sending", started_at=moment)
        elif campaign.state != "sending":
            return None
        lot = take_lot(terms=campaign.terms, after_id=campaign.last_customer_key, size=LOT)
        if lot.until_id is None:
            campaigns.move_campaign(code=code, from_states=["sending"], to_state="sent", finished_at=moment)
            return None
        wanted = [_wish(campaign, customer_id=one, moment=moment) for one in lot.customer_ids]
        proposed = propose(wanted=wanted, moment=moment)
        outcomes = Counter(campaign.outcomes) + Counter(one.outcome for one in proposed)
        campaigns.record_progress(code=code, last_customer_key=lot.until_id, outcomes=outcomes)
    return len(wanted)


def _wish(campaign: CampaignRow, *, customer_id: int, moment: dt.datetime) -> WantedMessage:
    terms = campaign.terms
    starts, ends = terms.starts_at or moment, terms.ends_at or moment
    return WantedMessage(
        key=idempotency_key(SOURCE_KIND, campaign.id, customer_id),
        customer_id=customer_id,
        purpose="marketing",
        source_kind=SOURCE_KIND,
        source_key=campaign.code,
        template_code=terms.template_code,
        channels=terms.channels,
        skus=terms.skus,
        stock_rule=terms.stock_rule,
        offers=terms.offers,
        earliest_at=starts,
        latest_at=ends,
        value_minor=campaign.value_minor,
        goes_at_once=terms.timing == "at_once",
        approved_by=campaign.approved_by,
        reason_code="campaign.audience",
        reason_parameters={"campaign": terms.name},
    )
