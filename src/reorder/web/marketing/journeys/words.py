"""Journeys in the reader's words: facts, steps, settings, and what happened."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.domain.marketing.journeys.worth import ExtraOrders
from reorder.domain.marketing.rules import TOLD_BY_OTHERS
from reorder.domain.marketing.segment_rules import judge_rules
from reorder.kernel import formatting
from reorder.web.marketing.segments.sentences import lines_of
from reorder.web.templatetags.reorder import in_a_row, listed, moment

Words = Mapping[str, str | Promise]
_MOST_SAID: Final = 2

FACT_WORDS: Final[Words] = {
    "due": gettext_lazy("goods come due"),
    "viewed": gettext_lazy("looked at a product"),
    "carted": gettext_lazy("put something into the cart"),
    "cart_left": gettext_lazy("left a cart"),
    "searched": gettext_lazy("searched"),
    "found_nothing": gettext_lazy("searched and found nothing"),
    "checkout_begun": gettext_lazy("began a checkout"),
    "liked": gettext_lazy("liked a product"),
    "ordered": gettext_lazy("placed an order"),
    "first_order": gettext_lazy("ordered for the first time"),
    "order_cancelled": gettext_lazy("an order was cancelled"),
    "shipped": gettext_lazy("the order left"),
    "delivered": gettext_lazy("the order was delivered"),
    "parcel_late": gettext_lazy("a parcel is late"),
    "return_settled": gettext_lazy("a return was settled"),
    "back_in_stock": gettext_lazy("a product is back in stock"),
    "price_dropped": gettext_lazy("a product became cheaper"),
    "new_arrival": gettext_lazy("a new product of a kind they like"),
    "entered_segment": gettext_lazy("came into a segment"),
    "left_segment": gettext_lazy("left a segment"),
    "churning": gettext_lazy("has probably left"),
    "birthday": gettext_lazy("birthday"),
    "anniversary": gettext_lazy("anniversary of the first order"),
    "tier_changed": gettext_lazy("another member tier"),
    "points_expiring": gettext_lazy("points expire"),
    "trial_started": gettext_lazy("got something to try"),
    "trial_ending": gettext_lazy("the trial ends"),
    "subscription_suited": gettext_lazy("buys steadily"),
    "consented": gettext_lazy("agreed to messages"),
    "joined": gettext_lazy("joined"),
    "clicked": gettext_lazy("followed a link in a message"),
}
_BY_OTHERS: Final = gettext_lazy("another system tells of it")
# As forms offer them: nothing here says that a tier changed, so whoever waits for it must know who does.
FACT_CHOICES: Final[Sequence[tuple[str, str | Promise]]] = [
    (kind, format_lazy("{} ({})", said, _BY_OTHERS) if kind in TOLD_BY_OTHERS else said)
    for kind, said in FACT_WORDS.items()
]
KIND_WORDS: Final[Words] = {
    "message": gettext_lazy("Message"),
    "wait": gettext_lazy("Wait"),
    "until": gettext_lazy("Wait for an hour"),
    "listen": gettext_lazy("Wait for something to happen"),
    "condition": gettext_lazy("Condition"),
    "split": gettext_lazy("Random split"),
    "tag": gettext_lazy("Tag"),
    "segment": gettext_lazy("List"),
    "webhook": gettext_lazy("Tell another system"),
    "task": gettext_lazy("Task for a person"),
    "exit": gettext_lazy("End here"),
}
KIND_ICONS: Final[Mapping[str, str]] = {
    "message": "mail",
    "wait": "clock",
    "until": "calendar-clock",
    "listen": "ear",
    "condition": "split",
    "split": "shuffle",
    "tag": "tag",
    "segment": "list",
    "webhook": "webhook",
    "task": "user-check",
    "exit": "log-out",
}
ABOUT_WORDS: Final[Words] = {
    "anything": gettext_lazy("whatever it is about"),
    "goods": gettext_lazy("about the same goods"),
    "subject": gettext_lazy("about the very same order, cart or product"),
}
AGAIN_WORDS: Final[Words] = {
    "each": gettext_lazy("every time, once for each order, cart or product"),
    "after": gettext_lazy("again, when some days have passed"),
    "once": gettext_lazy("only once"),
}
PORT_WORDS: Final[Words] = {
    "yes": gettext_lazy("Yes"),
    "no": gettext_lazy("No"),
    "next": gettext_lazy("It happened"),
    "otherwise": gettext_lazy("It did not"),
}
CHANNEL_WORDS: Final[Words] = {
    "email": gettext_lazy("E-mail"),
    "line": "LINE",
    "web_push": gettext_lazy("Browser push"),
    "app_push": gettext_lazy("App push"),
    "sms": "SMS",
    "chat": gettext_lazy("Chat"),
    "webhook": gettext_lazy("Webhook"),
}
STOCK_WORDS: Final[Words] = {
    "hold": gettext_lazy("wait until they come"),
    "substitute": gettext_lazy("put others in their place"),
    "drop": gettext_lazy("leave them out"),
    "ignore": gettext_lazy("write all the same"),
}
PURPOSE_WORDS: Final[Words] = {
    "marketing": gettext_lazy("marketing: only with consent, within all limits"),
    "transactional": gettext_lazy("about an order of theirs: always"),
}
TEST_WORDS: Final[Words] = {
    "bought": gettext_lazy("has bought since coming in"),
    "segment": gettext_lazy("is in a segment"),
    "fact": gettext_lazy("something happened since coming in"),
    "detail": gettext_lazy("a number of what they came in with"),
    "rule": gettext_lazy("a rule of its own"),
}
STATE_WORDS: Final[Words] = {
    "draft": gettext_lazy("never on"),
    "live": gettext_lazy("on"),
    "paused": gettext_lazy("paused"),
    "off": gettext_lazy("off"),
}
WAY_WORDS: Final[Words] = {
    "active": gettext_lazy("on the way"),
    "held": gettext_lazy("held: the journey is paused"),
    "done": gettext_lazy("to the end"),
    "left": gettext_lazy("left before the end"),
    "failed": gettext_lazy("failed"),
}
END_WORDS: Final[Words] = {
    "finished": gettext_lazy("came to the end"),
    "exit_step": gettext_lazy("came to a step that ends it"),
    "fact": gettext_lazy("something happened that ends it"),
    "audience": gettext_lazy("is no longer whom it is for"),
    "person": gettext_lazy("was taken out by a person"),
    "switched_off": gettext_lazy("the journey was switched off"),
    "too_many_steps": gettext_lazy("went in a circle for too long"),
    "fault": gettext_lazy("a step failed again and again"),
    "merged": gettext_lazy("the record was merged into another one"),
}
EVENT_WORDS: Final[Words] = {
    "entered": gettext_lazy("came in"),
    "waiting": gettext_lazy("waits"),
    "went_on": gettext_lazy("went on"),
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "branch": gettext_lazy("drew a branch"),
    "planned": gettext_lazy("message planned"),
    "held_out": gettext_lazy("in the holdout: no message"),
    "rescheduled": gettext_lazy("message put off"),
    "held_for_stock": gettext_lazy("message waits for goods"),
    "suppressed": gettext_lazy("no message"),
    "tagged": gettext_lazy("tagged"),
    "listed": gettext_lazy("list changed"),
    "told": gettext_lazy("other systems told"),
    "asked": gettext_lazy("task given"),
    "done": gettext_lazy("came to the end"),
    "left": gettext_lazy("left"),
    "failed": gettext_lazy("failed"),
    "fault": gettext_lazy("a step failed and will be tried again"),
    "moved": gettext_lazy("moved to a newer version"),
}
PART_WORDS: Final[Words] = {
    "trigger": gettext_lazy("Who comes in"),
    "exits": gettext_lazy("What ends it"),
    "settings": gettext_lazy("Settings"),
}
WEEKDAYS: Final = tuple((str(number), dt.date(2024, 1, number)) for number in range(1, 8))


def name_of(*, name: str, code: str, made_name: str) -> str:
    """What a journey is called: as people named it, as it came, else by its code."""
    return name or (_(made_name) if made_name else "") or code


def facts_said(facts: Sequence[str]) -> str:
    """Kinds of facts in a row."""
    return listed(FACT_WORDS.get(kind, kind) for kind in facts)


def span_said(options: Mapping[str, Any]) -> str:
    """A span of days, hours and minutes."""
    days, hours, minutes = (int(options.get(name) or 0) for name in ("days", "hours", "minutes"))
    parts = []
    if days:
        parts.append(ngettext("{count} day", "{count} days", days).format(count=days))
    if hours:
        parts.append(ngettext("{count} hour", "{count} hours", hours).format(count=hours))
    if minutes:
        parts.append(ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes))
    return " ".join(parts) or "–"


def weekday_name(number: int) -> str:
    """Monday is 1."""
    return date_format(dt.date(2024, 1, number), "l")


def say_step(step: Mapping[str, Any]) -> str:
    """What a step does, in one line."""
    say = _SAID.get(str(step.get("kind")))
    return say(step) if say else ""


def say_event(code: str, details: Mapping[str, Any]) -> str:
    """Something that happened on the way."""
    said = str(EVENT_WORDS.get(code, code))
    if code in {"done", "left", "failed"}:
        said = str(END_WORDS.get(str(details.get("code", "")), said))
    more = []
    if details.get("fact"):
        more.append(str(FACT_WORDS.get(details["fact"], details["fact"])))
    if details.get("subject"):
        more.append(str(details["subject"]))
    if details.get("until"):
        more.append(_("until {moment}").format(moment=moment(dt.datetime.fromisoformat(details["until"]))))
    if details.get("channel"):
        more.append(str(CHANNEL_WORDS.get(details["channel"], details["channel"])))
    if details.get("error"):
        more.append(str(details["error"]))
    return f"{said} ({', '.join(more)})" if more else said


def _say_until(step: Mapping[str, Any]) -> str:
    hour = f"{int(step.get('hour') or 0):02d}:00"
    days = [weekday_name(number) for number in step.get("weekdays", ())]
    if not days:
        return _("the next {hour}").format(hour=hour)
    return _("the next {days}, {hour}").format(days=listed(days), hour=hour)


def _say_condition(step: Mapping[str, Any]) -> str:
    match step.get("test"):
        case "segment":
            return _("in the segment {segment}?").format(segment=step.get("segment") or "–")
        case "fact":
            return _("since coming in: {facts}?").format(facts=facts_said(step.get("facts", ())))
        case "detail":
            return _("{detail} at least {number}?").format(
                detail=step.get("detail") or "–", number=step.get("at_least", "–")
            )
        case "rule":
            return _say_rule(step.get("rules"))
    if step.get("about") == "goods":
        return _("has bought the goods since coming in?")
    return _("has bought since coming in?")


def _say_rule(rules: object) -> str:
    """The first conditions of a rule; how they come together is for the form."""
    judged = judge_rules(rules=rules)
    if judged.faults:
        return _("a rule applies?")
    said = [line.text for line in lines_of(root=judged.root) if not line.is_group]
    return f"{'; '.join([*said[:_MOST_SAID], *(['…'] if len(said) > _MOST_SAID else [])])}?"


def _say_message(step: Mapping[str, Any]) -> str:
    parts = [str(step.get("template") or _("no template yet"))]
    if step.get("channels"):
        parts.append(" → ".join(str(CHANNEL_WORDS.get(one, one)) for one in step["channels"]))
    if step.get("offers"):
        parts.append(_("offer: {offers}").format(offers=" → ".join(step["offers"])))
    return " · ".join(parts)


def _say_listen(step: Mapping[str, Any]) -> str:
    return _("until the customer: {facts}; at most {span}").format(
        facts=facts_said(step.get("facts", ())), span=span_said(step)
    )


def _say_split(step: Mapping[str, Any]) -> str:
    return " : ".join(str(one.get("weight", "?")) for one in step.get("branches", ()))


def _say_tag(step: Mapping[str, Any]) -> str:
    signs = [f"+ {one}" for one in step.get("add", ())] + [f"− {one}" for one in step.get("remove", ())]
    return ", ".join(signs) or "–"


def _say_list(step: Mapping[str, Any]) -> str:
    return f"{'+' if step.get('action') == 'add' else '−'} {step.get('segment') or '–'}"


_SAID: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "wait": span_said,
    "until": _say_until,
    "listen": _say_listen,
    "condition": _say_condition,
    "split": _say_split,
    "message": _say_message,
    "tag": _say_tag,
    "segment": _say_list,
    "webhook": lambda step: str(step.get("name") or "–"),
    "task": lambda step: str(step.get("text") or "–"),
}


def say_settings(settings: Mapping[str, Any]) -> str:
    """Settings in one line."""
    parts = [" → ".join(str(CHANNEL_WORDS.get(one, one)) for one in settings.get("channels", ()))]
    if settings.get("offers"):
        parts.append(_("offer: {offers}").format(offers=" → ".join(settings["offers"])))
    if settings.get("offset_days"):
        parts.append(_("{days} days").format(days=f"{settings['offset_days']:+d}"))
    if settings.get("categories"):
        count = len(settings["categories"])
        parts.append(
            ngettext("{count} product type of its own", "{count} product types of their own", count).format(count=count)
        )
    return " · ".join(part for part in parts if part) or "–"


def say_own_worth(*, minor: int) -> str:
    """What a message is worth by its own definition."""
    amount = formatting.format_money(minor, currency=settings.REORDER.currency)
    return in_a_row(_("Counts as worth {amount}, as its definition says.").format(amount=amount), _what_for())


def say_worth(*, orders: ExtraOrders, is_valued_by_night: bool) -> str:
    """What a message is taken to be worth, and what that decides."""
    if is_valued_by_night:
        return in_a_row(_("Counts as worth what the night expects the reminder to earn."), _what_for())
    if orders.is_measured:
        said = _("Counts as worth {count} more orders in 100 messages, as measured, times what an order leaves.")
    else:
        said = _("Counts as worth {count} more orders in 100 messages, as is usual, times what an order leaves.")
    return in_a_row(said.format(count=formatting.format_units(round(orders.share * 100, 1))), _what_for())


def _what_for() -> str:
    return _("Where a customer may get only some messages, those that are worth more go first.")
