"""What comes next with an order, in one sentence, and the one primary action."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.insights.order_page import OrderPage, PartRow
from reorder.kernel.formatting import format_money
from reorder.web.orders import words
from reorder.web.templatetags.reorder import day


@dataclass(frozen=True, slots=True)
class Step:
    """The sentence, and the action: a form to `post_url`, or a part of the page (`anchor`) that has it."""

    sentence: str
    label: str = ""
    post_url: str = ""
    anchor: str = ""


def next_step(*, page: OrderPage, may_manage: bool, may_fulfil: bool) -> Step:
    """What to do now; the action is left out for those who may not do it."""
    facts = page.facts
    if not facts.is_ours:
        return Step(_("Another system fulfils this order; it is kept here as history."))
    match facts.state:
        case "cancelled" if facts.merged_into_id:
            return Step(_("It became part of order {number}.").format(number=facts.merged_into_number))
        case "cancelled":
            return Step(_("It was cancelled; nothing more happens."))
        case "delivered" if any(not one.answer for one in page.returns):
            step = Step(_("The customer wants to send goods back and waits for an answer."), _("Answer"), "", "returns")
            return step if may_manage else Step(step.sentence)
        case "delivered" if any(one.answer == "accepted" for one in page.returns):
            return Step(_("The customer may send goods back; they and the money are booked when they have come."))
        case "delivered":
            return Step(_("It was delivered; nothing more happens."))
        case "placed" | "allocated":
            step = _before_release(page)
            return step if may_manage else Step(step.sentence)
    step = _at_place(page)
    return step if may_fulfil else Step(step.sentence)


def _before_release(page: OrderPage) -> Step:
    facts, holds = page.facts, set(page.facts.hold_reasons)
    if "address" in holds:
        return Step(
            _("The address must be corrected before it can be released."), _("Correct the address"), "", "address"
        )
    for reason in ("fraud", "duplicate", "manual"):
        if reason in holds:
            url = reverse("orders:unhold", args=[facts.id])
            said = _("Held: {reason}. Look at it, then let it go or cancel it.")
            return Step(said.format(reason=words.hold_words(reason)), _("Let it go"), url)
    if "awaiting_payment" in holds:
        due = format_money(facts.due_minor, currency=facts.currency)
        return Step(_("It waits for a payment of {money}.").format(money=due), _("Record the payment"), "", "payment")
    if facts.state == "placed" or "out_of_stock" in holds:
        dates = [one["promised_date"] for line in page.lines for one in line.waiting if one.get("promised_date")]
        said = (
            _("It waits for goods, promised for {day}.").format(day=day(_date(max(dates))))
            if dates
            else _("It waits for goods that are not there yet; it goes on by itself when they come in.")
        )
        return Step(said, _("See what is missing"), "", "lines")
    if "requested_date" in holds and facts.not_before_date:
        return Step(_("The customer wants it no earlier than {day}.").format(day=day(facts.not_before_date)))
    return Step(
        _("Everything is kept for it. Release it, and the warehouse picks it."),
        _("Release"),
        reverse("orders:release", args=[facts.id]),
    )


def _at_place(page: OrderPage) -> Step:
    part = _least_advanced(page.live_parts)
    if part is None:
        return Step("")
    place = part.place_code
    match part.state:
        case "released":
            return Step(
                _("{place} picks it now.").format(place=place),
                _("Record as picked"),
                reverse("orders:pick", args=[part.id]),
            )
        case "picked":
            return Step(
                _("Picked at {place}; it is to be packed.").format(place=place),
                _("Record as packed"),
                reverse("orders:pack", args=[part.id]),
            )
        case "packed":
            return Step(
                _("Packed at {place}; hand it to the carrier.").format(place=place),
                _("Record as shipped"),
                "",
                f"part-{part.id}",
            )
        case "shipped":
            return Step(
                _("It is on its way from {place}.").format(place=place),
                _("Record as delivered"),
                reverse("orders:deliver", args=[part.id]),
            )
        case "waiting":
            return Step(_("A part of it waits for goods at {place}.").format(place=place))
    return Step("")


def _least_advanced(parts: list[PartRow]) -> PartRow | None:
    """The part to work on next: what is at the warehouse comes before what waits."""
    order = ("released", "picked", "packed", "shipped", "allocated", "waiting")
    ranked = [part for part in parts if part.state in order]
    return min(ranked, key=lambda part: order.index(part.state), default=None)


def _date(text: object) -> dt.date:
    return dt.date.fromisoformat(str(text))
