"""Evaluations that were kept."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EvaluationRun(models.Model):
    """What one run of an evaluation measured; copilot/evaluation/runs.py is the only writer.

    With the files of cases that ship, or with one of the team's own; the cases' first words are copied here.
    """

    class Kind(models.TextChoices):
        DRAFTS = "drafts", _("Drafts")
        GROUNDING = "grounding", _("Check of sentences")

    kind = models.CharField(max_length=10, choices=Kind)
    model = models.CharField(max_length=120)
    model_sha256 = models.CharField(max_length=64, blank=True, help_text="empty if another server does not give it")
    prompts = models.JSONField(default=dict, help_text="name of the step -> version of its prompt")
    case_file = models.CharField(max_length=120, help_text="its name")
    case_hash = models.CharField(max_length=12, help_text="of its contents: another hash means other cases")
    figures = models.JSONField(help_text="as the command printed them")
    threshold = models.FloatField(null=True, help_text="the one in use then")
    curve = models.JSONField(
        help_text="what other thresholds would do: [threshold, share kept, share of the wrong kept]"
    )
    cases = models.JSONField(help_text="of each case: id, kind, text, and what became of it")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "-id"], name="evaluation_kind")]

    def __str__(self) -> str:
        return f"{self.kind} with {self.model}"
