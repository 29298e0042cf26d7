"""What each check of a decision saw, in a few words of the person who asks."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.web.channel_names import CHANNEL_WORDS
from reorder.web.templatetags.reorder import listed, moment

Seen = Mapping[str, Any]


def say_seen(*, check: str, seen: Seen) -> str:
    """Empty where there is nothing to tell beyond the verdict."""
    say = _SAID.get(check)
    return _("; ").join(filter(None, say(seen))) if say else ""


def _channels(codes: object) -> str:
    return listed(CHANNEL_WORDS.get(one, one) for one in codes) if isinstance(codes, list) else ""


def _consent(seen: Seen) -> list[str]:
    if seen.get("purpose"):
        return [_("not marketing: it needs no consent")]
    return [_("agreed to: {channels}").format(channels=_channels(seen.get("channels")))]


def _suppression(seen: Seen) -> list[str]:
    said = [_("reaches them: {channels}").format(channels=_channels(seen.get("channels")))]
    if seen.get("age_from"):
        said.append(_("only from {age} years of age").format(age=seen["age_from"]))
    return said


def _pause(seen: Seen) -> list[str]:
    count = seen.get("pauses") or 0
    if not count:
        return [_("nothing is open")]
    said = ngettext(
        "{count} is open, which does not stop this message", "{count} are open, which does not stop this message", count
    )
    return [said.format(count=count)]


def _stock(seen: Seen) -> list[str]:
    said = [_("not there: {skus}").format(skus=listed(seen["missing"]))] if seen.get("missing") else []
    return said + ([_("it names: {skus}").format(skus=listed(seen["left"]))] if seen.get("left") else [])


def _cap(seen: Seen) -> list[str]:
    count = len(seen.get("gives_way") or ())
    said = ngettext("{count} message that is worth less gives way", "{count} that are worth less give way", count)
    return [said.format(count=count)] if count else []


def _quiet_hours(seen: Seen) -> list[str]:
    first, last = seen["waking"]
    return [_("between {first}:00 and {last}:00 ({zone})").format(first=first, last=last, zone=seen.get("zone", ""))]


def _best_hour(seen: Seen) -> list[str]:
    own = _("their own usual hour") if seen.get("is_own") else _("the usual hour of the shop's customers")
    return [moment(dt.datetime.fromisoformat(seen["at"])), own]


def _channel(seen: Seen) -> list[str]:
    chosen = str(CHANNEL_WORDS.get(seen.get("chosen", ""), seen.get("chosen", "")))
    others = [one for one in seen.get("ranked") or () if one != seen.get("chosen")]
    return [chosen, _("before {channels}").format(channels=_channels(others)) if others else ""]


def _offer(seen: Seen) -> list[str]:
    if seen.get("chosen"):
        return [str(seen["chosen"])]
    return [_("none of {offers}").format(offers=listed(seen["ladder"]))] if seen.get("ladder") else []


def _holdout(seen: Seen) -> list[str]:
    if seen.get("of") == "global":
        return [_("belongs to those who get no marketing, to measure all of it")]
    return [_("belongs to those kept back here, to measure it")] if seen.get("of") else []


_SAID: Final[Mapping[str, Callable[[Seen], list[str]]]] = {
    "consent": _consent,
    "suppression": _suppression,
    "pause": _pause,
    "stock": _stock,
    "cap": _cap,
    "quiet_hours": _quiet_hours,
    "best_hour": _best_hour,
    "channel": _channel,
    "offer": _offer,
    "holdout": _holdout,
}
