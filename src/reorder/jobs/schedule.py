"""Every periodic job in one table; docs/reference/jobs.md says the same in words (tested)."""

from dataclasses import dataclass
from typing import Final

from reorder.kernel.jobs import JobName

# The queue of what is due within seconds; the worker keeps a lane for it.
SWIFT: Final = "swift"


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and when it is deferred (cron, UTC, with a sixth field for seconds where needed)."""

    name: JobName
    cron: str
    purpose: str


PERIODIC = (
    Periodic(JobName.RUN_NIGHT, "*/5 * * * *", "Runs the night once its hour has come; makes up a missed one."),
    Periodic(
        JobName.ORDER_AUTOMATICALLY,
        "*/10 * * * *",
        "Orders within their limits what today's night proposes of suppliers that order by themselves.",
    ),
    Periodic(JobName.SEND_OUTBOX, "* * * * *", "Sends the messages and posts whose moment has come."),
    Periodic(JobName.LOOK_AT_WAITING, "* * * * *", "Decides again about messages that waited for a day or for goods."),
    Periodic(JobName.SEND_CAMPAIGNS, "* * * * *", "Decides about the people of campaigns whose hour has come."),
    Periodic(JobName.SEND_ALERTS, "* * * * *", "Sends digests of alerts whose hour has come, and urgent ones at once."),
    Periodic(JobName.DRAIN_DIRTY, "* * * * * */2", "Draws conclusions again for customers and stock that changed."),
    Periodic(JobName.REFRESH_SEGMENTS, "* * * * * */2", "Holds customers whom something happened to against segments."),
    Periodic(
        JobName.COUNT_SEGMENTS, "*/5 * * * *", "Holds everybody against segments: new rules, new days, after the night."
    ),
    Periodic(JobName.DRAIN_EVENTS, "* * * * * *", "Places what browsers and servers sent: events, visitors, counts."),
    Periodic(JobName.SWEEP_HOLDS, "* * * * *", "Gives back the stock that carts held past their time."),
    Periodic(JobName.FILL_BACKORDERS, "*/5 * * * *", "Promises goods that are there to orders that wait for them."),
    Periodic(JobName.CANCEL_UNPAID, "*/10 * * * *", "Cancels orders whose bank transfer did not come in time."),
    Periodic(JobName.CHECK_MONEY, "45 19 * * *", "Compares payments and store credit with what came and went."),
    Periodic(
        JobName.ADVANCE_ORDERS,
        "*/5 * * * *",
        "Lets orders go whose wanted day has come; tells of parcels that are late.",
    ),
    Periodic(JobName.TAKE_ORDER_STEPS, "* * * * *", "Makes the refunds that cancelled and changed orders are due."),
    Periodic(JobName.REROUTE_ORDERS, "30 20 * * *", "Looks at all unreleased orders together: what saves money moves."),
    Periodic(JobName.PLAN_COUNTS, "40 20 * * *", "Plans the cycle counts of the coming working days, with even days."),
    Periodic(
        JobName.WATCH_PARCELS,
        "*/10 * * * *",
        "Looks at parcels under way: which are late, whose marketing waits, what carriers said too early.",
    ),
    Periodic(JobName.POLL_CARRIERS, "*/5 * * * *", "Asks carriers that do not call where parcels are."),
    Periodic(JobName.RECOVER_LABELS, "* * * * *", "Asks carriers what became of labels whose buyer died."),
    Periodic(
        JobName.FORGET_STRAYS,
        "35 19 * * *",
        "Deletes what carriers and providers said and nobody could use, after a month.",
    ),
    Periodic(JobName.SEND_WEBHOOKS, "* * * * * */2", "Delivers the webhooks whose moment has come."),
    Periodic(JobName.LEARN_MODELS, "*/10 * * * *", "Learns weekly from all order lines; at once where no model is."),
    Periodic(JobName.RETRY_STALLED, "* * * * *", "Takes over jobs and messages of workers that died."),
    Periodic(JobName.CHECK_LEDGER, "15 * * * *", "Compares stock levels with the ledger and raises an alarm."),
    Periodic(JobName.FORGET_EVENTS, "50 19 * * *", "Deletes events that are older than REORDER_EVENTS_KEPT_DAYS."),
    Periodic(JobName.RUN_BACKTEST, "10 20 4 * *", "Judges last month's predictions by what then happened."),
    Periodic(JobName.FORGET_WEBHOOKS, "55 19 * * *", "Deletes webhooks that are older than REORDER_WEBHOOK_KEPT_DAYS."),
    Periodic(
        JobName.FORGET_WAYS, "5 20 * * *", "Forgets ways through journeys that ended REORDER_JOURNEY_KEPT_DAYS ago."
    ),
    Periodic(JobName.FORGET_VISITS, "45 19 * * *", "Forgets links and sessions of customers that are over."),
    Periodic(JobName.EXPIRE_RETURNS, "25 20 * * *", "Gives up returns whose goods did not come within 30 days."),
    Periodic(JobName.STEP_JOURNEYS, "* * * * * */2", "Lets customers into journeys, and those in them go on."),
    Periodic(
        JobName.LOOK_FOR_FACTS,
        "* * * * *",
        "Looks for what nobody tells: carts that were left, goods that are back, new prices and products.",
    ),
    Periodic(
        JobName.KEEP_PRIVACY,
        "30 19 * * *",
        "Forgets sign-ups and old messages; erases again whom a restore brought back.",
    ),
    Periodic(JobName.FORGET_ANSWERS, "40 19 * * *", "Forgets answers of the API that are older than a week."),
)
