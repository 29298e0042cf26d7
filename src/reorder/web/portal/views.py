"""The link of a mail: GET shows choices (scanners open links), POST acts, also when a mail program posts by itself.

The pages name neither person nor address: whoever a mail is forwarded to learns nothing from them.
"""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from reorder.domain.messaging.compliance import find_text, get_policy
from reorder.domain.messaging.consents import SIGN_UP_LASTS
from reorder.domain.messaging.errors import BadUnsubscribeToken, SignUpUseless
from reorder.domain.messaging.preferences import list_topics
from reorder.flows import consenting
from reorder.flows.consenting import Choices, WantedNews
from reorder.flows.portal.errors import TooManyTries
from reorder.flows.repeat_cycle.wording import language_of
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.middleware import LANGUAGES, address_of
from reorder.web.portal.words import CHANNEL_TEMPLATES

ONE_CLICK: Final = "one click in the mail program"
LINK: Final = "link in a mail"
_METHODS: Final = ("GET", "HEAD", "POST")
# How often at most, as the page offers it; empty: as the shop does.
_WEEKLY: Final = ("1", "2", "3")


# A mail program posts by itself, without cookie and token (RFC 8058); the mark in the address is the proof.
@csrf_exempt
@never_cache
def unsubscribe(request: HttpRequest, mark: str) -> HttpResponse:
    """Show what the person chose so far, or do what the button says."""
    if request.method not in _METHODS:
        return HttpResponseNotAllowed(list(_METHODS))
    moment = clock.current_moment()
    try:
        said = _act(request, mark=mark) if request.method == "POST" else ""
        centre = consenting.open_centre(mark=mark, moment=moment)
    except BadUnsubscribeToken:
        return _answer(request, "unsubscribe", language=settings.REORDER.language, status=404, step="bad")
    if said == "refused":
        return _answer(request, "unsubscribe", language=centre.language, step="done")
    with translation.override(centre.language):
        channels = [
            (channel, _(CHANNEL_TEMPLATES[channel]), is_granted) for channel, is_granted in centre.channels.items()
        ]
    return _answer(
        request,
        "preferences",
        language=centre.language,
        centre=centre,
        channels=channels,
        weekly=_WEEKLY,
        per_week=str(centre.messages_per_week or ""),
        said=said,
        mark=mark,
    )


def _act(request: HttpRequest, *, mark: str) -> str:
    moment, wish = clock.current_moment(), request.POST.get("do", "")
    if request.POST.get("List-Unsubscribe") == "One-Click":
        consenting.refuse_mail(mark=mark, source=ONE_CLICK, moment=moment)
        return "refused"
    if wish == "rest":
        consenting.rest_from_news(mark=mark, moment=moment)
        return "rests"
    if wish == "end_rest":
        consenting.end_rest(mark=mark, moment=moment)
        return "goes_on"
    if wish != "save":
        consenting.refuse_news(mark=mark, source=LINK, moment=moment)
        return "refused"
    per_week = request.POST.get("per_week", "")
    choices = Choices(
        topics=request.POST.getlist("topic"),
        channels=request.POST.getlist("channel"),
        messages_per_week=int(per_week) if per_week in _WEEKLY else None,
        language=LANGUAGES.get(request.POST.get("language", ""), ""),
    )
    consenting.save_choices(mark=mark, choices=choices, moment=moment)
    return "saved"


# The form may stand on any page of the shop, which has no token of ours; a mail is the proof, not the form.
@csrf_exempt
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """The form to sign up for news, and where forms on the shop's own pages send to."""
    if request.method not in _METHODS:
        return HttpResponseNotAllowed(list(_METHODS))
    language = _language(request)
    if request.method != "POST":
        return _form(request, language=language)
    # A field that no person sees: whoever fills it in is a program, and gets the same answer.
    if not request.POST.get("website"):
        try:
            consenting.ask_for_news(
                wanted=_wanted(request, language=language),
                client=address_of(request),
                moment=clock.current_moment(),
            )
        except (BadInput, TooManyTries) as fault:
            return _form(request, language=language, fault=fault)
    step = "look" if get_policy().has_double_opt_in else "signed_up"
    return _answer(request, "unsubscribe", language=language, step=step)


@csrf_exempt
@never_cache
def confirm_sign_up(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of the mail; the button agrees, not opening it."""
    if request.method not in _METHODS:
        return HttpResponseNotAllowed(list(_METHODS))
    moment = clock.current_moment()
    try:
        said = consenting.look_at_sign_up(secret=secret, moment=moment)
        if request.method == "POST":
            consenting.confirm_news(secret=secret, client=address_of(request), moment=moment)
    except SignUpUseless:
        return _answer(request, "unsubscribe", language=_language(request), status=404, step="too_late")
    language = language_of(customer_language=said, shop_language=settings.REORDER.language)
    step = "signed_up" if request.method == "POST" else "agree"
    text = find_text(kind="signup", language=language)
    return _answer(request, "unsubscribe", language=language, step=step, text=text.text if text else "")


def _wanted(request: HttpRequest, *, language: str) -> WantedNews:
    given = request.POST
    return WantedNews(
        address=given.get("email", "")[:260],
        has_agreed=given.get("agree") == "yes",
        name=given.get("name", ""),
        language=language,
        topics=given.getlist("topic"),
        source=given.get("source", "").strip()[:80] or "sign-up form",
        is_old_enough=given.get("of_age") == "yes",
    )


def _form(request: HttpRequest, *, language: str, fault: ReorderError | None = None) -> HttpResponse:
    policy, text = get_policy(), find_text(kind="signup", language=language)
    status = 200 if fault is None else 429 if isinstance(fault, TooManyTries) else 422
    with translation.override(language):
        sentence = explain_error(error=fault, translate=_) if fault else ""
    return _answer(
        request,
        "sign_up",
        language=language,
        status=status,
        fault=sentence,
        given=request.POST,
        chosen=request.POST.getlist("topic"),
        topics=[(topic.code, *topic.named(language=language)) for topic in list_topics()],
        text=text.text if text else "",
        minimum_age=policy.minimum_age,
        privacy_url=settings.REORDER.privacy_url,
        days=SIGN_UP_LASTS.days,
    )


def _language(request: HttpRequest) -> str:
    wanted = request.POST.get("language") or request.GET.get("language") or ""
    if wanted in LANGUAGES:
        return LANGUAGES[wanted]
    if request.headers.get("Accept-Language"):
        return LANGUAGES.get(translation.get_language_from_request(request), settings.REORDER.language)
    return settings.REORDER.language


def _answer(request: HttpRequest, page: str, *, language: str, status: int = 200, **context: Any) -> HttpResponse:
    with translation.override(language):
        around = {"language": language, "shop": settings.REORDER.shop_name}
        answer = render(request, f"portal/{page}.html", around | context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
