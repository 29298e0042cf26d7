"""What is wrong with one field, in words of ours: Pydantic's speak English only, and some repeat the value."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# By Pydantic's error types; {…} are limits, never values. Sorted.
_SENTENCES: Final[Mapping[str, Any]] = {
    "bool_parsing": gettext_lazy("Write true or false."),
    "bool_type": gettext_lazy("Write true or false."),
    "date_from_datetime_inexact": gettext_lazy("Write a date like 2026-11-23."),
    "date_from_datetime_parsing": gettext_lazy("Write a date like 2026-11-23."),
    "date_parsing": gettext_lazy("Write a date like 2026-11-23."),
    "date_type": gettext_lazy("Write a date like 2026-11-23."),
    "datetime_from_date_parsing": gettext_lazy("Write a moment with its offset, like 2026-11-23T09:30:00+08:00."),
    "datetime_parsing": gettext_lazy("Write a moment with its offset, like 2026-11-23T09:30:00+08:00."),
    "datetime_type": gettext_lazy("Write a moment with its offset, like 2026-11-23T09:30:00+08:00."),
    "decimal_max_digits": gettext_lazy("This number has too many digits."),
    "decimal_max_places": gettext_lazy("At most {decimal_places} decimals."),
    "decimal_parsing": gettext_lazy("This is not a number."),
    "decimal_type": gettext_lazy("This is not a number."),
    "decimal_whole_digits": gettext_lazy("This number is too large."),
    "dict_type": gettext_lazy("An object is expected here."),
    "extra_forbidden": gettext_lazy("There is no such field; look for a slip of the pen."),
    "finite_number": gettext_lazy("This is not a number."),
    "float_parsing": gettext_lazy("This is not a number."),
    "float_type": gettext_lazy("This is not a number."),
    "greater_than": gettext_lazy("More than {gt} is expected."),
    "greater_than_equal": gettext_lazy("{ge} or more is expected."),
    "int_from_float": gettext_lazy("A whole number is expected."),
    "int_parsing": gettext_lazy("A whole number is expected."),
    "int_parsing_size": gettext_lazy("This number is too large."),
    "int_type": gettext_lazy("A whole number is expected."),
    "less_than_equal": gettext_lazy("At most {le} is expected."),
    "list_type": gettext_lazy("A list is expected here."),
    "literal_error": gettext_lazy("One of these is expected: {expected}."),
    "missing": gettext_lazy("This must be given."),
    "model_attributes_type": gettext_lazy("An object is expected here."),
    "model_type": gettext_lazy("An object is expected here."),
    "string_pattern_mismatch": gettext_lazy("This text has characters, or a form, that cannot be taken here."),
    "string_too_long": gettext_lazy("Longer than {max_length} characters."),
    "string_too_short": gettext_lazy("At least {min_length} characters are expected."),
    "string_type": gettext_lazy("A text is expected here."),
    "string_unicode": gettext_lazy("This text has characters, or a form, that cannot be taken here."),
    "timezone_aware": gettext_lazy("Write a moment with its offset, like 2026-11-23T09:30:00+08:00."),
    "too_long": gettext_lazy("At most {max_length} entries."),
    "too_short": gettext_lazy("At least {min_length} entries are expected."),
}
# Raised by validators of ours: code → sentence.
OWN_FAULTS: Final[Mapping[str, Any]] = {
    "amount_too_fine": gettext_lazy("Amounts in this currency have at most {digits} decimals."),
    "currency_missing": gettext_lazy("An amount needs its currency."),
    "currency_unknown": gettext_lazy("This is not a currency code (ISO 4217), such as TWD or USD."),
    "discount_above_line": gettext_lazy("The discount of line {line} is more than the line comes to."),
    "discounts_differ": gettext_lazy(
        "The discount must be the sum of the lines' discounts, and no more than the goods."
    ),
    "empty_change": gettext_lazy("Give at least one fact."),
    "moment_out_of_range": gettext_lazy("A moment between 1990 and 2200 is expected."),
    "not_null": gettext_lazy("Name and currency cannot be unknown."),
    "not_before_too_late": gettext_lazy("not_before lies more than three years ahead."),
    "only_elsewhere": gettext_lazy(
        "Only an order that is fulfilled elsewhere has these: {names}. Leave them out, or say fulfilment elsewhere."
    ),
    "only_reorder": gettext_lazy(
        "Only an order that Reorder fulfils has these: {names}. Leave them out, or say fulfilment reorder."
    ),
    "price_missing": gettext_lazy(
        "Line {line} needs its unit_price; only an order that is fulfilled elsewhere goes without."
    ),
    "repeated": gettext_lazy("The same one stands here twice."),
    "sum_too_large": gettext_lazy("The lines come to more than one order can."),
    "tax_above_total": gettext_lazy("The tax that prices hold is more than the total."),
    "zero_change": gettext_lazy("A change of zero changes nothing."),
}


def explain_fault(*, fault: Mapping[str, Any]) -> str:
    """The sentence for one fault that Pydantic found."""
    limits = {name: value for name, value in (fault.get("ctx") or {}).items() if name != "error"}
    sentence: str | Callable[..., str] | None = _SENTENCES.get(fault["type"]) or OWN_FAULTS.get(fault["type"])
    if sentence is None:
        return _("This cannot be taken here.")
    return str(sentence).format(**limits)


def field_of(*, fault: Mapping[str, Any]) -> str:
    """Where it stands: body.lines.0.units, query.limit, header.Idempotency-Key.

    The name of a body's parameter in our code is nobody's business, so it is left out.
    """
    source, *rest = (str(part) for part in fault["loc"])
    if source == "body" and rest:
        rest = rest[1:]
    return ".".join([source, *rest])
