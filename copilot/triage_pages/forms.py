"""Checks what agents choose when they correct a triage. Errors are sentences that say what to do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from copilot.models import Triage
from copilot.triage.wording import URGENCIES
from tickets.models import Category
from tickets.models.categories import NO_CATEGORY

CHOOSE = _("Choose one of the categories of the list.")


class CorrectionForm(forms.Form):
    """`category`: a slug or "none". Of an undo: `was`, the category that the correction gave, and `forget`, that nobody
    had decided before it. `dismiss`, `bring_back`: the kind of a signal.

    Cleaned, `category` is missing if none was sent, and None for none of the categories.
    """

    category = forms.CharField(required=False)
    sentiment = forms.ChoiceField(
        choices=Triage.Sentiment.choices,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the sentiments of the list.")},
    )
    urgency = forms.TypedChoiceField(
        choices=[(str(each), str(each)) for each in URGENCIES],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("The urgency is a whole number from 1 to 5.")},
    )
    was = forms.CharField(required=False)
    forget = forms.BooleanField(required=False)
    dismiss = forms.CharField(required=False)
    bring_back = forms.CharField(required=False)

    def clean_category(self) -> Category | None:
        slug = self.cleaned_data["category"]
        if slug in ("", NO_CATEGORY):
            return None
        category = Category.objects.filter(slug=slug, active=True).first()
        if category is None:
            raise forms.ValidationError(CHOOSE)
        return category

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if not self.data.get("category"):
            sent.pop("category", None)
            if not self.errors and not any(map(sent.get, ("sentiment", "urgency", "dismiss", "bring_back"))):
                raise forms.ValidationError(_("Choose a category, a sentiment or an urgency."))
        return sent
