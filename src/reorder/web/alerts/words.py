"""What kinds of alerts, their ends and the desks that mend them are called."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND_WORDS: Final[dict[str, Promise]] = {
    "runs_out": _("Running out"),
    "below_safety_stock": _("Below safety stock"),
    "late_order": _("Late order"),
    "unconfirmed_order": _("Unconfirmed order"),
    "expiring": _("Expiring"),
    "dead_stock": _("Dead stock"),
    "excess": _("Excess"),
    "forecast_drift": _("Forecast drift"),
    "bad_data": _("Bad data"),
    "late_parcels": _("Late parcels"),
    "privacy_requests": _("Requests about personal data"),
    "unwelcome_marketing": _("Unwelcome marketing"),
}
# What must have come true for an alert to resolve.
ENDED_WORDS: Final[dict[str, Promise]] = {
    "runs_out": _("Stock now lasts until the next receipt, or is no longer wanted."),
    "below_safety_stock": _("Free stock is back above the safety stock, or no longer wanted."),
    "late_order": _("The order came, got a new day, or was cancelled."),
    "unconfirmed_order": _("The supplier confirmed it, or it came, is late or was cancelled."),
    "expiring": _("The lot was sold or taken out, or now sells in time."),
    "dead_stock": _("It sold again, or the stock is gone."),
    "excess": _("The stock has come down, or more is sold."),
    "forecast_drift": _("Sales and plan agree again."),
    "bad_data": _("The data is in order again."),
    "late_parcels": _(
        "Every parcel that should have left has left, got a new day, or was cancelled; those on their way have come."
    ),
    "privacy_requests": _("Every request was answered in time again."),
    "unwelcome_marketing": _("Too few refuse or complain to be sure of it, or nobody was written to for some weeks."),
}
STAKE_WORDS: Final[dict[str, Promise]] = {
    "runs_out": _("Margin of the units that are expected to be wanted and not there."),
    "below_safety_stock": _("Margin of the units that are expected to be wanted and not there."),
    "late_order": _("Cost of what has not come yet."),
    "unconfirmed_order": _("Cost of what has not come yet."),
    "expiring": _("Cost of the units that will not be sold in time."),
    "dead_stock": _("Cost of the units in stock."),
    "excess": _("Cost of the units that are too many."),
    "forecast_drift": _("Sold more than planned: margin of the difference. Sold less: cost of the difference."),
    "bad_data": _("Not known."),
    "late_parcels": _("Not known."),
    "privacy_requests": _("Not known."),
    "unwelcome_marketing": _("Not known."),
}
DESK_WORDS: Final[dict[str, Promise]] = {
    "proposal": _("Decide the proposal"),
    "order": _("Open the order"),
    "product": _("Open the product"),
    "demand": _("Open the demand plan"),
    "health": _("Open the health page"),
    "late": _("Open the orders that are late"),
    "trouble": _("Open the parcels that are late"),
    "privacy": _("Answer the requests"),
    "results": _("Open its results"),
    "webhooks": _("Open the webhooks"),
    "runs": _("Open the runs"),
}
