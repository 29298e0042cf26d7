"""The list of campaigns, and one with what it is expected to bring and what became of it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.campaigns import CampaignRow
from reorder.domain.staff.rules import Ability
from reorder.flows import campaigns
from reorder.insights import campaign_pages
from reorder.kernel import clock
from reorder.kernel.formatting import format_amount
from reorder.kernel.money import minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.marketing.campaigns import words
from reorder.web.marketing.campaigns.forms import CampaignForm, first_values, initial_of
from reorder.web.marketing.results.holding import sight_sentence
from reorder.web.marketing.segments.ready_words import say_segments
from reorder.web.marketing.template_names import say_templates


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """Open campaigns by their day, or those that are over."""
    tab = "over" if request.GET.get("tab") == "over" else "open"
    rows = campaign_pages.list_campaign_rows(tab=tab)
    waits = sum(row.state == "submitted" for row in rows)
    state = ngettext("{count} campaign", "{count} campaigns", len(rows)).format(count=len(rows))
    if waits:
        said = ngettext("{count} waits to be let go", "{count} wait to be let go", waits).format(count=waits)
        state = _("; ").join([state, said])
    context = {
        "tab": "campaigns",
        "shown": tab,
        "rows": [{"row": row, "state": words.STATES[row.state]} for row in rows],
        "state": _("{facts}.").format(facts=state),
        "may_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/campaigns/index.html", context)


@desk(Ability.EDIT_MARKETING)
def new(request: HttpRequest) -> HttpResponse:
    """An empty form."""
    moment = clock.current_moment()
    choices = campaign_pages.list_choices(moment=moment)
    form = CampaignForm(choices=choices, has_code=False, initial=first_values(moment=moment))
    return render(request, "marketing/campaigns/edit.html", {"tab": "campaigns", "form": form})


@desk(Ability.EDIT_MARKETING)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a draft."""
    page = campaign_pages.get_campaign_page(actor=get_actor(request), code=code)
    choices = campaign_pages.list_choices(moment=clock.current_moment())
    form = CampaignForm(choices=choices, has_code=True, initial=initial_of(row=page.row))
    context = {"tab": "campaigns", "form": form, "row": page.row, "seen": page.row.changed_at.isoformat()}
    return render(request, "marketing/campaigns/edit.html", context)


@desk(Ability.VIEW_MARKETING)
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One campaign."""
    return show_page(request, code=code)


def show_page(request: HttpRequest, *, code: str, fault: str = "", status: int = 200) -> HttpResponse:
    """The page of a campaign, with what was refused where something was."""
    actor = get_actor(request)
    page = campaign_pages.get_campaign_page(actor=actor, code=code)
    row = page.row
    is_before = row.state in {"draft", "submitted", "scheduled"}
    expected = campaigns.expect(terms=row.terms, moment=clock.current_moment()) if is_before else None
    context = {
        "tab": "campaigns",
        "page": page,
        "row": row,
        "terms": row.terms,
        "state": _sentence(row),
        "state_word": words.STATES[row.state],
        "expected": expected,
        "money": _money(expected),
        "expected_sight": sight_sentence(judged=expected.sight) if expected and expected.sight else "",
        "outcomes": [(said, row.outcomes[name]) for name, said in words.OUTCOMES.items() if row.outcomes.get(name)],
        **_names(row),
        "timing": dict(words.TIMINGS)[row.terms.timing],
        "stock_rule": dict(words.STOCK_RULES)[row.terms.stock_rule],
        "channels": [dict(words.CHANNELS)[name] for name in row.terms.channels if name in dict(words.CHANNELS)],
        "actions": _actions(page, actor_name=actor.name),
        "fault": fault,
    }
    return render(request, "marketing/campaigns/show.html", context, status=status)


def _sentence(row: CampaignRow) -> str:
    if row.state in {"sending", "sent"} and row.audience_count:
        return _("{done} of about {all} people were decided about.").format(
            done=f"{row.decided_count:,}", all=f"{row.audience_count:,}"
        )
    return str(words.STATES[row.state])


def _names(row: CampaignRow) -> dict[str, Any]:
    """What its terms name, as people call it."""
    terms, choices = row.terms, campaign_pages.list_choices(moment=clock.current_moment())
    segments, offers = dict(say_segments(choices=choices.segment_names)), dict(choices.offers)
    templates = dict(say_templates(choices=choices.templates))
    return {
        "template_name": templates.get(terms.template_code, terms.template_code),
        "segments": [(code, segments.get(code, code)) for code in terms.segments],
        "excluded": [segments.get(code, code) for code in terms.excluded_segments],
        "offers": [offers.get(code, code) for code in terms.offers],
    }


def _money(expected: campaigns.Expectation | None) -> dict[str, str]:
    if expected is None:
        return {}
    currency = settings.REORDER.currency
    margin, unit = expected.margin_minor, 10 ** minor_digits(currency=currency)
    return {
        "cost": format_amount(expected.cost_minor / unit, currency=currency),
        "margin": "" if margin is None else format_amount(margin / unit, currency=currency),
    }


def _actions(page: campaign_pages.CampaignPage, *, actor_name: str) -> list[str]:
    """What this person may do now, the likeliest first."""
    row, found = page.row, []
    needs_second = settings.REORDER.message_approval
    if row.state == "draft" and page.may_edit:
        found.append("submit" if needs_second else "schedule")
    if row.state == "submitted" and page.may_approve and actor_name not in {row.created_by, row.submitted_by}:
        found.append("approve")
    if row.state in {"submitted", "scheduled"} and page.may_edit:
        found.append("take_back")
    if page.may_edit and (row.is_open or (row.state == "sent" and page.counts.planned)):
        found.append("cancel")
    return found


def context_of_refused(form: Any, *, row: CampaignRow | None, seen: str) -> dict[str, Any]:
    """The form again, with what is wrong beside its fields."""
    return {"tab": "campaigns", "form": form, "row": row, "seen": seen}
