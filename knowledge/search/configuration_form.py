"""How questions are searched, as the sandbox tries and saves it."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from knowledge.models import RetrievalConfiguration
from knowledge.search.configuration import Configuration, configured


class ConfigurationForm(forms.ModelForm):
    class Meta:
        model = RetrievalConfiguration
        fields = ("rerank", "min_score", "language_boost", "category_boost", "note")
        labels: ClassVar = {
            "rerank": "Rerank the best candidates",
            "min_score": "Minimum score",
            "language_boost": "Same language",
            "category_boost": "Same category",
            "note": "What changed, and why",
        }
        widgets: ClassVar = {
            "min_score": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
            "language_boost": forms.NumberInput(attrs={"min": 1, "max": 3, "step": 0.05}),
            "category_boost": forms.NumberInput(attrs={"min": 1, "max": 3, "step": 0.05}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, least, most in (("min_score", 0, 1), ("language_boost", 1, 3), ("category_boost", 1, 3)):
            self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]

    def values(self) -> Configuration:
        """What the form holds, once it is valid, for the configured models; saved nowhere."""
        known = self.cleaned_data
        boosts = known["language_boost"], known["category_boost"]
        return Configuration(configured(), known["min_score"], known["rerank"], *boosts)
