"""What can be wrong with a request for a forecast, as values with a code."""

from reorder.kernel.errors import BadInput, ReorderError


class MethodUnavailable(ReorderError):
    """A known method whose library is not installed here; `install` is the command that brings it."""

    code = "demand.method_unavailable"
    template = "The method {method} is not available here. To add it: {install}"


class UnknownMethod(BadInput):
    """A name that no method of the pool has."""

    code = "demand.unknown_method"
    template = "There is no forecasting method {method!r}. Known: {known}"


class BadRequest(BadInput):
    """A horizon, quantile or review period outside its range."""

    code = "demand.bad_request"
    template = "{argument} = {value} cannot be used: {reason}"
