"""What reminders add, learned every night from what reminded and held-out customers then bought."""

import datetime as dt
import json

from django.conf import settings

from reorder.domain.planning import learned as store
from reorder.engine.repurchase import Uplift, learn_uplift
from reorder.engine.repurchase.contact.choosing import WINDOW_DAYS
from reorder.engine.repurchase.contact.uplift import NEAR_DAYS
from reorder.insights.reminder_outcomes import frame_reminder_outcomes
from reorder.insights.reminder_plan import UPLIFT_KIND, VERSION
from reorder.kernel.clock import midnight

# Of older messages the customers and the offer were others. It also lets a shop whose reminders once did harm, and
# which therefore sends none, begin again after a year.
LEARNED_DAYS = 365


def learn_reminder_uplift(*, as_of: dt.date) -> Uplift:
    """Learn from the messages of a year whose windows have ended before `as_of`, and keep the result.

    Returns what was learned; the assumption where nobody was held out yet.
    """
    options = settings.REORDER
    # The last day of a message's window must be over.
    until = as_of - dt.timedelta(days=options.delivery_days + WINDOW_DAYS)
    outcomes = frame_reminder_outcomes(
        since=midnight(date=until - dt.timedelta(days=LEARNED_DAYS), time_zone=settings.REORDER.time_zone),
        until=midnight(date=until, time_zone=settings.REORDER.time_zone),
        delivery_days=options.delivery_days,
        window_days=WINDOW_DAYS,
        near_days=NEAR_DAYS,
        time_zone=options.time_zone,
    )
    uplift = learn_uplift(outcomes=outcomes)
    overall = uplift.overall
    store.save_learned(
        kind=UPLIFT_KIND,
        version=VERSION,
        as_of=as_of,
        content=json.dumps(uplift.as_json()).encode(),
        summary=f"{overall.treated_customers} reminded and {overall.held_out_customers} held-out customers",
        seconds=0.0,
    )
    return uplift
