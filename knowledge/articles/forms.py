"""The author's form: fields, Markdown with preview, and a check that nobody overwrites a colleague's text."""

from copy import copy
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web.public_site import NAMES
from knowledge.articles.publishing import conflicting_revision
from knowledge.models import Article


class ArticleForm(forms.ModelForm):
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label=gettext_lazy("What changed"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Shown in the list of revisions."),
    )

    class Meta:
        model = Article
        fields = (
            *("title", "body_md", "category", "audience", "tags", "language", "product_version"),
            *("owner", "review_by", "expires_at", "translation_of"),
        )
        widgets = {
            "body_md": forms.Textarea(
                attrs={
                    "rows": 28,
                    "spellcheck": "true",
                    "data-preview": reverse_lazy("admin:knowledge_article_preview"),
                    "data-checks": reverse_lazy("admin:knowledge_article_checks"),
                    "data-images": reverse_lazy("admin:knowledge_article_image"),
                    "aria-keyshortcuts": "Control+B Control+I Control+K",
                }
            ),
            "title": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
            "review_by": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "expires_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        }
        field_classes = {"expires_at": forms.DateTimeField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        newest = self.instance.revisions.first() if self.instance.pk else None
        self.initial["based_on"] = newest.number if newest else 0
        self.fields["body_md"].widget.attrs["data-article"] = self.instance.pk or ""
        self.fields["language"].widget.attrs["list"] = "kb-languages"
        self.fields["owner"].label_from_instance = lambda person: person.name  # type: ignore[attr-defined]
        self.fields["category"].widget.attrs["list"] = "kb-categories"
        self.languages = sorted(NAMES.items())
        self.categories = Article.objects.exclude(category="").order_by("category").values_list("category", flat=True)

    def clean_language(self) -> str:
        return self.cleaned_data["language"].lower()

    def clean_translation_of(self) -> Article | None:
        """All translations of one article point to the same original."""
        original = self.cleaned_data.get("translation_of")
        if original is None:
            return None
        if original.pk == self.instance.pk:
            raise forms.ValidationError(_("An article cannot be a translation of itself."))
        if self.instance.pk and self.instance.translations.exists():
            raise forms.ValidationError(_("This article has translations itself, so it cannot be a translation."))
        return original.translation_of or original

    def clean(self) -> dict[str, Any]:
        """Runs inside the admin's transaction, which holds the article's lock until the save."""
        values = super().clean() or self.cleaned_data
        newest = conflicting_revision(
            self.instance, values.get("based_on"), values.get("title", ""), values.get("body_md", "")
        )
        if newest:
            # Saving again is then a decision. Both texts stay as revisions.
            data = copy(self.data)  # the request's own is read-only
            data["based_on"] = str(newest.number)  # type: ignore[index]
            self.data = data
            text = _(
                "%(name)s saved revision %(number)d while you were writing. Your text is still below, but not saved. "
                "Compare the two under “Revisions”, copy what you need, then save again."
            )
            name = getattr(newest.author, "name", "") or _("Somebody")
            raise forms.ValidationError(text % {"name": name, "number": newest.number}, code="conflict")
        return values
