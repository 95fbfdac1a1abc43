"""The search settings, to be tried and saved under "Try a search"."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from knowledge.models import RetrievalConfiguration
from knowledge.search.configuration import Configuration, configured


class ConfigurationForm(forms.ModelForm):
    class Meta:
        model = RetrievalConfiguration
        fields = ("rerank", "min_score", "language_boost", "category_boost", "note")
        labels: ClassVar = {
            "rerank": _("Rerank the best candidates"),
            "min_score": _("Minimum score"),
            "language_boost": _("Same language"),
            "category_boost": _("Same category"),
            "note": _("What changed, and why"),
        }
        widgets: ClassVar = {
            "min_score": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
            "language_boost": forms.NumberInput(attrs={"min": 1, "max": 3, "step": 0.05}),
            "category_boost": forms.NumberInput(attrs={"min": 1, "max": 3, "step": 0.05}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, lowest, highest in (("min_score", 0, 1), ("language_boost", 1, 3), ("category_boost", 1, 3)):
            self.fields[name].validators += [MinValueValidator(lowest), MaxValueValidator(highest)]

    def values(self) -> Configuration:
        """The form's settings for the models that run now; nothing is saved. The form must be valid."""
        known = self.cleaned_data
        boosts = known["language_boost"], known["category_boost"]
        return Configuration(configured(), known["min_score"], known["rerank"], *boosts)
