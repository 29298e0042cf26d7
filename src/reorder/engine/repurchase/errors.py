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


class EventsNotSupported(BadInput):
    """Behaviour events were given to a layer that cannot use them."""

    code = "repurchase.events_not_supported"
    template = "this layer of the repurchase model learns from orders only; {rows_count} events were given"


class ModelFileRefused(ReorderError):
    """A saved model is of another version, or no model at all."""

    code = "repurchase.model_file_refused"
    template = "{path} is not a repurchase model of version {version}: {reason}"


class BadCells(BadInput):
    """The cells of a customer-base model contradict each other."""

    code = "repurchase.bad_cells"
    template = "customer cells: {reason}"
