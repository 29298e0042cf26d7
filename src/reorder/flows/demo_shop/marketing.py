"""The marketing desk of the demonstration: what a marketer would switch on in the first hour. SYNTHETIC.

All of it goes through the doors that people use; `reorder demo` lets marketing wait until somebody approves it.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.marketing.campaigns import CampaignTaken, CampaignTerms
from reorder.flows import campaigns
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys.editing import switch_on_ready_made
from reorder.flows.segmenting.ready_made import add_ready_made
from reorder.flows.segmenting.ready_words import WORDS
from reorder.insights.shop_window import list_sellable_products
from reorder.kernel.clock import date_at

JOURNEYS: Final = ("replenishment", "how-to", "win-back")
CAMPAIGN: Final = "pantry-weekend"
# A campaign that the newcomer's own name has not written is theirs to let go.
COLLEAGUE: Final = "Mei (synthetic)"
SEGMENTS: Final = ("loyal", "at-risk", "due-this-week", "one-time-buyers")
_SATURDAY: Final = 5
_GOODS: Final = 3


def open_marketing_desk(*, moment: dt.datetime) -> int:
    """Templates, segments, live journeys and a campaign that waits for a word; run again it changes nothing.

    Returns how many templates are new.
    """
    with translation.override(settings.REORDER.language):
        made = lay_down(laid_by=COLLEAGUE, moment=moment)
        words = {code: (_(name), _(purpose)) for code, (name, purpose) in WORDS.items()}
        add_ready_made(codes=SEGMENTS, words=words, decided_by=COLLEAGUE, moment=moment)
        for code in JOURNEYS:
            switch_on_ready_made(code=code, settings={}, decided_by=COLLEAGUE, moment=moment)
        _ask_for_campaign(moment=moment)
    return len(made)


def _ask_for_campaign(*, moment: dt.datetime) -> None:
    terms = CampaignTerms(
        name=_("Pantry weekend (synthetic)"),
        segments=("loyal",),
        template_code="campaign",
        skus=tuple(one.sku for one in list_sellable_products(limit=_GOODS)),
        starts_at=_next_saturday(moment=moment),
        ends_at=_next_saturday(moment=moment) + dt.timedelta(days=2),
    )
    try:
        campaigns.create(code=CAMPAIGN, terms=terms, decided_by=COLLEAGUE, moment=moment)
    except CampaignTaken:
        return
    campaigns.submit(code=CAMPAIGN, decided_by=COLLEAGUE, moment=moment)


def _next_saturday(*, moment: dt.datetime) -> dt.datetime:
    """Ten o'clock of the next Saturday but today."""
    zone = settings.REORDER.time_zone
    today = date_at(moment=moment, time_zone=zone)
    day = today + dt.timedelta(days=(_SATURDAY - today.weekday() - 1) % 7 + 1)
    return dt.datetime.combine(day, dt.time(10), ZoneInfo(zone))
