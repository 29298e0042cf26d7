"""What cannot be compared or planned as it was asked for."""

from reorder.kernel.errors import BadInput


class BadComparison(BadInput):
    """A number that a comparison, its plan or its limit rests on makes no sense."""

    code = "effects.bad_comparison"
    template = "{name} must be {wanted}, got {value}"
