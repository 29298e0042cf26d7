"""What a product's page says first: the sentence that its stock, its plan and what is on the way come down to."""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from reorder.insights.product_page import ProductFacts
from reorder.insights.run_outs import PlaceOutlook
from reorder.kernel.formatting import format_day, format_short_day, format_units


def say_finding(
    *, product: ProductFacts, outlooks: Sequence[PlaceOutlook], plan_until: dt.date | None, language: str, sold: float
) -> str:
    """One sentence for the title of the chart; `sold` are the units of the last 28 days, `plan_until` its last day."""
    if not product.is_planned_alone:
        return _("{product} sold {units} in 28 days; it is planned as a part of {category}").format(
            product=product.name, units=format_units(sold), category=product.category_name
        )
    if plan_until is None:
        return _("{product} sold {units} in 28 days; nothing is planned yet").format(
            product=product.name, units=format_units(sold)
        )
    if not outlooks:
        return _("How long {product} lasts is unknown: no place has a stock count").format(product=product.name)
    wanted = [outlook for outlook in outlooks if outlook.run_out is not None]
    if not wanted:
        return _("Nobody is expected to buy {product} by {day}").format(
            product=product.name, day=format_short_day(plan_until, language=language)
        )
    return _say_first(
        product=product, first=wanted[0], is_alone=len(outlooks) == 1, plan_until=plan_until, language=language
    )


def _say_first(
    *, product: ProductFacts, first: PlaceOutlook, is_alone: bool, plan_until: dt.date, language: str
) -> str:
    given = {"product": product.name, "place": first.spot.place_name}
    if first.is_out:
        if first.next_receipt is not None:
            expected = format_short_day(first.next_receipt.date, language=language)
            units = format_units(first.next_receipt.units)
            return _("{product} is out of stock in {place}; {units} are expected on {day}").format(
                **given, day=expected, units=units
            )
        return _("{product} is out of stock in {place}, and none is on order").format(**given)
    day = first.run_out.expected_date if first.run_out else None
    if day is None:
        return _("{product} lasts for more than a year").format(**given)
    if day > plan_until:
        return _("{product} lasts until about {day}, longer than the plan").format(
            **given, day=format_day(day, language=language)
        )
    said = format_short_day(day, language=language)
    if is_alone:
        return _("{product} will run out on {day}").format(**given, day=said)
    return _("{product} will run out in {place} on {day}").format(**given, day=said)
