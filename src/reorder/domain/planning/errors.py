"""What can be wrong with planning requests."""

from reorder.kernel.errors import BadInput, NotFound, ReorderError


class NoRun(NotFound):
    code = "planning.no_run"
    template = "No {kind} run has succeeded yet. Run: reorder plan"


class RunFailed(ReorderError):
    code = "planning.run_failed"
    template = (
        "Run {run_id} stopped at step “{step}”: {cause}. Mend the cause and run it again; finished steps are kept."
    )


class UnknownRun(NotFound):
    code = "planning.unknown_run"
    template = "There is no run {run_id}."


class BadAdjustment(BadInput):
    code = "planning.bad_adjustment"
    template = "This adjustment cannot be made: {reason}."


class NotPlanned(NotFound):
    code = "planning.not_planned"
    template = "There is no demand plan for {subject} there."


class UnknownAdjustment(NotFound):
    code = "planning.unknown_adjustment"
    template = "There is no such adjustment, or it was withdrawn already."


class BadStockRule(BadInput):
    code = "planning.bad_stock_rule"
    template = "This stock rule cannot be set: {reason}."


class BadServicePolicyChoice(BadInput):
    code = "planning.bad_service_policy"
    template = "This service policy cannot be chosen: {reason}."


class UnknownStockRule(NotFound):
    code = "planning.unknown_stock_rule"
    template = "There is no stock rule for {subject} there, or it was taken back already."


class BadCommitment(BadInput):
    code = "planning.bad_commitment"
    template = "This commitment cannot be taken ({subject}): {reason}."


class UnknownCommitment(NotFound):
    code = "planning.unknown_commitment"
    template = "There is no commitment of kind {kind} called {key}."


class BadRegion(BadInput):
    code = "planning.bad_region"
    template = "This region cannot be set: {reason}."


class BadSignal(BadInput):
    code = "planning.bad_signal"
    template = "This signal cannot be taken: {reason}."


class TooManySignals(BadInput):
    code = "planning.too_many_signals"
    template = "{count} signals are more than the {limit} that a batch may hold."


class BadEntry(BadInput):
    code = "planning.bad_entry"
    template = "This cannot stand in the calendar: {reason}."


class UnknownEntry(NotFound):
    code = "planning.unknown_entry"
    template = "There is no such entry in the calendar, or it was changed or taken back meanwhile."


class BadMethods(BadInput):
    code = "planning.bad_methods"
    template = "These methods cannot be used: {reason}."


class UnknownMethods(NotFound):
    code = "planning.unknown_methods"
    template = "Nobody has chosen methods for {subject} there, or it was taken back already."


class UnknownAlert(NotFound):
    code = "planning.unknown_alert"
    template = "There is no open alert {alert_id}."


class BadSnooze(BadInput):
    code = "planning.bad_snooze"
    template = "This cannot be put off: {reason}."


class BadSubscription(BadInput):
    code = "planning.bad_subscription"
    template = "Alerts cannot be sent like that: {reason}."


# Reasons that errors carry; a surface translates them.
REASON_TEMPLATES = (
    "unknown kind; one of price, promotion, competitor_price, event, holiday, weather, open",
    "a price belongs to one product: give its SKU",
    "give a product or a category, not both",
    "there is no such product",
    "there is no such category",
    "there is no such place",
    "a price is a number of zero or more",
    "a discount is a share between 0 and 1: write 0.2 for 20 %",
    "say what the event, holiday or measure is called",
    "give a number or a text",
    "open or closed is 1 or 0",
    "the number is not finite or too large",
    "the day lies before 1990 or more than three years ahead",
    "it cannot be known only in the future",
    "the moment needs a time zone",
    "at this moment another value is known already; a correction needs a later moment",
    "a text is longer than 200 characters",
    "unknown kind; one of promotion, event, holiday, closed",
    "give it a name",
    "it lasts longer than a year",
    "give a price or a discount, not both",
    "only a promotion has a price or a discount",
    "a price in the calendar belongs to one product",
    "an expected effect lies between -100 % and +10,000 %",
    "say in the note why you expect another effect",
    "choose at least one method",
    "choose at most three methods",
    "say why in the note",
    "nothing is forecast for it there",
    "somebody else chose at the same moment; look again",
    "prophet is not installed here; to add it: pip install 'reorder[prophet]'",
    "there is no such kind of commitment",
    "give it a key of at most 200 characters",
    "say which product",
    "a deviation is zero or more",
    "the day lies too far back to matter",
    "the same product, place and day stands there twice",
    "there is no such product",
    "there is no such place",
    "you may not plan for this place",
    "name a place: there are several",
    "a country is two letters, such as TW",
    "a postcode has at most 16 characters",
    "there is no such open place",
    "give units other than zero",
    "the last day lies before the first",
    "the first day is over already",
    "it reaches further than a year ahead",
    "say why in a few words",
    "the number is larger than any demand can be",
    "say for which product and place",
    "units must not be negative",
    "the number is larger than any stock can be",
    "the least is more than the most",
    "a service level lies above 0 and below 100 %",
    "there is no such method",
    "lay down at least one thing",
    "there is no such kind",
    "review days lie from 1 to 90",
    "keeping costs from 0 to 500 % a year",
    "an order cannot cost less than nothing",
    "the moment is over already",
    "choose a day after today",
    "an hour lies between 0 and 23",
    "a LINE user id is a U and 32 letters and digits",
    "give your LINE user id",
    "choose at least one way",
    "your account has no e-mail address",
)
