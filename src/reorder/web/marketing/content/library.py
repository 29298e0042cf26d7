"""The library: how-to, stories of the brand, news; each beside the goods and for the segments it is about."""

import re
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.marketing import content_library
from reorder.domain.marketing.content_library import Article
from reorder.domain.staff.rules import Ability
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.marketing.content.words import LANGUAGE_WORDS
from reorder.web.setup.forms import LANGUAGES, SetupForm
from reorder.web.setup.pages import show_form
from reorder.web.setup.price_forms import CodesField

_see, _edit = Ability.VIEW_MARKETING, Ability.EDIT_MARKETING
ARTICLE_KINDS: Final = {
    "how_to": gettext_lazy("How to use it"),
    "brand_story": gettext_lazy("Story of the brand"),
    "news": gettext_lazy("News of the trade"),
}


class ArticleForm(SetupForm):
    """Something worth telling."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=64,
        help_text=gettext_lazy("Small letters, digits, hyphens. The same code in another language is its translation."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(ARTICLE_KINDS.items()))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 5}))
    url = forms.CharField(label=gettext_lazy("Where the rest of it stands"), max_length=2_000, required=False)
    picture_url = forms.CharField(label=gettext_lazy("Address of a picture"), max_length=2_000, required=False)
    skus = CodesField(
        label=gettext_lazy("Beside these products (SKU)"),
        help_text=gettext_lazy("Empty here and below: beside any goods."),
    )
    category_codes = CodesField(label=gettext_lazy("Beside products of these categories (code)"))
    segment_codes = CodesField(
        label=gettext_lazy("Only for these segments (code)"), help_text=gettext_lazy("Empty: for everybody.")
    )
    is_active = forms.BooleanField(label=gettext_lazy("Messages may tell it"), required=False, initial=True)

    def article(self) -> Article:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return Article(
            code=re.sub(r"\s+", "-", given["code"].strip().lower()),
            **{name: given[name] for name in self.fields if name != "code"},
        )


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    rows = content_library.list_articles()
    context = {
        "tab": "content",
        "part": "library",
        "rows": [
            {"row": row, "kind": ARTICLE_KINDS[row.kind], "language": LANGUAGE_WORDS.get(row.language, row.language)}
            for row in rows
        ],
        "may_edit": get_actor(request).may(_edit),
    }
    return render(request, "marketing/content/library.html", context)


@desk(_edit)
def add(request: HttpRequest) -> HttpResponse:
    return _form(request, ArticleForm())


@desk(_edit, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    form = ArticleForm(request.POST)
    if not form.carry_out(
        lambda: content_library.put_article(
            article=form.article(), written_by=get_actor(request).name, moment=clock.current_moment()
        )
    ):
        return _form(request, form)
    messages.success(request, _("It is in the library."))
    return redirect("content:library")


@desk(_see)
def show(request: HttpRequest, article_code: str, language: str) -> HttpResponse:
    row = content_library.get_article(code=article_code, language=language)
    values = {name: getattr(row, name) for name in ArticleForm.base_fields}
    values |= {name: "\n".join(values[name]) for name in ("skus", "category_codes", "segment_codes")}
    return _form(request, ArticleForm(initial=values), row=row)


@desk(_edit, method="POST")
def remove(request: HttpRequest, article_code: str, language: str) -> HttpResponse:
    content_library.remove_article(code=article_code, language=language, removed_by=get_actor(request).name)
    messages.success(request, _("It is out of the library."))
    return redirect("content:library")


def _form(request: HttpRequest, form: ArticleForm, row: Article | None = None) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        template="marketing/content/article.html",
        title=row.title if row else _("New in the library"),
        action_url=reverse("content:put_article"),
        row=row,
        may_edit=get_actor(request).may(_edit),
        tab="content",
    )
