"""What waits for a person in marketing, as cards: the most urgent first; what is calm has no card."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.insights.deliverability import WayRow
from reorder.insights.marketing_desk import Standing
from reorder.insights.tonight import Coming
from reorder.kernel.formatting import format_units


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingCard:
    """One thing to act on: what, how much, and where."""

    title: str
    figure: str
    note: str
    url: str
    action: str
    is_urgent: bool = False


def list_cards(*, standing: Standing, coming: Coming, ways: list[WayRow]) -> list[MarketingCard]:
    """Faults first, then what waits for a word, then what goes anyway."""
    found = [*_faults(standing, ways), *_waiting(standing), *_going(coming)]
    return sorted(found, key=lambda card: not card.is_urgent)


def _faults(standing: Standing, ways: list[WayRow]) -> list[MarketingCard]:
    cards = []
    broken = [way for way in ways if way.is_active and (way.rests_until or way.check_fault)]
    if broken:
        cards.append(
            MarketingCard(
                title=_("Channels that do not send"),
                figure=format_units(len(broken)),
                note=", ".join(way.name for way in broken[:3]),
                url=reverse("sending:index"),
                action=_("See what they answered"),
                is_urgent=True,
            )
        )
    if standing.ways_failed:
        cards.append(
            MarketingCard(
                title=_("Ways through journeys that failed"),
                figure=format_units(standing.ways_failed),
                note=_("in the last seven days"),
                url=reverse("journeys:index"),
                action=_("Look at them"),
                is_urgent=True,
            )
        )
    return cards


def _waiting(standing: Standing) -> list[MarketingCard]:
    cards = []
    if standing.campaigns_submitted:
        cards.append(
            MarketingCard(
                title=_("Campaigns that wait for your word"),
                figure=format_units(standing.campaigns_submitted),
                note=_("somebody else wrote them"),
                url=f"{reverse('campaigns:index')}?tab=submitted",
                action=_("Read them"),
            )
        )
    if standing.templates_waiting:
        cards.append(
            MarketingCard(
                title=_("Content that waits for your word"),
                figure=format_units(standing.templates_waiting),
                note=ngettext("version of a template", "versions of templates", standing.templates_waiting),
                url=reverse("content:index"),
                action=_("Read it"),
            )
        )
    return cards


def _going(coming: Coming) -> list[MarketingCard]:
    if not coming.planned_count:
        return []
    unapproved = coming.unapproved_count if settings.REORDER.message_approval else 0
    note = (
        _("of {count} messages in the coming 24 hours").format(count=format_units(coming.planned_count))
        if unapproved
        else ngettext("message goes in the coming 24 hours", "messages go in the coming 24 hours", coming.planned_count)
    )
    return [
        MarketingCard(
            title=_("To be let go") if unapproved else _("Going out"),
            figure=format_units(unapproved or coming.planned_count),
            note=note,
            url=reverse("tonight:index"),
            action=_("Who gets what"),
        )
    ]
