"""Posts on pages and in rooms: what waits, what went, and a form for the next."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.messaging.accounts import list_accounts
from reorder.domain.messaging.channels import get_card
from reorder.domain.messaging.posts import list_posts
from reorder.domain.staff.rules import Ability
from reorder.flows import outbox
from reorder.flows.outbox import NewPost
from reorder.kernel import clock
from reorder.kernel.errors import NotFound, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import MomentField, SetupForm

_SHOWN = dt.timedelta(days=60)
_UNPROCESSABLE = 422


class PostForm(SetupForm):
    """One post for a page or room."""

    account = forms.ChoiceField(label=gettext_lazy("Posted to"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}))
    link = forms.URLField(label=gettext_lazy("Link"), required=False, max_length=1_000, assume_scheme="https")
    send_after = MomentField(
        label=gettext_lazy("When"), required=False, help_text=gettext_lazy("In the shop's time zone. Empty: at once.")
    )

    def __init__(self, *args: Any, accounts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = accounts  # type: ignore[attr-defined]

    def given(self, *, moment: dt.datetime) -> NewPost:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return NewPost(
            account_id=int(cleaned["account"]),
            title=cleaned["title"],
            text=cleaned["text"],
            link=cleaned["link"],
            send_after=cleaned["send_after"] or moment,
        )


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    return _show(request, PostForm(accounts=_choices()))


@desk(Ability.EDIT_MARKETING, method="POST")
def plan(request: HttpRequest) -> HttpResponse:
    form = PostForm(request.POST, accounts=_choices())
    if not form.carry_out(
        lambda: outbox.plan_post(post=form.given(moment=clock.current_moment()), actor=get_actor(request))
    ):
        return _show(request, form)
    messages.success(request, _("The post is planned."))
    return redirect("sending:posts")


@desk(Ability.EDIT_MARKETING, method="POST")
def stop(request: HttpRequest, post_id: int) -> HttpResponse:
    return _change(request, outbox.stop_post, post_id, said=_("The post does not go."))


@desk(Ability.EDIT_MARKETING, method="POST")
def again(request: HttpRequest, post_id: int) -> HttpResponse:
    return _change(request, outbox.post_again, post_id, said=_("It is posted once more."))


def _change(request: HttpRequest, change: Any, post_id: int, *, said: str) -> HttpResponse:
    try:
        change(post_id=post_id, actor=get_actor(request), moment=clock.current_moment())
        messages.success(request, said)
    except NotFound as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    return redirect("sending:posts")


def _choices() -> list[tuple[str, str]]:
    rows = list_accounts(is_active=True)
    return [(str(row.id), row.name) for row in rows if get_card(provider=row.provider).posts]


def _show(request: HttpRequest, form: PostForm) -> HttpResponse:
    moment = clock.current_moment()
    context = {
        "tab": "sending",
        "form": form,
        "has_accounts": bool(form.fields["account"].choices),  # type: ignore[attr-defined]
        "rows": list_posts(since=moment - _SHOWN, until=moment + _SHOWN)[::-1],
    }
    return render(request, "marketing/sending/posts.html", context, status=_UNPROCESSABLE if form.is_bound else 200)
