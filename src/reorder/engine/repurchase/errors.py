"""What can be wrong with the input of `repurchase`, each as an error with a code that a person can act on."""

from reorder.kernel.errors import BadInput, ReorderError


class OrdersAfterDate(BadInput):
    """Some order lines lie after the day from which the future is predicted."""

    code = "repurchase.orders_after_date"
    template = "{lines_count} order lines lie after {as_of}; the latest is on {latest_date}"


class DateBeforeModel(BadInput):
    """A model cannot forget: it answers only for its own day and later."""

    code = "repurchase.date_before_model"
    template = "the model was fitted as of {model_date} and cannot answer for the earlier day {as_of}"


class BadHorizon(BadInput):
    """A horizon is not a positive number of days."""

    code = "repurchase.bad_horizon"
    template = "a horizon must be at least one day, got {days}"


class BadStatistics(BadInput):
    """The frames of statistics contradict each other."""

    code = "repurchase.bad_statistics"
    template = "a pair names {column} {value}, which has no row of its own in the statistics"


class NoHistory(BadInput):
    """A model made from statistics alone was asked to take in order lines."""

    code = "repurchase.no_history"
    template = "this model was made from counted statistics; count them again instead of adding order lines"


class ModelFileRefused(ReorderError):
    """A saved model is of another version, damaged, or no model at all."""

    code = "repurchase.model_file_refused"
    template = "{path} is not a repurchase model of version {version}: {reason}"


class BadCells(BadInput):
    """The cells of a customer-base model contradict each other."""

    code = "repurchase.bad_cells"
    template = "customer cells: {reason}"


class BadCuts(BadInput):
    """The shares at which recency, frequency and money are cut into scores make no scores."""

    code = "repurchase.bad_cuts"
    template = "cuts {cuts} of scores: {reason}"


class BadCustomers(BadInput):
    """The counted facts of a customer contradict each other."""

    code = "repurchase.bad_customers"
    template = "customers, row {row} ({customer_id}): {reason}"
