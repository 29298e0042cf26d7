"""The domain that mail comes from: what stands in DNS, and what to change there."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.messaging.compliance import get_policy
from reorder.domain.staff.rules import Ability
from reorder.flows import consenting, mail_domain
from reorder.flows.mail_domain import Finding
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.setup.compliance_forms import words_of

_manage = Ability.MANAGE_CHANNELS
KIND_TEMPLATES: Final = {
    "spf": "SPF: who may send",
    "dkim": "DKIM: signature",
    "dmarc": "DMARC: what receivers do",
    "mx": "MX: answers",
    "bimi": "BIMI: logo",
}


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    """What to do; nothing is asked of DNS by opening the page."""
    return _draw(request, findings=[])


@desk(_manage, method="POST")
def check(request: HttpRequest) -> HttpResponse:
    """Ask DNS now."""
    done = mail_domain.check_mail_domain()
    return _draw(request, findings=[_shown(one) for one in done.findings], is_ready=done.is_ready)


@desk(_manage, method="POST")
def save_selectors(request: HttpRequest) -> HttpResponse:
    """Keep the names of our DKIM keys."""
    consenting.keep_selectors(
        selectors=words_of(request.POST.get("selectors", ""))[:10],
        decided_by=get_actor(request).name,
        moment=current_moment(),
    )
    messages.success(request, _("Saved."))
    return redirect("setup:mail_domain")


def _draw(request: HttpRequest, *, findings: list[dict[str, str]], is_ready: bool = False) -> HttpResponse:
    context = {
        "domain": settings.REORDER.mail_from.rpartition("@")[2],
        "selectors": ", ".join(get_policy().dkim_selectors),
        "findings": findings,
        "is_ready": is_ready,
    }
    return render(request, "setup/mail_domain.html", context)


def _shown(one: Finding) -> dict[str, str]:
    return {
        "kind": _(KIND_TEMPLATES[one.kind]),
        "state": one.state,
        "record": one.record,
        "said": _(one.said).format(**one.parameters),
        "found": one.found,
        "advice": _(one.advice) if one.advice else "",
        "value": one.value,
    }
