"""Law and custom: what holds for marketing, the words that people agree to, topics, and addresses nobody writes to."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.catalog.categories import list_sensitive_categories
from reorder.domain.messaging.compliance import TEXT_KINDS, get_policy, get_policy_row, latest_texts
from reorder.domain.messaging.preferences import list_topics
from reorder.domain.messaging.suppressing import list_suppressions
from reorder.domain.messaging.topic_rules import TopicRow
from reorder.domain.staff.rules import Ability
from reorder.flows import consenting
from reorder.flows.shop_links import shop_address
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.setup.compliance_forms import PolicyForm, TopicForm, initial_of, topic_initial
from reorder.web.setup.pages import show_form

_manage = Ability.MANAGE_CHANNELS
_LANGUAGES: Final = ("en", "zh-hant")
CAUSE_TEMPLATES: Final = {
    "erased": "erased",
    "complained": "complained",
    "bounced": "does not exist",
    "by_person": "by a person",
}


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request)


@desk(_manage, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Lay down what holds from now on."""
    form = PolicyForm(request.POST)
    if not form.carry_out(
        lambda: consenting.lay_down_policy(
            policy=form.policy(dkim_selectors=get_policy().dkim_selectors),
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    ):
        return _draw(request, form=form, status=422)
    messages.success(request, _("Saved. It holds from the next message on."))
    return redirect("setup:compliance")


@desk(_manage, method="POST")
def save_texts(request: HttpRequest) -> HttpResponse:
    """New words that people agree to are a new version; who agreed to earlier ones is not touched."""
    given = {
        (kind, language): request.POST.get(f"{kind}-{language}", "") for kind in TEXT_KINDS for language in _LANGUAGES
    }
    try:
        consenting.lay_down_texts(
            texts={place: text for place, text in given.items() if text.strip()},
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    except BadInput as fault:
        return _draw(request, fault=explain_error(error=fault, translate=_), status=422)
    messages.success(request, _("Saved. Sign-ups from now on name this version."))
    return redirect("setup:compliance")


@desk(_manage)
def add_topic(request: HttpRequest) -> HttpResponse:
    return _show_topic(request, TopicForm(initial={"is_active": True, "position": 5}), code="")


@desk(_manage)
def topic(request: HttpRequest, code: str) -> HttpResponse:
    row = next((one for one in list_topics(is_active_only=False) if one.code == code), None)
    if row is None:
        raise Http404
    form = TopicForm(initial=topic_initial(row))
    return _show_topic(request, form, code=code)


@desk(_manage, method="POST")
def save_topic(request: HttpRequest) -> HttpResponse:
    form = TopicForm(request.POST)
    if not form.carry_out(lambda: consenting.lay_down_topic(topic=form.topic(), decided_by=get_actor(request).name)):
        return _show_topic(request, form, code="")
    messages.success(request, _("Saved. People choose it from now on."))
    return redirect("setup:compliance")


def _show_topic(request: HttpRequest, form: TopicForm, *, code: str) -> HttpResponse:
    if code:
        form.fields["code"].widget.attrs["readonly"] = "readonly"
    return show_form(
        request=request,
        form=form,
        title=_("Topic"),
        eyebrow=_("Law and consent"),
        back="setup:compliance",
        action="setup:save_topic",
        button=_("Save the topic"),
    )


def _draw(request: HttpRequest, *, form: PolicyForm | None = None, fault: str = "", status: int = 200) -> HttpResponse:
    language = translation.get_language() or "en"
    row, known, topics = get_policy_row(), latest_texts(), list_topics(is_active_only=False)
    places = [(kind, one) for kind in TEXT_KINDS for one in _LANGUAGES]
    context: dict[str, Any] = {
        "form": form or PolicyForm(initial=initial_of(row.policy)),
        "fault": fault,
        "row": row,
        "texts": [{"kind": kind, "language": one, "row": known.get((kind, one))} for kind, one in places],
        "topics": [(one, *one.named(language=language)) for one in topics],
        "suppressions": [(one, _(CAUSE_TEMPLATES[one.cause])) for one in list_suppressions(limit=20)],
        "sensitive": [one.name for one in list_sensitive_categories()],
        "snippet": _snippet(topics=topics, minimum_age=row.policy.minimum_age),
        "has_address": bool(settings.REORDER.public_url),
    }
    return render(request, "setup/compliance.html", context, status=status)


def _snippet(*, topics: Sequence[TopicRow], minimum_age: int) -> str:
    """A form for the shop's own pages, as text to copy."""
    return render_to_string(
        "setup/sign_up_snippet.txt",
        {
            "action": f"{shop_address()}/u/sign-up/",
            "topics": [(one.code, one.name) for one in topics if one.is_active],
            "minimum_age": minimum_age,
            "shop": settings.REORDER.shop_name,
        },
    )
