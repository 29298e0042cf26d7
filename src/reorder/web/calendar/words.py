"""What kinds of entries, signals and learned effects are called, and effects in a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.domain.planning.effects import EffectRow
from reorder.insights.shop_calendar import FEWEST_HAPPENINGS

ENTRY_WORDS: Mapping[str, Promise] = {
    "promotion": gettext_lazy("Promotion"),
    "event": gettext_lazy("Event"),
    "holiday": gettext_lazy("Holiday"),
    "closed": gettext_lazy("Closed"),
}
SIGNAL_WORDS: Mapping[str, Promise] = {
    "price": gettext_lazy("Price"),
    "promotion": gettext_lazy("Promotion"),
    "competitor_price": gettext_lazy("Competitor's price"),
    "event": gettext_lazy("Event"),
    "holiday": gettext_lazy("Holiday"),
    "weather": gettext_lazy("Weather"),
    "open": gettext_lazy("Open or closed"),
}
_DAYS: Mapping[str, Promise] = {
    "holiday": gettext_lazy("Public holiday"),
    "day before a holiday": gettext_lazy("Day before a holiday"),
    "make-up working day": gettext_lazy("Make-up working day"),
    "festival 6/18": gettext_lazy("Shopping festival 6/18"),
    "festival 11/11": gettext_lazy("Shopping festival 11/11"),
    "festival 12/12": gettext_lazy("Shopping festival 12/12"),
}
_LUNAR = re.compile(r"lunar new year ([+-]\d+)")


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One learned effect as a person reads it; `said` is empty while nothing can be said."""

    name: str
    said: str
    evidence: str
    is_sure: bool


def percent(share: float) -> str:
    """+38 %, −4 %; the sign always stands there."""
    number = round(share * 100)
    return f"{'+' if number > 0 else '−' if number < 0 else '±'}{abs(number)} %"


def effect_line(effect: EffectRow) -> EffectLine:
    """“Mid-autumn: +38 % (+21 … +57 %), from 2 happenings”."""
    is_sure = effect.occurrences_count >= FEWEST_HAPPENINGS
    return EffectLine(
        name=effect_name(effect), said=effect_said(effect), evidence=effect_evidence(effect), is_sure=is_sure
    )


def effect_said(effect: EffectRow) -> str:
    """The effect with its 80 % interval."""
    low, high = percent(effect.low_share), percent(effect.high_share)
    return _("{effect} ({low} … {high})").format(
        effect=percent(effect.effect_share), low=low.removesuffix(" %"), high=high
    )


def effect_evidence(effect: EffectRow) -> str:
    """What it rests on; below two happenings, that it is no more than a guess."""
    count = effect.occurrences_count
    if count == 0:
        return _("not enough data yet: it has not happened since sales are known")
    if count < FEWEST_HAPPENINGS:
        return _("not enough data yet: one happening, drawn towards nothing")
    if effect.low_share < 0 < effect.high_share:
        said = ngettext("from {count} happening; may be chance", "from {count} happenings; may be chance", count)
    else:
        said = ngettext("from {count} happening", "from {count} happenings", count)
    return said.format(count=count)


def effect_name(effect: EffectRow) -> str:
    """What moved demand, as people call it."""
    value = effect.value
    if effect.name == "on_promotion":
        return _("Any promotion")
    if effect.name == "holiday":
        return _day_name(value)
    if effect.name == "price":
        return _("Price a tenth lower")
    if effect.name == "competitor_price":
        return _("Competitor's price a tenth lower")
    if effect.name == "discount_percent":
        return _("Discount deeper by {points} points").format(points=value.removeprefix("+"))
    if effect.name.startswith("weather "):
        return _("{measure} higher by {amount}").format(
            measure=effect.name.removeprefix("weather "), amount=value.removeprefix("+")
        )
    return value or effect.name


def _day_name(value: str) -> str:
    lunar = _LUNAR.fullmatch(value)
    if lunar is None:
        return str(_DAYS.get(value, value))
    days = int(lunar[1])
    if days < 0:
        return _("{days} days before the lunar new year").format(days=-days)
    return _("Day {day} of the lunar new year").format(day=days + 1)
