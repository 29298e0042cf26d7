"""What staff write about a customer; the flows decide whether it stands."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("Colleagues see it with your name. It is never sent to the customer."),
    )


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        help_text=_("For colleagues, for example: complaint open, abroad until spring."),
    )
    resumes_date = forms.DateField(
        label=_("Resume on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("The first day on which reminders may go out again. Empty: until somebody resumes them."),
    )

    @property
    def chosen_date(self) -> dt.date | None:
        day = self.cleaned_data["resumes_date"]
        return day if isinstance(day, dt.date) else None
